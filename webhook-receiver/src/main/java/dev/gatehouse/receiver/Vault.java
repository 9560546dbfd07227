package dev.gatehouse.receiver;

import dev.gatehouse.core.Secret;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Seals the headers and bodies of rows with AES-256-GCM, if there are keys: who reads the disk
 * learns nothing of them, and who changes what is sealed, or gives one row another's, makes it a
 * content that does not open. Rows from before there was a key are open, so whoever may write whole
 * rows is trusted: he can write one that was never sealed.
 *
 * <p>New rows are sealed with the first key; the others open what they sealed before. Each row has
 * a key of its own, derived from 128 fresh random bits, and a fresh nonce, so that no number of
 * rows wears a key out. What the row is (its id, source, tenant, verdict, whether it is in
 * quarantine) is authenticated with it.
 *
 * <p>What stays readable: the columns that are listed and searched, such as source, event type and
 * the sender's id.
 */
final class Vault {
  private static final byte VERSION = 1;
  private static final int SALT_BYTES = 16;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;
  private static final int HEAD_BYTES = 1 + SALT_BYTES + NONCE_BYTES;
  private static final byte[] ROW_KEY =
      "gatehouse inbox row key 1".getBytes(StandardCharsets.UTF_8);

  /** What a row is, as its content is bound to it. */
  record Row(
      long id,
      String source,
      @Nullable String tenant,
      @Nullable String verdict,
      boolean quarantined) {
    static Row of(long id, DeliveryState state, Incoming delivery) {
      return new Row(
          id,
          delivery.source(),
          delivery.tenant(),
          delivery.verdict(),
          state == DeliveryState.QUARANTINED);
    }
  }

  /** A content that cannot be had; the message says why, and nothing of it. */
  static final class SealException extends StoreException {
    private static final long serialVersionUID = 1L;

    /** Whether another configuration could open it. */
    final boolean keyIsMissing;

    private SealException(String message, boolean keyIsMissing) {
      super(message);
      this.keyIsMissing = keyIsMissing;
    }
  }

  private final Map<String, Secret> keys = new LinkedHashMap<>();
  private final @Nullable String newest;
  private final SecureRandom random = new SecureRandom();

  private Vault(List<Secret> keys) {
    keys.forEach(key -> this.keys.put(key.id(), key));
    this.newest = keys.isEmpty() ? null : keys.get(0).id();
  }

  /** Seals nothing. */
  static Vault open() {
    return new Vault(List.of());
  }

  /** Seals with the first; each holds the text of 32 bytes. */
  static Vault of(List<Secret> keys) {
    return new Vault(keys);
  }

  /** The key for what is written now; null if nothing is sealed. */
  @Nullable String newest() {
    return newest;
  }

  Set<String> keyIds() {
    return keys.keySet();
  }

  /** What to store of that delivery. */
  Sealed seal(Row row, String headers, byte[] body) {
    if (newest == null) {
      return new Sealed(null, headers, body);
    }
    byte[] head = new byte[HEAD_BYTES];
    random.nextBytes(head);
    head[0] = VERSION;
    byte[] names = headers.getBytes(StandardCharsets.UTF_8);
    try {
      Cipher cipher = cipher(Cipher.ENCRYPT_MODE, newest, head, row);
      ByteBuffer sealed =
          ByteBuffer.allocate(HEAD_BYTES + cipher.getOutputSize(4 + names.length + body.length));
      sealed.put(head);
      cipher.update(ByteBuffer.allocate(4).putInt(names.length).flip(), sealed);
      cipher.update(ByteBuffer.wrap(names), sealed);
      cipher.doFinal(ByteBuffer.wrap(body), sealed);
      return new Sealed(newest, null, sealed.array());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has AES-GCM", e);
    }
  }

  /**
   * What was sealed.
   *
   * @throws SealException if its key is not here, or it is not what was sealed for that row
   */
  Inbox.Content open(Row row, Sealed stored) {
    String keyId = stored.keyId();
    if (keyId == null) {
      String headers = stored.headers();
      return new Inbox.Content(headers == null ? "{}" : headers, stored.body());
    }
    if (!keys.containsKey(keyId)) {
      throw new SealException(
          "the content of "
              + DeliveryId.format(row.id())
              + " is sealed with key '"
              + keyId
              + "', which is not under store.encryption.keys: add it",
          true);
    }
    byte[] sealed = stored.body();
    if (sealed.length < HEAD_BYTES + TAG_BITS / 8 + 4 || sealed[0] != VERSION) {
      throw changed(row);
    }
    try {
      Cipher cipher = cipher(Cipher.DECRYPT_MODE, keyId, sealed, row);
      ByteBuffer plain =
          ByteBuffer.wrap(cipher.doFinal(sealed, HEAD_BYTES, sealed.length - HEAD_BYTES));
      byte[] names = new byte[plain.getInt()];
      plain.get(names);
      byte[] body = new byte[plain.remaining()];
      plain.get(body);
      return new Inbox.Content(new String(names, StandardCharsets.UTF_8), body);
    } catch (GeneralSecurityException e) {
      throw changed(row);
    }
  }

  // Without the cause: what a cipher says of a forgery is nobody's business.
  private static SealException changed(Row row) {
    return new SealException(
        "the content of "
            + DeliveryId.format(row.id())
            + " does not open: it was changed, or is another row's; look for it in a backup",
        false);
  }

  private Cipher cipher(int mode, String keyId, byte[] head, Row row)
      throws GeneralSecurityException {
    Mac derive = Mac.getInstance("HmacSHA256");
    derive.init(new SecretKeySpec(bytesOf(keyId), "HmacSHA256"));
    derive.update(ROW_KEY);
    derive.update(head, 1, SALT_BYTES);
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(
        mode,
        new SecretKeySpec(derive.doFinal(), "AES"),
        new GCMParameterSpec(TAG_BITS, head, 1 + SALT_BYTES, NONCE_BYTES));
    cipher.updateAAD(identity(row));
    return cipher;
  }

  private byte[] bytesOf(String keyId) {
    Secret key = keys.get(keyId);
    if (key == null) {
      throw new IllegalStateException("no key " + keyId);
    }
    return EncryptionKeys.bytes(key);
  }

  // Framed by lengths, so that no two rows read the same.
  private static byte[] identity(Row row) {
    byte[] source = row.source().getBytes(StandardCharsets.UTF_8);
    byte[] tenant = bytes(row.tenant());
    byte[] verdict = bytes(row.verdict());
    return ByteBuffer.allocate(22 + source.length + tenant.length + verdict.length)
        .put(VERSION)
        .put((byte) (row.quarantined() ? 1 : 0))
        .putLong(row.id())
        .putInt(source.length)
        .put(source)
        .putInt(row.tenant() == null ? -1 : tenant.length)
        .put(tenant)
        .putInt(row.verdict() == null ? -1 : verdict.length)
        .put(verdict)
        .array();
  }

  private static byte[] bytes(@Nullable String text) {
    return text == null ? new byte[0] : text.getBytes(StandardCharsets.UTF_8);
  }
}
