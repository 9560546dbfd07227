package dev.gatehouse.webhook;

import dev.gatehouse.core.KeyRing;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import io.vertx.core.Future;
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
  private final boolean whole;

  private byte @Nullable [] onlyChunk;
  private @Nullable ByteArrayOutputStream chunks;
  private @Nullable RunningMac running;
  private boolean over;

  /**
   * A verification.
   *
   * @param early what the head alone decides, or null
   * @param whole whether the request is verified once it is whole, and no MAC runs along
   * @param message what judges a message signature; null for other schemes
   */
  VerificationStream(
      WebhookVerifier verifier,
      RequestHead head,
      @Nullable Verification early,
      boolean whole,
      @Nullable MessageCheck message) {
    this.verifier = verifier;
    this.keys = verifier.keys();
    this.head = head;
    this.message = message;
    this.early = early;
    this.whole = whole;
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
      running = whole ? null : verifier.beginMac(head, keys);
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
      onlyChunk = chunks.toByteArray();
      chunks = null;
    }
    return onlyChunk == null ? new byte[0] : onlyChunk;
  }

  /**
   * Ends the body and decides by the keys that are at hand: under a key that would have to be
   * fetched, the verdict is {@link RejectReason#UNKNOWN_KEY}. Verifiers with a key source are asked
   * by {@link #end}.
   */
  public Verification finish() {
    return early == null ? finish(verifier.keysAtHand(keys, head, joined())) : early;
  }

  /**
   * Ends the body and decides, once the key is there; at once where no key has to be fetched.
   *
   * @return the verdict; fails if the key could not be fetched, so that nothing was decided
   */
  public Future<Verification> end() {
    if (early != null) {
      return Future.succeededFuture(early);
    }
    return lookup().map(this::finish);
  }

  /** The keys to decide by. They may come after the request is over: then nothing is decided. */
  Future<List<KeyRing.Entry<VerifyingKey>>> lookup() {
    return verifier.findKeys(keys, head, joined());
  }

  /** Ends the body and decides by these keys. */
  Verification finish(List<KeyRing.Entry<VerifyingKey>> found) {
    if (over) {
      throw new IllegalStateException("this verification was ended before");
    }
    WebhookRequest request = head.request().withBody(joined());
    Verification verdict =
        message != null
            ? message.finish(request)
            : whole ? verifier.verify(request) : verifier.decide(head, found, running, request);
    abandon();
    return verdict;
  }

  /** Gives back what the verification holds, when the request ends without its body. */
  public void abandon() {
    over = true;
    running = null;
  }

  Headers headers() {
    return head.headers();
  }
}
