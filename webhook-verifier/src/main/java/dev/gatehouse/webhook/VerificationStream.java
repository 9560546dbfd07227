package dev.gatehouse.webhook;

import dev.gatehouse.core.KeyRing;
import io.vertx.core.Future;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The verification of one request whose body is still coming.
 *
 * <p>{@link #early} tells what the head alone decides, and whether there is any point in reading
 * the body. Where the scheme signs the raw body, each chunk goes to the MAC of the first valid key
 * as it arrives; other keys are tried only if that one does not match. Use it from one thread at a
 * time, and end it with {@link #finish} or {@link #abandon}.
 */
public final class VerificationStream {
  private static final byte[] NO_BYTES = {};

  private final WebhookVerifier verifier;
  private final WebhookRequest request;
  private final List<KeyRing.Entry<VerifyingKey>> keys;
  private final long begunAtMillis;

  // Null until somebody asks: a request that comes in one piece may need no judge (Shortcut).
  private @Nullable HeadVerdict judged;
  private byte @Nullable [] onlyChunk;
  private @Nullable ByteArrayOutputStream chunks;
  private boolean macBegun;
  private @Nullable RunningMac running;
  private boolean over;

  VerificationStream(WebhookVerifier verifier, WebhookRequest request) {
    this.verifier = verifier;
    this.request = request;
    this.keys = verifier.keys();
    this.begunAtMillis = verifier.nowMillis();
    if (!verifier.hasShortWay()) {
      judged();
    }
  }

  /**
   * What came of a head.
   *
   * @param early what it alone decides, or null
   * @param whole whether the request is verified once it is whole, and no MAC runs along
   * @param message what judges a message signature; null for other schemes
   */
  record HeadVerdict(
      RequestHead head,
      @Nullable Verification early,
      boolean whole,
      @Nullable MessageCheck message) {}

  private HeadVerdict judged() {
    HeadVerdict known = judged;
    if (known == null) {
      known = verifier.judgeAlone(request, keys, begunAtMillis);
      judged = known;
    }
    return known;
  }

  /**
   * What the head alone decides: a refusal, or the answer to a handshake that has no body; null if
   * the body is needed.
   */
  public @Nullable Verification early() {
    return judged().early();
  }

  /**
   * Takes the next bytes of the raw body.
   *
   * @param chunk kept, not copied: do not change it
   */
  public void update(byte[] chunk) {
    if (chunk.length == 0) {
      return;
    }
    boolean isFirst = onlyChunk == null && chunks == null;
    if (isFirst && judged == null) {
      // it may be all there is
      onlyChunk = chunk;
      return;
    }
    HeadVerdict verdict = judged();
    if (verdict.early() != null) {
      return;
    }
    beginMac(verdict);
    if (isFirst) {
      onlyChunk = chunk;
    } else {
      join(chunk);
    }
    if (running != null) {
      running.update(chunk);
    }
  }

  private void beginMac(HeadVerdict verdict) {
    if (macBegun) {
      return;
    }
    macBegun = true;
    running = verdict.whole() ? null : verifier.beginMac(verdict.head(), keys);
    if (running != null && onlyChunk != null) {
      running.update(onlyChunk);
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
    return onlyChunk == null ? NO_BYTES : onlyChunk;
  }

  /**
   * Ends the body and decides by the keys that are at hand: under a key that would have to be
   * fetched, the verdict is {@link RejectReason#UNKNOWN_KEY}. Verifiers with a key source are asked
   * by {@link #end}.
   */
  public Verification finish() {
    Verification usual = usual();
    if (usual != null) {
      return usual;
    }
    HeadVerdict verdict = judged();
    return verdict.early() == null
        ? finish(verifier.keysAtHand(keys, verdict.head(), joined()))
        : verdict.early();
  }

  /**
   * Ends the body and decides, once the key is there; at once where no key has to be fetched.
   *
   * @return the verdict; fails if the key could not be fetched, so that nothing was decided
   */
  public Future<Verification> end() {
    Verification usual = usual();
    if (usual != null) {
      return Future.succeededFuture(usual);
    }
    Verification early = early();
    if (early != null) {
      return Future.succeededFuture(early);
    }
    return lookup().map(this::finish);
  }

  // Only while nobody has judged the head.
  private @Nullable Verification usual() {
    if (judged != null || over) {
      return null;
    }
    Verification usual = verifier.usual(request.withBody(joined()), keys, begunAtMillis);
    if (usual != null) {
      abandon();
    }
    return usual;
  }

  /** The keys to decide by. They may come after the request is over: then nothing is decided. */
  Future<List<KeyRing.Entry<VerifyingKey>>> lookup() {
    return verifier.findKeys(keys, judged().head(), joined());
  }

  /** Ends the body and decides by these keys. */
  Verification finish(List<KeyRing.Entry<VerifyingKey>> found) {
    if (over) {
      throw new IllegalStateException("this verification was ended before");
    }
    HeadVerdict verdict = judged();
    WebhookRequest whole = request.withBody(joined());
    MessageCheck message = verdict.message();
    Verification decided =
        message != null
            ? message.finish(whole)
            : verdict.whole()
                ? verifier.verify(whole)
                : verifier.decide(verdict.head(), found, running, whole);
    abandon();
    return decided;
  }

  /** Gives back what the verification holds, when the request ends without its body. */
  public void abandon() {
    over = true;
    running = null;
  }
}
