package dev.gatehouse.webhook;

import dev.gatehouse.core.KeyRing;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The verification of one request whose body is still coming.
 *
 * <p>The head is judged at once: {@link #early} tells whether there is any point in reading the
 * body. Where the scheme signs the raw body, each chunk goes to the MAC of the first valid key as
 * it arrives; other keys are tried only if that one does not match. Use it from one thread at a
 * time, and end it with {@link #finish} or {@link #abandon}.
 */
public final class VerificationStream {
  private final WebhookVerifier verifier;
  private final List<KeyRing.Entry<VerifyingKey>> keys;
  private final RequestHead head;
  private final @Nullable MessageCheck message;
  private final @Nullable Verification early;

  private byte @Nullable [] onlyChunk;
  private @Nullable ByteArrayOutputStream chunks;
  private @Nullable RunningMac running;
  private boolean over;

  VerificationStream(WebhookVerifier verifier, RequestHead head) {
    this.verifier = verifier;
    this.keys = verifier.keys();
    this.head = head;
    this.message = verifier.messageCheck(head, keys);
    this.early = message == null ? verifier.judge(head) : message.early();
  }

  /**
   * What the head alone decides: a refusal, or the answer to a handshake that has no body; null if
   * the body is needed.
   */
  public @Nullable Verification early() {
    return early;
  }

  /**
   * Takes the next bytes of the raw body.
   *
   * @param chunk kept, not copied: do not change it
   */
  public void update(byte[] chunk) {
    if (early != null || chunk.length == 0) {
      return;
    }
    if (onlyChunk == null && chunks == null) {
      running = RunningMac.begin(head, keys);
      onlyChunk = chunk;
    } else {
      join(chunk);
    }
    if (running != null) {
      running.update(chunk);
    }
  }

  private void join(byte[] chunk) {
    if (chunks == null) {
      chunks = new ByteArrayOutputStream();
      chunks.writeBytes(Objects.requireNonNull(onlyChunk));
      onlyChunk = null;
    }
    chunks.writeBytes(chunk);
  }

  private byte[] joined() {
    if (chunks != null) {
      return chunks.toByteArray();
    }
    return onlyChunk == null ? new byte[0] : onlyChunk;
  }

  /** Ends the body and decides. */
  public Verification finish() {
    if (early != null) {
      return early;
    }
    if (over) {
      throw new IllegalStateException("this verification was ended before");
    }
    WebhookRequest request = WebhookRequest.of(head.method(), head.url(), head.headers(), joined());
    Verification verdict =
        message == null
            ? new SignatureMatch(verifier, keys, head, running).decide(request)
            : message.finish(request);
    abandon();
    return verdict;
  }

  /** Gives back what the verification holds, when the request ends without its body. */
  public void abandon() {
    over = true;
    if (running != null) {
      running.abandon();
      running = null;
    }
  }

  Headers headers() {
    return head.headers();
  }
}
