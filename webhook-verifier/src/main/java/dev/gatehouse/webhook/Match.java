package dev.gatehouse.webhook;

import dev.gatehouse.webhook.scheme.ContentTemplate;
import org.jspecify.annotations.Nullable;

/** How a verified request was found to be signed. */
sealed interface Match permits Match.Judged, Shortcut.Usual {
  /** The position of the key that matched, from 0. */
  int keyIndex();

  /** The id of the key that matched. */
  String keyId();

  /** What matched, in full. */
  MatchedSignature signature();

  /** The delivery's id, if the scheme has one. */
  @Nullable Attested deliveryId();

  /**
   * SHA-256 over what {@link ContentTemplate#feedIdentity} gives, if this match knows a shorter way
   * to it.
   */
  default byte @Nullable [] identity() {
    return null;
  }

  /** What was found by judging all that the scheme says. */
  record Judged(MatchedSignature signature, @Nullable Attested deliveryId) implements Match {
    @Override
    public int keyIndex() {
      return signature.keyIndex();
    }

    @Override
    public String keyId() {
      return signature.keyId();
    }
  }
}
