package dev.gatehouse.webhook;

import dev.gatehouse.core.KeyRing;
import dev.gatehouse.core.Secret;
import dev.gatehouse.webhook.keys.JsonWebKeys;
import dev.gatehouse.webhook.keys.PublishedKey;
import dev.gatehouse.webhook.rfc9421.MessageKey;
import dev.gatehouse.webhook.rfc9421.MessageVerifier.NamedKey;
import dev.gatehouse.webhook.scheme.Acceptance;
import dev.gatehouse.webhook.scheme.ContentTemplate;
import dev.gatehouse.webhook.scheme.PublicKeys;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.SchemeKey;
import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.Signature;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One configured key, in the form in which each acceptance of its scheme uses it. */
final class VerifyingKey {
  private final String slot;
  private final @Nullable MacPool[] macs;
  private final @Nullable PublicKey[] publicKeys;
  private final byte @Nullable [] token;
  private final byte @Nullable [] hashSecret;
  private final String kid;
  private final @Nullable NamedKey messageKey;

  private VerifyingKey(
      String slot,
      @Nullable MacPool[] macs,
      @Nullable PublicKey[] publicKeys,
      byte @Nullable [] token,
      byte @Nullable [] hashSecret,
      String kid,
      @Nullable NamedKey messageKey) {
    this.slot = slot;
    this.messageKey = messageKey;
    this.macs = macs;
    this.publicKeys = publicKeys;
    this.token = token;
    this.hashSecret = hashSecret;
    this.kid = kid;
  }

  static KeyRing.Decoder<VerifyingKey> decoderFor(Scheme scheme) {
    return (secret, index) -> of(scheme, secret, index);
  }

  /** A published key, for those acceptances that it fits; that may be none. */
  static VerifyingKey published(Scheme scheme, PublishedKey published) {
    int count = scheme.accepts().size();
    @Nullable PublicKey[] publicKeys = new PublicKey[count];
    for (int at = 0; at < count; at++) {
      Acceptance acceptance = scheme.accepts().get(at);
      boolean meant =
          scheme.jwt() == null
              || published.algorithm().isEmpty()
              || published.algorithm().equals(acceptance.label());
      if (meant && PublicKeys.fits(acceptance.algorithm(), published.key())) {
        publicKeys[at] = published.key();
      }
    }
    return new VerifyingKey("", new MacPool[count], publicKeys, null, null, published.id(), null);
  }

  private static VerifyingKey of(Scheme scheme, Secret secret, int index) {
    if (secret.revealText().startsWith("{")) {
      return jwk(scheme, secret);
    }
    int count = scheme.accepts().size();
    @Nullable MacPool[] macs = new MacPool[count];
    @Nullable PublicKey[] publicKeys = new PublicKey[count];
    byte[] token = null;
    byte[] hashSecret = null;
    for (int at : SchemeKey.acceptancesFor(scheme, secret)) {
      Acceptance acceptance = scheme.accepts().get(at);
      if (!isOfItsFamily(scheme, acceptance, secret)) {
        continue;
      }
      SchemeKey key = SchemeKey.forVerifying(scheme, acceptance, secret);
      if (key instanceof SchemeKey.Public publicKey) {
        publicKeys[at] = publicKey.key();
      } else if (key instanceof SchemeKey.Shared shared && acceptance.algorithm().isMac()) {
        macs[at] = new MacPool(acceptance.algorithm().jcaName(), shared.revealBytes());
      } else if (key instanceof SchemeKey.Shared shared
          && acceptance.algorithm().isHashWithSecret()) {
        hashSecret = shared.revealBytes();
      } else if (key instanceof SchemeKey.Shared shared) {
        token = shared.revealBytes();
      }
    }
    return new VerifyingKey(
        slotOf(scheme, secret, index), macs, publicKeys, token, hashSecret, "", null);
  }

  // A token scheme that takes secrets and public keys takes PEM for a public key, and for no
  // secret.
  private static boolean isOfItsFamily(Scheme scheme, Acceptance acceptance, Secret secret) {
    boolean mixed =
        scheme.jwt() != null
            && scheme.hasPublicKeys()
            && scheme.accepts().stream().anyMatch(a -> a.algorithm().isMac());
    boolean pem = secret.revealText().startsWith("-----BEGIN ");
    return !mixed || pem == acceptance.algorithm().isPublicKey();
  }

