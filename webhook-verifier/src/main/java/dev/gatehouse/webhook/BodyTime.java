package dev.gatehouse.webhook;

import dev.gatehouse.webhook.scheme.TimeRule;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The time that stands in a body whose signature was found right, judged like one in a header.
 *
 * @param timestamp the time; the epoch if it has a flaw
 * @param flaw why the request cannot be accepted, or null
 */
record BodyTime(Instant timestamp, @Nullable RejectReason flaw) {
  /** Reads it from the scalars of the body. */
  static BodyTime read(RequestHead head, Map<String, String> json) {
    TimeRule rule = Objects.requireNonNull(head.variant().time());
    String text = json.get(rule.in().name());
    if (text == null) {
      return new BodyTime(Instant.EPOCH, RejectReason.MISSING_TIMESTAMP);
    }
    Optional<Instant> time = rule.unit().parse(text);
    if (time.isEmpty()) {
      return new BodyTime(Instant.EPOCH, RejectReason.MALFORMED_TIMESTAMP);
    }
    return new BodyTime(time.get(), head.outsideWindow(rule, time.get()));
  }

  /** The body without its time: a retry is given a new one, and is the same delivery. */
  static byte[] leftOut(VerifiedWebhook webhook) {
    TimeRule rule = Objects.requireNonNull(webhook.matched().variant().time());
    return JsonScalars.without(webhook.bodyBytes(), rule.in().name());
  }
}
