package dev.gatehouse.webhook;

import dev.gatehouse.webhook.scheme.TimeRule;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The time that stands in a body whose signature was found right, judged like one in a header. */
final class BodyTime {
  private BodyTime() {}

  /** Its text; empty if there is none. */
  static String text(RequestHead head, Map<String, String> json) {
    return json.getOrDefault(rule(head.variant().time()).in().name(), "");
  }

  /** Why it cannot be accepted, or null. */
  static @Nullable RejectReason flaw(RequestHead head, String text) {
    return text.isEmpty()
        ? RejectReason.MISSING_TIMESTAMP
        : head.checkTime(rule(head.variant().time()).unit(), text);
  }

  /** The body without its time: a retry is given a new one, and is the same delivery. */
  static byte[] leftOut(VerifiedWebhook webhook) {
    TimeRule rule = rule(webhook.matched().variant().time());
    return JsonScalars.without(webhook.rawBody(), rule.in().name());
  }

  private static TimeRule rule(@Nullable TimeRule rule) {
    return Objects.requireNonNull(rule);
  }
}
