package dev.gatehouse.webhook.scheme;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EncodingTest {
  private static final int LENGTHS = 40;

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "TEXT")
  void decode_ofWhatWasEncoded_givesItBack(Encoding encoding) {
    for (int length = 0; length < LENGTHS; length++) {
      byte[] bytes = random(length);

      assertThat(encoding.decode(encoding.encode(bytes))).isEqualTo(bytes);
      assertThat(encoding.decode("v1," + encoding.encode(bytes) + " ", 3, end(encoding, bytes)))
          .isEqualTo(bytes);
    }
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"TEXT", "HEX_ANY_CASE"})
  void decode_ofAnyOtherCharacterInAnyPlace_isNotTheSameBytes(Encoding encoding) {
    for (int length = 1; length < LENGTHS; length++) {
      byte[] bytes = random(length);
      String text = encoding.encode(bytes);
      for (int at = 0; at < text.length(); at++) {
        for (char c = 0; c < 0x180; c++) {
          String other = text.substring(0, at) + c + text.substring(at + 1);

          assertThat(c == text.charAt(at) || !is(bytes, encoding.decode(other)))
              .as("character %d at %d of %d", (int) c, at, text.length())
              .isTrue();
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "TEXT")
  void decode_ofACharacterThatIsNoneOfTheAlphabet_isRefused(Encoding encoding) {
    for (int length = 1; length < LENGTHS; length++) {
      String text = encoding.encode(new byte[length]);
      for (int at = 0; at < text.length(); at++) {
        for (char c : new char[] {'!', ' ', '\n', '\u00e9', '\u0141', '\u4141'}) {
          String other = text.substring(0, at) + c + text.substring(at + 1);

          assertThat(encoding.decode(other)).as("%d at %d", (int) c, at).isNull();
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "TEXT")
  void decode_intoAnArray_refusesATextOfNoLength(Encoding encoding) {
    assertThat(encoding.length("A", 0, 1)).isNegative();
    assertThat(encoding.decode("A", 0, 1, new byte[8])).isFalse();
    assertThat(encoding.decode("a", 0, 1, new byte[8])).isFalse();
  }

  @Test
  void decode_ofHexInEitherCase_isTheSameOnlyWhereTheCaseMeansNothing() {
    byte[] bytes = random(LENGTHS);
    String upper = Encoding.HEX.encode(bytes).toUpperCase(Locale.ROOT);

    assertThat(Encoding.HEX_ANY_CASE.decode(upper)).isEqualTo(bytes);
    assertThat(Encoding.HEX_ANY_CASE.decode("aB")).isEqualTo(new byte[] {(byte) 0xAB});
    assertThat(Encoding.HEX_ANY_CASE.decode("@g")).isNull();
    assertThat(Encoding.HEX_ANY_CASE.decode("G`")).isNull();
    assertThat(Encoding.HEX.decode(upper)).isNull();
  }

  private static boolean is(byte[] bytes, byte[] decoded) {
    return Arrays.equals(bytes, decoded);
  }

  private static int end(Encoding encoding, byte[] bytes) {
    return 3 + encoding.encode(bytes).length();
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }
}
