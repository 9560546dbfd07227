package dev.gatehouse.webhook;

import dev.gatehouse.core.KeyRing;
import dev.gatehouse.webhook.scheme.Acceptance;
import dev.gatehouse.webhook.scheme.JwtRule;
import dev.gatehouse.webhook.scheme.Scheme;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/** Looks for the key that signed a request's token, and decides. */
final class TokenMatch {
  // A caller picks the algorithm, and without a kid every key of it is tried.
  private static final int MAX_TRIED = 16;

  private final WebhookVerifier verifier;
  private final List<KeyRing.Entry<VerifyingKey>> keys;
  private final RequestHead head;
  private final Token token;
  private final TokenRules rules;
  private final JwtRule rule;

  TokenMatch(
      WebhookVerifier verifier,
      List<KeyRing.Entry<VerifyingKey>> keys,
      RequestHead head,
      Token token,
      JwtRule rule) {
    this.verifier = verifier;
    this.keys = keys;
    this.head = head;
    this.token = token;
    this.rule = rule;
    this.rules = new TokenRules(verifier.scheme(), rule);
  }

  /** Decides over the request, whose body is whole. */
  Verification decide(WebhookRequest request) {
    byte[] body = request.bodyBytes();
    List<KeyRing.Entry<VerifyingKey>> candidates = candidates();
    if (candidates.isEmpty()) {
      return Verification.rejected(RejectReason.UNKNOWN_KEY);
    }
    if (!rules.holdsBody(token, body)) {
      return Verification.rejected(RejectReason.SIGNATURE_MISMATCH);
    }
    byte[] content = token.signedContent(body);
    boolean expired = false;
    for (KeyRing.Entry<VerifyingKey> key : candidates) {
      if (!matches(key.key(), content)) {
        continue;
      }
      if (key.isValidAt(head.now())) {
        return accept(key, request);
      }
      expired = true;
    }
    return Verification.rejected(
        expired ? RejectReason.EXPIRED_KEY : RejectReason.SIGNATURE_MISMATCH);
  }

  private List<KeyRing.Entry<VerifyingKey>> candidates() {
    List<KeyRing.Entry<VerifyingKey>> candidates = new ArrayList<>();
    boolean mac = acceptance().algorithm().isMac();
    for (KeyRing.Entry<VerifyingKey> key : keys) {
      boolean may =
          mac
              ? key.key().hasMac(token.acceptance()) && isChosen(key.id())
              : key.key().hasPublicKey(token.acceptance()) && key.key().isNamed(token.kid());
      if (may && candidates.size() < MAX_TRIED) {
        candidates.add(key);
      }
    }
    return candidates;
  }

  // Where a claim names the secret, another party's secret must not sign in its name. With one
  // secret there is no other party, and its id may be anything; nor is there one where ids name
  // none.
  private boolean isChosen(String id) {
    if (rule.secretClaim().isEmpty() || keys.size() == 1) {
      return true;
    }
    String named = token.text(rule.secretClaim());
    return id.startsWith("#")
        || (named != null && (id.equals(named) || id.startsWith(named + "#")));
  }

  private Acceptance acceptance() {
    return verifier.scheme().accepts().get(token.acceptance());
  }

  private boolean matches(VerifyingKey key, byte[] content) {
    int acceptance = token.acceptance();
    if (key.hasMac(acceptance)) {
      byte[] mac = key.hmac(acceptance, content);
      return mac != null && MessageDigest.isEqual(mac, token.signature());
    }
    String jcaName = acceptance().algorithm().jcaName();
    return key.verifies(acceptance, jcaName, content, token.signature());
  }

  private Verification accept(KeyRing.Entry<VerifyingKey> key, WebhookRequest request) {
    Scheme.Content content = head.content();
    MatchedSignature matched =
        new MatchedSignature(key.index(), key.id(), head.variant(), content, head.parts(), 0);
    return verifier.accept(request, matched, head, key);
  }
}
