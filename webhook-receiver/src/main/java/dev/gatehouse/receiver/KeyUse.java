package dev.gatehouse.receiver;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** When each key of a source was last used, so that an old one can be seen to go out of use. */
final class KeyUse {
  private final Map<String, AtomicLong> lastUsed = new ConcurrentHashMap<>();

  void used(String keyId, Instant at) {
    AtomicLong last = lastUsed.get(keyId);
    if (last == null) {
      last = lastUsed.computeIfAbsent(keyId, id -> new AtomicLong());
    }
    last.set(at.toEpochMilli());
  }

  Optional<Instant> lastUsed(String keyId) {
    return Optional.ofNullable(lastUsed.get(keyId)).map(at -> Instant.ofEpochMilli(at.get()));
  }
}
