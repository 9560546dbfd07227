package dev.gatehouse.webhook;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HmacTest {
  private static final String LONG_KEY_TEXT =
      "Test Using Larger Than Block-Size Key - Hash Key First";

  @ParameterizedTest
  @CsvSource({
    // RFC 4231, cases 1, 2 and 6; RFC 2202, cases 1, 2 and 6 of both digests
    "HmacSHA256,20,b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    "HmacSHA384,20,afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c"
        + "faea9ea9076ede7f4af152e8b2fa9cb6",
    "HmacSHA512,20,87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
        + "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
    "HmacSHA1,20,b617318655057264e28bc0b6fb378c8ef146be00",
    "HmacMD5,16,9294727a3638bb1c13f48ef8158bfc9d"
  })
  void hmac_ofTheFirstPublishedCase_isThatOfTheRfc(String algorithm, int keyLength, String mac) {
    assertThat(hex(algorithm, filled(0x0b, keyLength), "Hi There")).isEqualTo(mac);
  }

  @ParameterizedTest
  @CsvSource({
    "HmacSHA256,5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    "HmacSHA1,effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
    "HmacMD5,750c783e6ab0b503eaa86e310a5db738"
  })
  void hmac_ofAShortKey_isThatOfTheRfc(String algorithm, String mac) {
    assertThat(hex(algorithm, "Jefe".getBytes(US_ASCII), "what do ya want for nothing?"))
        .isEqualTo(mac);
  }

  @ParameterizedTest
  @CsvSource({
    "HmacSHA256,131,60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    "HmacSHA512,131,80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
        + "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598",
    "HmacSHA1,80,aa4ae5e15272d00e95705637ce8a3b55ed402112"
  })
  void hmac_ofAKeyLongerThanABlock_isThatOfTheRfc(String algorithm, int keyLength, String mac) {
    assertThat(hex(algorithm, filled(0xaa, keyLength), LONG_KEY_TEXT)).isEqualTo(mac);
  }

  @ParameterizedTest
  @ValueSource(strings = {"HmacMD5", "HmacSHA1", "HmacSHA256", "HmacSHA384", "HmacSHA512"})
  void hmac_ofRandomKeysContentsAndCuts_isThatOfTheJdk(String algorithm)
      throws GeneralSecurityException {
    Random random = new Random(4231);
    for (int round = 0; round < 3_000; round++) {
      byte[] key = bytes(random, 1 + random.nextInt(300));
      byte[] content = bytes(random, random.nextInt(700));
      Mac expected = Mac.getInstance(algorithm);
      expected.init(new SecretKeySpec(key, algorithm));

      Hmac hmac = Hmac.of(algorithm, key);
      feedInPieces(hmac, content, random);

      assertThat(hmac).isInstanceOf(MidstateHmac.class);
      assertThat(hmac.finish()).isEqualTo(expected.doFinal(content));
      // the same object again, with what it was fed before it was reset
      hmac.update(content, 0, content.length);
      hmac.reset();
      assertThat(hmac.finish()).isEqualTo(expected.doFinal());
    }
  }

  @Test
  void hmac_sharedByThreads_isThatOfTheJdkForEach() throws Exception {
    byte[] key = filled(7, 32);
    MidstateHmac shared = (MidstateHmac) Hmac.of("HmacSHA256", key);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Callable<Integer>> works = new ArrayList<>();
      for (int seed = 0; seed < 4; seed++) {
        Random random = new Random(seed);
        works.add(() -> wrongOnes(shared, key, random));
      }
      for (Future<Integer> wrong : threads.invokeAll(works)) {
        assertThat(wrong.get()).isZero();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static int wrongOnes(MidstateHmac shared, byte[] key, Random random) throws Exception {
    Mac expected = Mac.getInstance("HmacSHA256");
    expected.init(new SecretKeySpec(key, "HmacSHA256"));
    int wrong = 0;
    byte[] mac = new byte[64];
    for (int round = 0; round < 5_000; round++) {
      byte[] first = bytes(random, 100);
      byte[] then = bytes(random, random.nextInt(700));
      int length = random.nextInt(first.length + 1);
      expected.update(first, 0, length);
      int macLength = shared.of(first, length, then, mac);
      wrong += Arrays.equals(Arrays.copyOf(mac, macLength), expected.doFinal(then)) ? 0 : 1;
    }
    return wrong;
  }

  @Test
  void hmac_copiedWhileFed_sharesNothingWithItsCopy() {
    byte[] key = filled(7, 32);
    Hmac one = Hmac.of("HmacSHA256", key);
    one.update(filled(1, 100), 0, 100);
    Hmac other = one.copy();
    other.update(filled(2, 100), 0, 100);

    byte[] ofOther = other.finish().clone();

    assertThat(one.finish()).isNotEqualTo(ofOther);
    assertThat(ofOther).isEqualTo(macOf(key, filled(2, 100)));
  }

  @Test
  void hmac_ofADigestThatCannotBeCopied_isThatOfTheProvider() {
    Hmac plain = Hmac.of("HmacSHA256", filled(7, 32));

    assertThat(Hmac.preferred(new ForeignDigest(false), filled(7, 32), plain)).isSameAs(plain);
  }

  @Test
  void hmac_ofADigestWhoseCopiesShareItsState_isThatOfTheProvider() {
    Hmac plain = Hmac.of("HmacSHA256", filled(7, 32));

    assertThat(Hmac.preferred(new ForeignDigest(true), filled(7, 32), plain)).isSameAs(plain);
  }

  @Test
  void providerHmac_usedAgainResetAndCopied_isThatOfTheJdk() throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(filled(7, 32), "HmacSHA256"));
    Hmac hmac = new ProviderHmac(mac).copy();

    hmac.update(filled(3, 10), 0, 10);
    hmac.reset();
    hmac.update(filled(1, 100), 0, 100);

    assertThat(hmac.finish()).isEqualTo(macOf(filled(7, 32), filled(1, 100)));
  }

  private static byte[] macOf(byte[] key, byte[] content) {
    Hmac hmac = Hmac.of("HmacSHA256", key);
    hmac.update(content, 0, content.length);
    return hmac.finish();
  }

  private static void feedInPieces(Hmac hmac, byte[] content, Random random) {
    int at = 0;
    while (at < content.length) {
      int length = Math.min(content.length - at, 1 + random.nextInt(150));
      hmac.update(content, at, length);
      at += length;
    }
  }

  private static String hex(String algorithm, byte[] key, String content) {
    Hmac hmac = Hmac.of(algorithm, key);
    byte[] bytes = content.getBytes(US_ASCII);
    hmac.update(bytes, 0, bytes.length);
    return HexFormat.of().formatHex(hmac.finish());
  }

  private static byte[] bytes(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] filled(int value, int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  /** Another provider's SHA-256, which cannot be copied, or shares its state with its copies. */
  private static final class ForeignDigest extends MessageDigest {
    private final MessageDigest real;
    private final boolean copies;

    ForeignDigest(boolean copies) {
      super("SHA-256");
      this.real = Fingerprint.sha256();
      this.copies = copies;
    }

    @Override
    protected void engineUpdate(byte input) {
      real.update(input);
    }

    @Override
    protected void engineUpdate(byte[] input, int offset, int length) {
      real.update(input, offset, length);
    }

    @Override
    protected byte[] engineDigest() {
      return real.digest();
    }

    @Override
    protected int engineGetDigestLength() {
      return real.getDigestLength();
    }

    @Override
    protected void engineReset() {
      real.reset();
    }

    @Override
    public Object clone() throws CloneNotSupportedException {
      if (!copies) {
        throw new CloneNotSupportedException();
      }
      return super.clone();
    }
  }
}
