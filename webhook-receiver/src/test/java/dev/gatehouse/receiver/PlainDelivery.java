package dev.gatehouse.receiver;

import dev.gatehouse.webhook.ClaimKey;
import dev.gatehouse.webhook.Fingerprint;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;

/** A delivery of which nothing counts but its id, which is also what it says. */
final class PlainDelivery {
  private PlainDelivery() {}

  static Incoming of(String id, Instant now, Duration known, boolean deliver) {
    byte[] bytes = id.getBytes(StandardCharsets.UTF_8);
    return new Incoming(
        ClaimKey.of("", "hook", bytes),
        Fingerprint.of(Arrays.copyOf(bytes, 32)),
        "hook",
        null,
        "github",
        "k",
        id,
        null,
        "POST",
        null,
        "{}",
        bytes,
        now,
        null,
        null,
        now.plus(known),
        deliver,
        null);
  }
}
