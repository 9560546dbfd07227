package dev.gatehouse.webhook;

import dev.gatehouse.webhook.rfc9421.MessageVerdict;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.SignedParts;
import dev.gatehouse.webhook.scheme.TimeRule;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What matched: the key, and the reading of the request under which the signature is right. */
record MatchedSignature(
    int keyIndex,
    String keyId,
    Scheme.Variant variant,
    Scheme.Content content,
    @Nullable SignedParts signedParts,
    int urlForm,
    MessageVerdict.@Nullable Accepted message) {

  /** A match under a content template. */
  MatchedSignature(
      int keyIndex,
      String keyId,
      Scheme.Variant variant,
      Scheme.Content content,
      SignedParts parts,
      int urlForm) {
    this(keyIndex, keyId, variant, content, parts, urlForm, null);
  }

  /** The parts that the content's template joins. */
  SignedParts parts() {
    if (signedParts == null) {
      throw new IllegalStateException("a message signature has no parts");
    }
    return signedParts;
  }

  /** The signed time, read again from its text: few ask for it. */
  Optional<Instant> timestamp() {
    if (message != null) {
      return message.input().created().stream().mapToObj(Instant::ofEpochSecond).findFirst();
    }
    TimeRule rule = variant.time();
    String text = parts().time();
    return rule == null || text == null ? Optional.empty() : rule.unit().parse(text);
  }

  /** The same with a time that was found in the body. */
  MatchedSignature at(String time) {
    return new MatchedSignature(keyIndex, keyId, variant, content, parts().withTime(time), urlForm);
  }
}
