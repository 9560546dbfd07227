package dev.gatehouse.webhook;

import dev.gatehouse.core.Secret;
import dev.gatehouse.webhook.Explain.Finding;
import dev.gatehouse.webhook.rfc9421.HttpMessage;
import dev.gatehouse.webhook.rfc9421.MessageRefusal;
import dev.gatehouse.webhook.rfc9421.MessageRefusal.Flaw;
import dev.gatehouse.webhook.scheme.MessageRule;
import dev.gatehouse.webhook.scheme.Scheme;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Why an HTTP message signature (RFC 9421) is not believed: the receiver's policy may refuse one
 * that is right.
 */
final class MessageMistakes {
  // Longer than any created lies from now: only expires can then be over.
  private static final Duration ANY_AGE = Duration.ofSeconds(1L << 60);

  private final Scheme scheme;
  private final MessageRule rule;
  private final List<Secret> secrets;
  private final Map<String, String> params;
  private final WebhookRequest request;
  private final HttpMessage message;
  private final Instant now;

  MessageMistakes(
      Scheme scheme,
      MessageRule rule,
      List<Secret> secrets,
      Map<String, String> params,
      WebhookRequest request,
      Instant now) {
    this.scheme = scheme;
    this.rule = rule;
    this.secrets = secrets;
    this.params = params;
    this.request = request;
    this.message = MessageCheck.message(request.method(), request.url(), request.headers());
    this.now = now;
  }

  /** What the policy misses in a signature that is right; empty if it is not, or is only old. */
  Optional<Finding> policy() {
    Optional<MessageRefusal> refusal = refusal(MessagePolicy.of(scheme, rule, params, ANY_AGE));
    if (refusal.isEmpty() || refusal(MessagePolicy.ofAny(scheme, rule, params)).isPresent()) {
      return Optional.empty();
    }
    Flaw flaw = refusal.get().flaw();
    return Optional.of(
        new Finding(
            "policy_" + flaw.name().toLowerCase(Locale.ROOT),
            true,
            "The signature is right, and refused: " + refusal.get().detail() + ".",
            remedy(flaw)));
  }

  /** What is wrong with the signature, where more can be said than that no key made it. */
  Optional<Finding> detail() {
    return refusal(MessagePolicy.of(scheme, rule, params, ANY_AGE))
        .filter(refusal -> refusal.flaw() != Flaw.MISMATCH)
        .map(
            refusal ->
                new Finding(
                    "message_" + refusal.flaw().name().toLowerCase(Locale.ROOT),
                    false,
                    sentence(refusal.detail()),
                    remedy(refusal.flaw())));
  }

  private static String sentence(String detail) {
    return detail.substring(0, 1).toUpperCase(Locale.ROOT) + detail.substring(1) + ".";
  }

  private Optional<MessageRefusal> refusal(MessagePolicy policy) {
    return policy.refusal(message, request.bodyBytes(), secrets, now);
  }

  private static String remedy(Flaw flaw) {
    return switch (flaw) {
      case MISSING_SIGNATURE ->
          "Look for a proxy that drops headers; where label or tag are set, set them to what the"
              + " sender uses.";
      case MISSING_COMPONENT ->
          "Have the sender cover it, or take it out of required_components if you can do without.";
      case UNUSABLE_COMPONENT ->
          "Look for a proxy that drops or changes headers, and give the URL that the sender calls.";
      case MISSING_TIME, MALFORMED_TIME ->
          "Have the sender say created, and expires after it, in seconds since the epoch.";
      case TOO_OLD, TOO_NEW ->
          "If this is a capture, judge it by the time at which it came (--now); else set the clocks"
              + " by NTP.";
      case MISSING_NONCE, MALFORMED_NONCE ->
          "Have the sender add a nonce of visible ASCII to the signature's parameters.";
      case UNKNOWN_KEY -> "Set keyid to the names that the sender uses, in the secrets' order.";
      case BODY_MISMATCH -> "Capture the raw bytes at the edge and try again with them.";
      case MALFORMED_SIGNATURE, AMBIGUOUS_SIGNATURE, UNKNOWN_ALGORITHM, MISMATCH ->
          "Compare Signature-Input, Signature and Content-Digest with RFC 9421 and RFC 9530.";
    };
  }
}
