package dev.gatehouse.webhook;

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
    SignedParts parts,
    int urlForm,
    @Nullable Instant timestamp) {

  /** The same with a time that was found in the body. */
  MatchedSignature at(Instant time) {
    return new MatchedSignature(keyIndex, keyId, variant, content, parts, urlForm, time);
  }
}
