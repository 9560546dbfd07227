package dev.gatehouse.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** ASCII is read as bytes and all else as text: a reader must not be able to tell which it was. */
final class JsonScalarsTest {
  private static final List<String> POINTERS = List.of("/id", "/a/b", "/list/0", "/a~1b", "/n");
  private static final String REST =
      "\"id\":\"evt_1\",\"a\":{\"b\":true,\"c\":[1,2,{\"d\":null}]},"
          + "\"list\":[\"first\",-1.5e3],\"a\\/b\":\"\\u0041\",\"n\":-0}";
  private static final String PIECES = "{}[]:,\"\\/ueE+-.0123tfnlse \n\t\0\u0001";

  private static Optional<Map<String, String>> read(String filler, String rest) {
    String body = "{\"filler\":\"" + filler + "\"," + rest;
    return JsonScalars.read(body.getBytes(StandardCharsets.UTF_8), POINTERS);
  }

  @Test
  void body_ofAsciiOrNot_hasTheSameScalars() {
    assertThat(read("e", REST))
        .contains(
            Map.of("/id", "evt_1", "/a/b", "true", "/list/0", "first", "/a~1b", "A", "/n", "-0"))
        .isEqualTo(read("é", REST));
  }

  @Test
  void body_garbledAtRandom_isReadAlikeAsBytesAndAsText() {
    Random random = new Random(20_271);
    int readable = 0;
    for (int i = 0; i < 20_000; i++) {
      StringBuilder rest = new StringBuilder(REST);
      for (int changes = random.nextInt(3); changes >= 0; changes--) {
        char piece = PIECES.charAt(random.nextInt(PIECES.length()));
        int at = random.nextInt(rest.length());
        if (random.nextBoolean()) {
          rest.insert(at, piece);
        } else {
          rest.setCharAt(at, piece);
        }
      }
      Optional<Map<String, String>> asBytes = read("e", rest.toString());
      assertThat(asBytes).as("%s", rest).isEqualTo(read("é", rest.toString()));
      readable += asBytes.isPresent() ? 1 : 0;
    }
    assertThat(readable).isBetween(500, 19_500);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"id\":1,\"id\":2}",
        "\"id\":1,\"\\u0069d\":2}",
        "\"id\":1} x",
        "\"id\":1}{}",
        "\"id\":\"\\ud800\"}",
        "\"id\":\"a",
        "\"id\":01}",
        "\"id\":1,}"
      })
  void body_thatTwoReadersCouldSeeDifferently_isUnreadable(String rest) {
    assertThat(read("e", rest)).isEmpty();
    assertThat(read("é", rest)).isEmpty();
  }

  @Test
  void body_nestedDeeperThan200_isUnreadable() {
    String deep = "\"id\":1,\"x\":" + "[".repeat(200) + "]".repeat(200) + "}";
    String fits = "\"id\":1,\"x\":" + "[".repeat(199) + "]".repeat(199) + "}";
    assertThat(read("e", deep)).isEmpty();
    assertThat(read("é", deep)).isEmpty();
    assertThat(read("e", fits)).isPresent();
    assertThat(read("é", fits)).isPresent();
  }

  @Test
  void body_inAnotherEncodingThanUtf8_isUnreadable() {
    String json = "{\"id\":\"evt_1\"}";
    assertThat(JsonScalars.read(json.getBytes(StandardCharsets.UTF_16LE), POINTERS)).isEmpty();
    assertThat(JsonScalars.read(json.getBytes(StandardCharsets.UTF_16BE), POINTERS)).isEmpty();
    byte[] marked = ("\uFEFF" + json).getBytes(StandardCharsets.UTF_8);
    assertThat(JsonScalars.read(marked, POINTERS)).isEmpty();
    assertThat(JsonScalars.read(new byte[] {'"', (byte) 0xff, '"'}, POINTERS)).isEmpty();
  }

  @Test
  void ascii_isEachByteFrom1To127_whereverItStands() {
    for (int length = 0; length < 40; length++) {
      byte[] body = new byte[length];
      for (int at = 0; at < length; at++) {
        for (int value = Byte.MIN_VALUE; value <= Byte.MAX_VALUE; value++) {
          Arrays.fill(body, (byte) 'x');
          body[at] = (byte) value;
          assertThat(JsonScalars.isAscii(body)).isEqualTo(value > 0);
        }
      }
    }
  }

  @Test
  void names_thatCollideInTheParsersTable_areReadOrRefusedAndNeverThrown() {
    StringBuilder rest = new StringBuilder("\"id\":\"evt_1\"");
    for (int i = 0; i < 50_000; i++) {
      rest.append(",\"").append(Integer.toString(i * 7919, 36)).append("\":0");
    }
    assertThat(read("e", rest.append('}').toString()).orElseThrow()).containsEntry("/id", "evt_1");
  }
}
