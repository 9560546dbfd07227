package dev.gatehouse.webhook.keys;

import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/** Keys that were configured. */
record FixedKeySource(List<PublishedKey> keys) implements KeySource {
  @Override
  public Future<List<PublishedKey>> find(KeyReference reference) {
    return Future.succeededFuture(matching(keys, reference));
  }

  @Override
  public Optional<List<PublishedKey>> atHand(KeyReference reference) {
    return Optional.of(matching(keys, reference));
  }

  static List<PublishedKey> matching(List<PublishedKey> keys, KeyReference reference) {
    return reference instanceof KeyReference.ByKid by
        ? keys.stream().filter(key -> key.id().equals(by.kid())).toList()
        : keys;
  }
}
