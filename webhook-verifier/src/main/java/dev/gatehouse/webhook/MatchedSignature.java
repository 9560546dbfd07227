package dev.gatehouse.webhook;

import dev.gatehouse.webhook.rfc9421.MessageVerdict;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.SchemeShape;
import dev.gatehouse.webhook.scheme.SignedParts;
import dev.gatehouse.webhook.scheme.TimeRule;
import dev.gatehouse.webhook.scheme.ValueSource;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What matched: the key, and the reading of the request under which the signature is right; the
 * delivery's id only where the whole request was read for it.
 */
record MatchedSignature(
    int keyIndex,
    String keyId,
    Scheme.Variant variant,
    Scheme.Content content,
    @Nullable SignedParts signedParts,
    int urlForm,
    @Nullable Attested id,
    MessageVerdict.@Nullable Accepted message) {

  /** A match under a content template. */
  MatchedSignature(
      int keyIndex,
      String keyId,
      Scheme.Variant variant,
      Scheme.Content content,
      SignedParts parts,
      int urlForm) {
    this(keyIndex, keyId, variant, content, parts, urlForm, null, null);
  }

  /** A match that the whole request was read for. */
  MatchedSignature(
      int keyIndex,
      String keyId,
      Scheme.Variant variant,
      Scheme.Content content,
      SignedParts parts,
      int urlForm,
      @Nullable Attested id) {
    this(keyIndex, keyId, variant, content, parts, urlForm, id, null);
  }

  /** The parts that the content's template joins. */
  SignedParts parts() {
    if (signedParts == null) {
      throw new IllegalStateException("a message signature has no parts");
    }
    return signedParts;
  }

  /** Whether all of the body is signed. A message signature covers what its maker chose. */
  boolean coversBody(Scheme scheme) {
    return message == null ? scheme.protectsIntegrity() : message.coversBody();
  }

  /** Whether a value is signed that was read from the signature, a header or the body. */
  boolean covers(Scheme scheme, ValueSource source) {
    if (message == null) {
      return source.isInBody() && SchemeShape.isSigned(scheme, content, source);
    }
    return switch (source.kind()) {
      case ELEMENT -> true;
      case HEADER -> message.coversField(source.name());
      default -> source.isInBody() && message.coversBody();
    };
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
