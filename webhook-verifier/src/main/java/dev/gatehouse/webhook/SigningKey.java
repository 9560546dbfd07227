package dev.gatehouse.webhook;

import dev.gatehouse.webhook.scheme.Acceptance;
import dev.gatehouse.webhook.scheme.Algorithm;
import dev.gatehouse.webhook.scheme.SchemeKey;
import java.security.GeneralSecurityException;
import java.security.Signature;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A key with which one acceptance of a scheme signs. */
record SigningKey(String id, Acceptance acceptance, SchemeKey key) {

  /** The signature's bytes; for a token the secret's own, whatever the content. */
  byte[] sign(byte[] content) {
    Algorithm algorithm = acceptance.algorithm();
    if (key instanceof SchemeKey.Private privateKey) {
      return sign(privateKey, content);
    }
    byte[] secret = ((SchemeKey.Shared) key).revealBytes();
    if (algorithm == Algorithm.TOKEN) {
      return secret;
    }
    return algorithm.isHashWithSecret()
        ? VerifyingKey.hash(acceptance, secret, content)
        : mac(secret, content);
  }

  private byte[] sign(SchemeKey.Private privateKey, byte[] content) {
    try {
      Signature signature = Signature.getInstance(acceptance.algorithm().jcaName());
      signature.initSign(privateKey.reveal());
      signature.update(content);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw cannot(e);
    }
  }

  private byte[] mac(byte[] secret, byte[] content) {
    String jcaName = acceptance.algorithm().jcaName();
    try {
      Mac mac = Mac.getInstance(jcaName);
      mac.init(new SecretKeySpec(secret, jcaName));
      return mac.doFinal(content);
    } catch (GeneralSecurityException e) {
      throw cannot(e);
    }
  }

  private IllegalStateException cannot(GeneralSecurityException e) {
    return new IllegalStateException(
        "this JDK cannot sign with " + acceptance.algorithm().jcaName(), e);
  }

  /** The signature as the scheme writes it, behind its label or prefix where there is one. */
  String text(byte[] content, String assign) {
    return acceptance.label() + assign + acceptance.encoding().encode(sign(content));
  }
}
