package dev.gatehouse.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.Schemes;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Attacks on schemes that are judged over the whole request. */
class WholeRequestAttackTest {
  private static final Instant NOW = Instant.ofEpochSecond(1767225600);

  private static String verdict(String scheme, String secret, Headers headers, byte[] body) {
    WebhookVerifier verifier =
        WebhookVerifier.builder(Schemes.named(scheme))
            .secrets(SecretSource.of(Secret.of("k", secret)))
            .clock(InstantSource.fixed(NOW))
            .build();
    Verification verdict =
        verifier.verify(WebhookRequest.of("POST", "https://h.example.com/", headers, body));
    return verdict instanceof Verification.Rejected rejected
        ? rejected.reason().code()
        : "verified";
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(utf8(text));
  }

  // --- bodies that are not what the signature is sought in

  @ParameterizedTest
  @CsvSource({
    "mailgun, application/json, hello, malformed_body",
    "mailgun, application/x-www-form-urlencoded, a=%zz, malformed_body",
    "mailgun, application/x-www-form-urlencoded, hello, missing_signature",
    "mailgun, application/json, {}, missing_signature",
    "aws-sns, text/plain, hello, malformed_body",
    "aws-sns, text/plain, '', malformed_body",
    "aws-sns, text/plain, {}, missing_signature",
    "aws-sns, text/plain, '{\"Signature\":\"AAAA\",\"SignatureVersion\":\"2\"}', unknown_key",
  })
  void body_withoutASignature_isToldFromOneThatCannotBeRead(
      String scheme, String contentType, String body, String reason) {
    String secret = Schemes.named(scheme).vectors().get(0).secrets().get(0);
    assertThat(verdict(scheme, secret, Headers.of("Content-Type", contentType), utf8(body)))
        .isEqualTo(reason);
  }

  // --- plain hashes

  private static Headers hubspot(byte[] hash) {
    return Headers.of(
        "X-HubSpot-Signature", HexFormat.of().formatHex(hash), "X-HubSpot-Signature-Version", "v1");
  }

  @Test
  void hash_carriedOnByWhoeverSawOne_isRefused() throws GeneralSecurityException {
    String secret = "own-hubspot-client-secret";
    byte[] body = utf8("[{\"eventId\":1}]");
    byte[] seen = MessageDigest.getInstance("SHA-256").digest(utf8(secret + "[{\"eventId\":1}]"));
    byte[] padding = padding(secret.length() + body.length);
    byte[] end = utf8(",[{\"eventId\":666}]");
    byte[] forged = LengthExtension.of(seen, secret.length() + body.length + padding.length, end);
    byte[] carriedOn = concat(body, padding, end);

    assertThat(MessageDigest.getInstance("SHA-256").digest(concat(utf8(secret), carriedOn)))
        .as("the attack itself works")
        .isEqualTo(forged);
    assertThat(verdict("hubspot-v1", secret, hubspot(seen), body)).isEqualTo("verified");
    assertThat(verdict("hubspot-v1", secret, hubspot(forged), carriedOn))
        .isEqualTo("malformed_body");
  }

  private static byte[] padding(int length) {
    int zeros = Math.floorMod(55 - length, 64);
    return ByteBuffer.allocate(1 + zeros + 8)
        .put((byte) 0x80)
        .position(1 + zeros)
        .putLong(8L * length)
        .array();
  }

  private static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  // --- batches

  private static final String ADYEN_KEY =
      "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

  private static String item(String psp) throws GeneralSecurityException {
    byte[] mac =
        hmac(HexFormat.of().parseHex(ADYEN_KEY), psp + "::Own:ref:10:EUR:AUTHORISATION:true");
    return "{\"NotificationRequestItem\":{\"additionalData\":{\"hmacSignature\":\""
        + Base64.getEncoder().encodeToString(mac)
        + "\"},\"pspReference\":\""
        + psp
        + "\",\"merchantAccountCode\":\"Own\",\"merchantReference\":\"ref\",\"amount\":"
        + "{\"value\":10,\"currency\":\"EUR\"},\"eventCode\":\"AUTHORISATION\",\"success\":\"true\"}}";
  }

  private static String adyen(String... items) {
    return verdict(
        "adyen-standard",
        ADYEN_KEY,
        Headers.of(),
        utf8("{\"notificationItems\":[" + String.join(",", items) + "]}"));
  }

  @Test
  void item_sentTwiceInOneBatch_isRefused() throws GeneralSecurityException {
    assertThat(adyen(item("own1"))).isEqualTo("verified");
    assertThat(adyen(item("own1"), item("own2"))).isEqualTo("verified");
    assertThat(adyen(item("own1"), item("own1"))).isEqualTo("malformed_body");
    assertThat(adyen(item("own1"), item("own2"), item("own1"))).isEqualTo("malformed_body");
  }