  // A JWK is never the text of a secret: under HS256 everybody could sign with a public one.
  private static VerifyingKey jwk(Scheme scheme, Secret secret) {
    String why;
    try {
      List<PublishedKey> keys = JsonWebKeys.parse(secret.revealText());
      VerifyingKey key = keys.size() == 1 ? published(scheme, keys.get(0)) : null;
      if (key != null && key.isUsable()) {
        return key;
      }
      why = "is a JWK, but not one key of a kind that the scheme uses";
    } catch (IllegalArgumentException e) {
      why = "is a JWK that " + e.getMessage();
    }
    throw new IllegalArgumentException(
        "secret '" + secret.id() + "' of scheme " + scheme.name() + " " + why);
  }

  /** A key of HTTP message signatures, which make none of the others. */
  static VerifyingKey of(MessageKey key, String keyId) {
    return new VerifyingKey(
        "", new MacPool[1], new PublicKey[1], null, null, "", new NamedKey(keyId, key));
  }

  NamedKey messageKey() {
    if (messageKey == null) {
      throw new IllegalStateException("asked for a message key of another scheme's key");
    }
    return messageKey;
  }

  // A scheme whose places are bound to keys (Box) gives the first secret to the first place, unless
  // the secret's id says otherwise.
  private static String slotOf(Scheme scheme, Secret secret, int index) {
    List<String> slots = new ArrayList<>();
    for (Scheme.Place place : scheme.variants().get(0).places()) {
      if (!place.slot().isEmpty()) {
        slots.add(place.slot());
      }
    }
    if (slots.isEmpty()) {
      return "";
    }
    for (String slot : slots) {
      if (secret.id().equals(slot) || secret.id().startsWith(slot + "-")) {
        return slot;
      }
    }
    if (index >= slots.size()) {
      throw new IllegalArgumentException(
          "secret '"
              + secret.id()
              + "' of scheme "
              + scheme.name()
              + " belongs to no signature: begin its id with "
              + String.join(" or ", slots));
    }
    return slots.get(index);
  }

  /** Whether it can check any signature of its scheme. */
  boolean isUsable() {
    for (int i = 0; i < macs.length; i++) {
      if (macs[i] != null || publicKeys[i] != null) {
        return true;
      }
    }
    return token != null;
  }

  /** Whether a token that names its key so may mean this one; one without a name means any. */
  boolean isNamed(@Nullable String asked) {
    return asked == null || kid.isEmpty() || kid.equals(asked);
  }

  boolean mayMake(Scheme.Place place) {
    return place.slot().isEmpty() || place.slot().equals(slot);
  }

  boolean hasMac(int acceptance) {
    return macs[acceptance] != null;
  }

  boolean hasPublicKey(int acceptance) {
    return publicKeys[acceptance] != null;
  }

  MacPool macs(int acceptance) {
    MacPool pool = macs[acceptance];
    if (pool == null) {
      throw new IllegalStateException("asked for a MAC that this key does not make");
    }
    return pool;
  }

  boolean verifies(int acceptance, String jcaName, byte[] content, byte[] signature) {
    PublicKey key = publicKeys[acceptance];
    if (key == null) {
      return false;
    }
    try {
      Signature verifier = Signature.getInstance(jcaName);
      verifier.initVerify(key);
      verifier.update(content);
      return verifier.verify(signature);
    } catch (GeneralSecurityException malformed) {
      // The JDK throws where a signature is not even a pair of numbers; the answer is no.
      return false;
    }
  }

  boolean isToken(byte[] candidate) {
    return token != null && MessageDigest.isEqual(candidate, token);
  }

  /** Whether a plain hash over content and this secret is that; false if it is no such secret. */
  boolean isHash(Acceptance acceptance, byte[] content, byte[] candidate) {
    if (hashSecret == null) {
      return false;
    }
    return MessageDigest.isEqual(hash(acceptance, hashSecret, content), candidate);
  }

  static byte[] hash(Acceptance acceptance, byte[] secret, byte[] content) {
    try {
      MessageDigest digest = MessageDigest.getInstance(acceptance.algorithm().jcaName());
      boolean first = acceptance.secretAt() == Acceptance.SecretAt.FIRST;
      digest.update(first ? secret : content);
      digest.update(first ? content : secret);
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has this hash", e);
    }
  }

  /** The HMAC of a whole value, under this key; null if it is no such key. */
  byte @Nullable [] hmac(int acceptance, byte[] value) {
    MacPool pool = macs[acceptance];
    if (pool == null) {
      return null;
    }
    ContentMac mac = pool.own();
    mac.put(value);
    return mac.finish().clone();
  }

  /** Collects content for the algorithms that want it whole. */
  static final class Joined extends ByteArrayOutputStream implements ContentTemplate.Sink {
    @Override
    public void put(byte[] bytes) {
      writeBytes(bytes);
    }
  }
}
