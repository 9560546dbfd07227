package dev.gatehouse.webhook;

import dev.gatehouse.webhook.rfc9421.MessageVerdict;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.SignedParts;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What matched: the key, and the reading of the request under which the signature is right. */
record MatchedSignature(
    int keyIndex,
    String keyId,
    Scheme.Variant variant,
    Scheme.Content content,
    @Nullable SignedParts signedParts,
    int urlForm,
    @Nullable Instant timestamp,
    MessageVerdict.@Nullable Accepted message) {

  /** A match under a content template. */
  MatchedSignature(
      int keyIndex,
      String keyId,
      Scheme.Variant variant,
      Scheme.Content content,
      SignedParts parts,
      int urlForm,
      @Nullable Instant timestamp) {
    this(keyIndex, keyId, variant, content, parts, urlForm, timestamp, null);
  }

  /** The parts that the content's template joins. */
  SignedParts parts() {
    if (signedParts == null) {
      throw new IllegalStateException("a message signature has no parts");
    }
    return signedParts;
  }
}
