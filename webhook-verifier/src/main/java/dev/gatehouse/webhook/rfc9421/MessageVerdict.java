package dev.gatehouse.webhook.rfc9421;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What became of a message's signatures: always a value, whatever the message holds. */
public sealed interface MessageVerdict {
  /**
   * No signature is believed.
   *
   * @param refusal why; of several signatures, of the one that came furthest
   */
  record Refused(MessageRefusal refusal) implements MessageVerdict {}

  /**
   * A signature over the head is believed. The body is not, until {@link #judgeBody} was asked.
   *
   * @param keyAt the position of the key that made it
   * @param input what it covers, and its parameters
   * @param base what was signed
   * @param digest the body's digests; null if the message has none
   */
  record Accepted(
      int keyAt, SignatureInput input, SignatureBase base, @Nullable ContentDigest digest)
      implements MessageVerdict {

    /** Whether the signature covers the body, through its digest. */
    public boolean coversBody() {
      return digest != null && input.components().stream().anyMatch(SignatureComponent::coversBody);
    }

    /** Whether the signature covers a whole header field as it is written. */
    public boolean coversField(String name) {
      return input.components().stream()
          .anyMatch(c -> c.name().equalsIgnoreCase(name) && !c.has("key") && !c.has("sf"));
    }

    /** Why this is not the body that was announced; empty if it is. */
    public Optional<MessageRefusal> judgeBody(byte[] body) {
      return digest == null || digest.isOf(body)
          ? Optional.empty()
          : Optional.of(
              new MessageRefusal(
                  MessageRefusal.Flaw.BODY_MISMATCH,
                  "the body is not the one of which Content-Digest has the digest"));
    }
  }
}
