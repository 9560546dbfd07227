package dev.gatehouse.benchmarks;

import dev.gatehouse.webhook.WebhookRequest.Headers;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The least that a verification of Standard Webhooks can be on this JDK, written for that one
 * scheme, one key and one thread: it shows how much is left to gain, and is nothing to use.
 *
 * <p>It knows no rotation of keys, no second signature, no reasons, no bound on an id and none on
 * which bytes it may hold, no compressed bodies, and it shares its buffers. Both pads of the key
 * are hashed beforehand, which leaves the MAC two blocks shorter than the JDK's.
 */
final class HandWritten {
  private static final String AMBIGUOUS = "\0";
  private static final String LABEL = "v1,";
  private static final int WINDOW_S = 300;
  private static final int BLOCK = 64;

  private final MessageDigest inner;
  private final MessageDigest outer;
  private final byte[] prefix = new byte[256];
  private final byte[] mac = new byte[32];
  private final byte[] expected = new byte[44];
  private final byte[] given = new byte[44];

  HandWritten() {
    byte[] key = Base64.getDecoder().decode(SignedSample.SECRET.substring("whsec_".length()));
    this.inner = fed(key, 0x36);
    this.outer = fed(key, 0x5c);
  }

  private static MessageDigest fed(byte[] key, int pad) {
    byte[] block = Arrays.copyOf(key, BLOCK);
    for (int i = 0; i < BLOCK; i++) {
      block[i] ^= (byte) pad;
    }
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(block);
      return digest;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** A delivery that was verified. */
  record Delivery(String id, long time, byte[] body) {}

  /** The delivery, or null. */
  @Nullable Delivery verify(Headers headers, byte[] body) {
    String id = headers.only("webhook-id", AMBIGUOUS);
    String time = headers.only("webhook-timestamp", AMBIGUOUS);
    String signature = headers.only("webhook-signature", AMBIGUOUS);
    if (id == null || time == null || signature == null || !signature.startsWith(LABEL)) {
      return null;
    }
    long seconds = Long.parseLong(time);
    if (Math.abs(System.currentTimeMillis() / 1000 - seconds) > WINDOW_S) {
      return null;
    }
    int length = copy(time, copy(id, 0));
    try {
      digest(inner, prefix, length, body);
      digest(outer, mac, mac.length, new byte[0]);
    } catch (CloneNotSupportedException | DigestException e) {
      throw new IllegalStateException("this JDK's SHA-256 can be copied", e);
    }
    Base64.getEncoder().encode(mac, expected);
    latin1(signature, LABEL.length(), given, 0, given.length);
    return MessageDigest.isEqual(expected, given) ? new Delivery(id, seconds, body) : null;
  }

  private int copy(String text, int at) {
    latin1(text, 0, prefix, at, text.length());
    prefix[at + text.length()] = '.';
    return at + text.length() + 1;
  }

  // the one way that makes no array on the way
  @SuppressWarnings("deprecation")
  private static void latin1(String text, int from, byte[] into, int at, int length) {
    text.getBytes(from, from + length, into, at);
  }

  private void digest(MessageDigest begun, byte[] first, int length, byte[] then)
      throws CloneNotSupportedException, DigestException {
    MessageDigest digest = (MessageDigest) begun.clone();
    digest.update(first, 0, length);
    digest.update(then);
    digest.digest(mac, 0, mac.length);
  }
}