  @Test
  void batch_oneOfWhoseItemsIsForged_isRefusedWhole() throws GeneralSecurityException {
    assertThat(adyen(item("own1"), item("own2").replace(":10,", ":11,")))
        .isEqualTo("signature_mismatch");
    assertThat(adyen()).isEqualTo("missing_signature");
  }

  // --- ids in bodies

  @Test
  void token_withLettersThatBecomeOneInTheContent_isRefused() throws GeneralSecurityException {
    String signature =
        HexFormat.of().formatHex(hmac(utf8("own-mailgun-key"), NOW.getEpochSecond() + "a?b"));
    for (String token : List.of("a\u0141b", "a\u4e00b", "a\u20acb")) {
      String body =
          "{\"signature\":{\"timestamp\":\""
              + NOW.getEpochSecond()
              + "\",\"token\":\""
              + token
              + "\",\"signature\":\""
              + signature
              + "\"}}";
      assertThat(verdict("mailgun", "own-mailgun-key", Headers.of(), utf8(body)))
          .isEqualTo("malformed_id");
    }
  }

  // --- what is said of them

  @Test
  void scheme_thatLeavesTheBodyOpen_saysSo() {
    for (String name : List.of("mailgun", "plivo-v2", "paypal", "aws-sns", "adyen-standard")) {
      assertThat(Schemes.named(name).protectsIntegrity()).as(name).isFalse();
    }
    for (String name : List.of("hubspot-v1", "plivo", "recurly", "gitea", "wise")) {
      assertThat(Schemes.named(name).protectsIntegrity()).as(name).isTrue();
    }
  }

  @Test
  void headers_ofSchemesOverTheRawBody_stayOnTheFastPath() {
    long whole = Schemes.all().stream().filter(Scheme::needsWholeRequest).count();
    assertThat(whole).isBetween(15L, 40L);
    for (String name : List.of("github", "stripe", "standard-webhooks", "slack", "linear")) {
      assertThat(Schemes.named(name).needsWholeRequest()).as(name).isFalse();
    }
  }

  /** SHA-256 (FIPS 180-4) from a known state, as an attacker goes on with it. */
  private static final class LengthExtension {
    private static final int[] K = roots(64);

    private static byte[] of(byte[] state, int hashed, byte[] end) {
      byte[] rest = concat(end, padding(hashed + end.length));
      int[] h = new int[8];
      ByteBuffer.wrap(state).asIntBuffer().get(h);
      for (int at = 0; at < rest.length; at += 64) {
        compress(h, ByteBuffer.wrap(rest, at, 64));
      }
      ByteBuffer out = ByteBuffer.allocate(32);
      out.asIntBuffer().put(h);
      return out.array();
    }

    private static void compress(int[] h, ByteBuffer block) {
      int[] w = new int[64];
      for (int i = 0; i < 16; i++) {
        w[i] = block.getInt();
      }
      for (int i = 16; i < 64; i++) {
        int x = w[i - 15];
        int y = w[i - 2];
        w[i] =
            w[i - 16]
                + (r(x, 7) ^ r(x, 18) ^ (x >>> 3))
                + w[i - 7]
                + (r(y, 17) ^ r(y, 19) ^ (y >>> 10));
      }
      int[] v = h.clone();
      for (int i = 0; i < 64; i++) {
        int e = v[4];
        int a = v[0];
        int t1 = v[7] + (r(e, 6) ^ r(e, 11) ^ r(e, 25)) + ((e & v[5]) ^ (~e & v[6])) + K[i] + w[i];
        int t2 = (r(a, 2) ^ r(a, 13) ^ r(a, 22)) + ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));
        System.arraycopy(v, 0, v, 1, 7);
        v[4] += t1;
        v[0] = t1 + t2;
      }
      for (int i = 0; i < 8; i++) {
        h[i] += v[i];
      }
    }

    private static int r(int x, int n) {
      return Integer.rotateRight(x, n);
    }

    // The first 32 bits of the fractions of the cube roots of the first primes.
    private static int[] roots(int count) {
      int[] k = new int[count];
      BigInteger prime = BigInteger.ONE;
      for (int i = 0; i < count; i++) {
        prime = prime.nextProbablePrime();
        k[i] = cubeRoot(prime.shiftLeft(96)).intValue();
      }
      return k;
    }

    private static BigInteger cubeRoot(BigInteger n) {
      BigInteger low = BigInteger.ZERO;
      BigInteger high = BigInteger.ONE.shiftLeft(n.bitLength() / 3 + 1);
      while (high.subtract(low).compareTo(BigInteger.ONE) > 0) {
        BigInteger middle = low.add(high).shiftRight(1);
        boolean over = middle.pow(3).compareTo(n) > 0;
        high = over ? middle : high;
        low = over ? low : middle;
      }
      return low;
    }
  }
}
