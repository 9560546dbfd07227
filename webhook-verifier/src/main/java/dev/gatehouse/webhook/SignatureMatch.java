package dev.gatehouse.webhook;

import dev.gatehouse.core.KeyRing;
import dev.gatehouse.webhook.scheme.Acceptance;
import dev.gatehouse.webhook.scheme.Algorithm;
import dev.gatehouse.webhook.scheme.ContentTemplate;
import dev.gatehouse.webhook.scheme.Requirement;
import dev.gatehouse.webhook.scheme.SignedParts;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Looks for the key that made one of a request's signatures, and decides. */
final class SignatureMatch {
  private final WebhookVerifier verifier;
  private final List<KeyRing.Entry<VerifyingKey>> keys;
  private final RequestHead head;
  private final @Nullable RunningMac running;

  /**
   * A search among these keys.
   *
   * @param head a head without a flaw
   * @param running a MAC that was fed as the body came; null if there is none
   */
  SignatureMatch(
      WebhookVerifier verifier,
      List<KeyRing.Entry<VerifyingKey>> keys,
      RequestHead head,
      @Nullable RunningMac running) {
    this.verifier = verifier;
    this.keys = keys;
    this.head = head;
    this.running = running;
  }

  /** Decides over the request, whose body is whole. */
  Verification decide(WebhookRequest request) {
    byte[] body = request.bodyBytes();
    SignedParts parts = head.parts();
    RejectReason flaw = checkRequirements(body);
    if (flaw == null && readsForm()) {
      byte[] form = formPairs(body);
      flaw = form == null ? RejectReason.MALFORMED_BODY : null;
      parts = form == null ? parts : parts.withForm(form);
    }
    return flaw == null ? match(parts, request) : Verification.rejected(flaw);
  }

  private boolean readsForm() {
    ContentTemplate template = head.content().template();
    return template != null && template.readsForm();
  }

  private static byte @Nullable [] formPairs(byte[] body) {
    return FormPairs.read(body).map(FormPairs::sortedAndJoined).orElse(null);
  }

  private @Nullable RejectReason checkRequirements(byte[] body) {
    List<Requirement> requirements = head.content().requirements();
    for (int i = 0; i < requirements.size(); i++) {
      Requirement requirement = requirements.get(i);
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
        if (acceptance >= 0 && (key.isAlwaysValid() || key.isValidAt(head.now()))) {
          return accept(key, parts, form, request);
        }
        expired |= acceptance >= 0;
      }
    }
    return Verification.rejected(
        expired ? RejectReason.EXPIRED_KEY : RejectReason.SIGNATURE_MISMATCH);
  }

  private boolean usesUrl() {
    ContentTemplate template = head.content().template();
    return template != null && template.signsUrl();
  }

  /** The acceptance under which this key makes one of the signatures, or -1. */
  private int matching(int at, VerifyingKey key, SignedParts parts, int form, byte[] body) {
    SignatureHeader signatures = head.signatures();
    int count = signatures.size();
    // One MAC an acceptance, however many entries claim it and in whatever order they come.
    byte @Nullable [][] macs = count == 1 ? null : new byte @Nullable [acceptances()][];
    for (int i = 0; i < count; i++) {
      if (!key.mayMake(signatures.place(i))) {
        continue;
      }
      int acceptance = signatures.acceptance(i);
      byte[] signature = signatures.bytes(i);
      if (key.hasMac(acceptance)) {
        byte[] mac = macs == null ? null : macs[acceptance];
        if (mac == null) {
          mac = mac(at, key, acceptance, parts, form, body);
        }
        if (macs != null) {
          macs[acceptance] = mac;
        }
        if (ConstantTime.isEqual(mac, signature)) {
          return acceptance;
        }
      } else if (otherwiseMatches(key, acceptance, signature, parts, form, body)) {
        return acceptance;
      }
    }
    return -1;
  }

  private int acceptances() {
    return verifier.scheme().accepts().size();
  }

  private byte[] mac(
      int at, VerifyingKey key, int acceptance, SignedParts parts, int form, byte[] body) {
    ContentTemplate template = template();
    byte[] ready = running == null ? null : running.finish(at, acceptance, template, parts, form);
    if (ready != null) {
      return ready;
    }
    ContentMac mac = key.macs(acceptance).own();
    template.feedAll(parts, form, body, mac);
    return mac.finish();
  }

  private boolean otherwiseMatches(
      VerifyingKey key, int at, byte[] signature, SignedParts parts, int form, byte[] body) {
    Acceptance acceptance = verifier.scheme().accepts().get(at);
    if (acceptance.algorithm() == Algorithm.TOKEN) {
      return key.isToken(signature);
    }
    if (!key.hasPublicKey(at)) {
      return false;
    }
    VerifyingKey.Joined content = new VerifyingKey.Joined();
    template().feedAll(parts, form, body, content);
    return key.verifies(at, acceptance.algorithm().jcaName(), content.toByteArray(), signature);
  }

  private ContentTemplate template() {
    ContentTemplate template = head.content().template();
    if (template == null) {
      throw new IllegalStateException("a scheme without content has no signature");
    }
    return template;
  }

  private Verification accept(
      KeyRing.Entry<VerifyingKey> key, SignedParts parts, int form, WebhookRequest request) {
    MatchedSignature matched =
        new MatchedSignature(key.index(), key.id(), head.variant(), head.content(), parts, form);
    return verifier.accept(request, matched, head, key);
  }
}
