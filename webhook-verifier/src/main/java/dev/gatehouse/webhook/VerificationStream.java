package dev.gatehouse.webhook;

import dev.gatehouse.core.KeyRing;
import dev.gatehouse.webhook.SignatureHeader.Candidate;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.scheme.Acceptance;
import dev.gatehouse.webhook.scheme.Algorithm;
import dev.gatehouse.webhook.scheme.ContentTemplate;
import dev.gatehouse.webhook.scheme.Requirement;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.SignedParts;
import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
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
  private final Scheme scheme;
  private final List<KeyRing.Entry<VerifyingKey>> keys;
  private final RequestHead head;
  private final @Nullable Verification early;

  private byte @Nullable [] onlyChunk;
  private @Nullable ByteArrayOutputStream chunks;
  private @Nullable ContentMac streaming;
  private @Nullable MacPool streamingPool;
  private int streamingKey = -1;
  private int streamingAcceptance = -1;
  private boolean over;

  VerificationStream(WebhookVerifier verifier, RequestHead head) {
    this.verifier = verifier;
    this.scheme = verifier.scheme();
    this.keys = verifier.keys();
    this.head = head;
    this.early = judgeHead();
  }

  private @Nullable Verification judgeHead() {
    Verification handshake = Handshakes.unsigned(scheme, head, verifier.params());
    if (handshake != null) {
      return handshake;
    }
    RejectReason flaw = head.read(verifier.params());
    return flaw == null ? null : Verification.rejected(flaw);
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
      beginStreaming();
      onlyChunk = chunk;
    } else {
      join(chunk);
    }
    if (streaming != null) {
      streaming.put(chunk);
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

  private void beginStreaming() {
    ContentTemplate template = head.content().template();
    if (template == null || !template.isStreamable()) {
      return;
    }
    int acceptance = head.candidates().get(0).acceptance();
    for (int i = 0; i < keys.size(); i++) {
      KeyRing.Entry<VerifyingKey> key = keys.get(i);
      if (isTried(key, head.candidates().get(0)) && key.key().hasMac(acceptance)) {
        streamingKey = i;
        streamingAcceptance = acceptance;
        streamingPool = key.key().macs(acceptance);
        ContentMac mac = streamingPool.take();
        template.feedPrefix(head.parts(), 0, mac);
        streaming = mac;
        return;
      }
    }
  }

  /** Ends the body and decides. */
  public Verification finish() {
    if (early != null) {
      return early;
    }
    return decide(WebhookRequest.of(head.method(), head.url(), head.headers(), joined()));
  }

  /** Decides over the request, whose body is at hand as a whole. */
  Verification finish(WebhookRequest request) {
    return early == null ? decide(request) : early;
  }

  /** Gives back what the verification holds, when the request ends without its body. */
  public void abandon() {
    over = true;
    if (streaming != null && streamingPool != null) {
      streamingPool.giveUnfinished(streaming);
      streaming = null;
    }
  }

  private Verification decide(WebhookRequest request) {
    byte[] body = request.bodyBytes();
    if (over) {
      throw new IllegalStateException("this verification was ended before");
    }
    over = true;
    SignedParts parts = head.parts();
    RejectReason flaw = checkRequirements(body);
    if (flaw == null && readsForm()) {
      byte[] form = formPairs(body);
      flaw = form == null ? RejectReason.MALFORMED_BODY : null;
      parts = form == null ? parts : parts.withForm(form);
    }
    if (flaw != null) {
      abandon();
      return Verification.rejected(flaw);
    }
    return match(parts, request);
  }

  private boolean readsForm() {
    ContentTemplate template = head.content().template();
    return template != null && template.readsForm();
  }

  private static byte @Nullable [] formPairs(byte[] body) {
    return FormPairs.read(body).map(FormPairs::sortedAndJoined).orElse(null);
  }

  private @Nullable RejectReason checkRequirements(byte[] body) {
    for (Requirement requirement : head.content().requirements()) {
      if (requirement instanceof Requirement.FormBody && body.length > 0 && !isForm()) {
        return RejectReason.MALFORMED_BODY;
      }
      if (requirement instanceof Requirement.BodyHash hash
          && !hash.isMetBy(head.url(), Fingerprint.sha256(body))) {
        return RejectReason.SIGNATURE_MISMATCH;
      }
    }
    return null;
  }

  private boolean isForm() {
    String type = head.headers().first("content-type");
    if (type == null || head.headers().isAmbiguous("content-type")) {
      return false;
    }
    int semicolon = type.indexOf(';');
    String media = semicolon < 0 ? type : type.substring(0, semicolon);
    return media.strip().toLowerCase(Locale.ROOT).equals("application/x-www-form-urlencoded");
  }

  private Verification match(SignedParts parts, WebhookRequest request) {
    byte[] body = request.bodyBytes();
    int forms = usesUrl() ? parts.urlForms().size() : 1;
    boolean expired = false;
    for (int k = 0; k < keys.size(); k++) {
      KeyRing.Entry<VerifyingKey> key = keys.get(k);
      for (int form = 0; form < forms; form++) {
        int acceptance = matching(k, key.key(), parts, form, body);
        if (acceptance >= 0 && key.isValidAt(head.now())) {
          return accept(key, acceptance, parts, form, request);
        }
        expired |= acceptance >= 0;
      }
    }
    abandon();
    return Verification.rejected(
        expired ? RejectReason.EXPIRED_KEY : RejectReason.SIGNATURE_MISMATCH);
  }

  private boolean usesUrl() {
    ContentTemplate template = head.content().template();
    return template != null && template.signsUrl();
  }

  private static boolean isTried(KeyRing.Entry<VerifyingKey> key, Candidate candidate) {
    return key.key().mayMake(candidate.place());
  }

  /** The acceptance under which this key makes one of the signatures, or -1. */
  private int matching(int at, VerifyingKey key, SignedParts parts, int form, byte[] body) {
    List<Candidate> candidates = head.candidates();
    // One MAC an acceptance, however many entries claim it and in whatever order they come.
    byte @Nullable [][] macs = new byte @Nullable [scheme.accepts().size()][];
    for (int i = 0; i < candidates.size(); i++) {
      Candidate candidate = candidates.get(i);
      if (!key.mayMake(candidate.place())) {
        continue;
      }
      int acceptance = candidate.acceptance();
      if (key.hasMac(acceptance)) {
        byte[] mac = macs[acceptance];
        if (mac == null) {
          mac = mac(at, key, acceptance, parts, form, body);
          macs[acceptance] = mac;
        }
        if (MessageDigest.isEqual(mac, candidate.bytes())) {
          return acceptance;
        }
      } else if (otherwiseMatches(key, candidate, parts, form, body)) {
        return acceptance;
      }
    }
    return -1;
  }

  private byte[] mac(
      int at, VerifyingKey key, int acceptance, SignedParts parts, int form, byte[] body) {
    ContentTemplate template = template();
    if (streaming != null && at == streamingKey && acceptance == streamingAcceptance && form == 0) {
      ContentMac mac = streaming;
      streaming = null;
      template.feedSuffix(parts, form, mac);
      byte[] result = mac.finish();
      key.macs(acceptance).give(mac);
      return result;
    }
    MacPool pool = key.macs(acceptance);
    ContentMac mac = pool.take();
    template.feedAll(parts, form, body, mac);
    byte[] result = mac.finish();
    pool.give(mac);
    return result;
  }

  private boolean otherwiseMatches(
      VerifyingKey key, Candidate candidate, SignedParts parts, int form, byte[] body) {
    Acceptance acceptance = scheme.accepts().get(candidate.acceptance());
    if (acceptance.algorithm() == Algorithm.TOKEN) {
      return key.isToken(candidate.bytes());
    }
    if (!key.hasPublicKey(candidate.acceptance())) {
      return false;
    }
    VerifyingKey.Joined content = new VerifyingKey.Joined();
    template().feedAll(parts, form, body, content);
    return key.verifies(
        candidate.acceptance(),
        acceptance.algorithm().jcaName(),
        content.toByteArray(),
        candidate.bytes());
  }

  private ContentTemplate template() {
    ContentTemplate template = head.content().template();
    if (template == null) {
      throw new IllegalStateException("a scheme without content has no signature");
    }
    return template;
  }

  private Verification accept(
      KeyRing.Entry<VerifyingKey> key,
      int acceptance,
      SignedParts parts,
      int form,
      WebhookRequest request) {
    abandon();
    MatchedSignature matched =
        new MatchedSignature(
            key.index(), key.id(), head.variant(), head.content(), parts, form, head.timestamp());
    return verifier.accept(request, matched, head, key.key(), acceptance);
  }

  Headers headers() {
    return head.headers();
  }
}
