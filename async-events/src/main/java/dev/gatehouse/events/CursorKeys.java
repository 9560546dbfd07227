package dev.gatehouse.events;

import dev.gatehouse.core.KeyRing;
import dev.gatehouse.core.Principal;
import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.core.TenantId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Makes the cursors that subscribers resume by: texts that open only for the tenant, the principal
 * and the topics that they were made for, and show nothing.
 *
 * <p>A cursor is a position, enciphered and authenticated with a synthetic initialization vector:
 * its tag is an HMAC-SHA256 over the binding, a random nonce and the position, cut to 128 bits, and
 * the position is hidden by an HMAC of that tag under a second key. So the number of events between
 * two cursors, which would tell of events that the principal may not see, cannot be read from them,
 * nor whether there are any: two cursors of one position differ too. A cursor can neither be
 * guessed nor moved to another principal. What does not open is not told apart: unknown, foreign,
 * forged and damaged are one answer.
 *
 * <p>The first valid key seals, all valid ones open. Nodes that share a log share the keys. Safe
 * for any thread.
 */
public final class CursorKeys {
  private static final int MIN_SECRET = 32;
  private static final int NONCE = 12;
  private static final int TAG = 16;
  private static final int PLACE = 16;
  private static final int TAG_AT = 1 + NONCE;
  private static final int PLACE_AT = TAG_AT + TAG;
  private static final byte VERSION = 1;
  // A multiple of three: no bit of the text is without a meaning, so none can be changed.
  private static final int BYTES = PLACE_AT + PLACE;
  private static final int LENGTH = BYTES / 3 * 4;
  private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

  private final KeyRing<Key> ring;
  private final SecureRandom random = new SecureRandom();

  private CursorKeys(KeyRing<Key> ring) {
    this.ring = ring;
  }

  /** Keys of this process alone: cursors of an earlier one, or of another node, are unknown. */
  public static CursorKeys random() {
    byte[] bytes = new byte[32];
    new SecureRandom().nextBytes(bytes);
    Secret secret = Secret.of("process", Base64.getEncoder().encodeToString(bytes));
    return load(() -> List.of(secret));
  }

  /**
   * Keys from secrets of at least 32 bytes.
   *
   * @throws IllegalArgumentException if there is none, or one is too short
   */
  public static CursorKeys load(SecretSource secrets) {
    return new CursorKeys(KeyRing.load(secrets, (secret, index) -> Key.of(secret)));
  }

  /** Reads the secrets again, for a rotation. */
  public void reload() {
    ring.reload();
  }

  /** What a cursor of this subscription is bound to. */
  static byte[] binding(TenantId tenant, Principal principal, TopicPattern topics) {
    MessageDigest digest = sha256();
    for (String part :
        new String[] {
          tenant.value(),
          principal.voucher(),
          principal.kind().name(),
          principal.id(),
          topics.text()
        }) {
      byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
      digest.update(ByteBuffer.allocate(4).putInt(bytes.length).flip());
      digest.update(bytes);
    }
    return digest.digest();
  }

  String seal(byte[] binding, Position position, Instant now) {
    byte[] nonce = new byte[NONCE];
    random.nextBytes(nonce);
    byte[] cursor =
        ByteBuffer.allocate(BYTES)
            .put(VERSION)
            .put(nonce)
            .putLong(PLACE_AT, position.major())
            .putLong(PLACE_AT + Long.BYTES, position.minor())
            .array();
    Key key = keyAt(now);
    System.arraycopy(key.tag(binding, cursor), 0, cursor, TAG_AT, TAG);
    key.pad(cursor);
    return ENCODER.encodeToString(cursor);
  }

  // One that is not valid any more, or not yet, still tells a cursor from one that was made up.
  private Key keyAt(Instant now) {
    List<KeyRing.Entry<Key>> entries = ring.entries();
    for (KeyRing.Entry<Key> entry : entries) {
      if (entry.isValidAt(now)) {
        return entry.key();
      }
    }
    return entries.get(0).key();
  }

  Optional<Position> open(byte[] binding, String cursor, Instant now) {
    if (cursor.length() != LENGTH) {
      return Optional.empty();
    }
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(cursor);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    if (bytes.length != BYTES || bytes[0] != VERSION) {
      return Optional.empty();
    }
    return ring.entries().stream()
        .filter(entry -> entry.isValidAt(now))
        .flatMap(entry -> open(entry.key(), binding, bytes).stream())
        .findFirst();
  }

  private static Optional<Position> open(Key key, byte[] binding, byte[] bytes) {
    byte[] shown = bytes.clone();
    key.pad(shown);
    byte[] tag = Arrays.copyOfRange(bytes, TAG_AT, PLACE_AT);
    if (!MessageDigest.isEqual(key.tag(binding, shown), tag)) {
      return Optional.empty();
    }
    ByteBuffer place = ByteBuffer.wrap(shown, PLACE_AT, PLACE);
    return Optional.of(new Position(place.getLong(), place.getLong()));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Two keys made of one secret; each thread has MACs of its own, ready for use. */
  private record Key(ThreadLocal<Mac> tags, ThreadLocal<Mac> pads) {
    static Key of(Secret secret) {
      byte[] bytes = secret.revealBytes();
      if (bytes.length < MIN_SECRET) {
        throw new IllegalArgumentException(
            "secret '" + secret.id() + "' is too short for cursors: give 32 random bytes or more");
      }
      Mac root = mac(bytes);
      byte[] tags = root.doFinal("gatehouse cursor tag".getBytes(StandardCharsets.UTF_8));
      byte[] pads = root.doFinal("gatehouse cursor pad".getBytes(StandardCharsets.UTF_8));
      return new Key(
          ThreadLocal.withInitial(() -> mac(tags)), ThreadLocal.withInitial(() -> mac(pads)));
    }

    private static Mac mac(byte[] key) {
      try {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac;
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("every Java has HmacSHA256", e);
      }
    }

    /** The tag of a cursor whose place is shown. */
    byte[] tag(byte[] binding, byte[] cursor) {
      Mac mac = tags.get();
      mac.update(binding);
      mac.update(cursor, 1, NONCE);
      mac.update(cursor, PLACE_AT, PLACE);
      return Arrays.copyOf(mac.doFinal(), TAG);
    }

    /** Hides a cursor's place, or shows it again. */
    void pad(byte[] cursor) {
      Mac mac = pads.get();
      mac.update(cursor, TAG_AT, TAG);
      byte[] pad = mac.doFinal();
      for (int i = 0; i < PLACE; i++) {
        cursor[PLACE_AT + i] ^= pad[i];
      }
    }
  }
}
