package dev.gatehouse.webhook;

import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.SignedParts;
import dev.gatehouse.webhook.scheme.TimeRule;
import java.time.Instant;
import java.util.Optional;

/** What matched: the key, and the reading of the request under which the signature is right. */
record MatchedSignature(
    int keyIndex,
    String keyId,
    Scheme.Variant variant,
    Scheme.Content content,
    SignedParts parts,
    int urlForm) {
  /** The signed time, read again from its text: few ask for it. */
  Optional<Instant> timestamp() {
    TimeRule rule = variant.time();
    String text = parts.time();
    return rule == null || text == null ? Optional.empty() : rule.unit().parse(text);
  }

  /** The same with a time that was found in the body. */
  MatchedSignature at(String time) {
    return new MatchedSignature(keyIndex, keyId, variant, content, parts.withTime(time), urlForm);
  }
}
