package dev.gatehouse.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BoundedJsonTest {
  private static final BoundedJson JSON = BoundedJson.ofDepth(3);

  private static Optional<Object> read(String text) {
    return JSON.value(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void value_ofAnyType_isReadAsItIs() {
    assertThat(read("{\"a\":[1,2.5,true,null,\"x\"],\"b\":{}}"))
        .hasValueSatisfying(
            value -> {
              Map<?, ?> map = (Map<?, ?>) value;
              assertThat(map.get("a")).isEqualTo(Arrays.asList(1, 2.5, true, null, "x"));
              assertThat(map.get("b")).isEqualTo(Map.of());
            });
    assertThat(JSON.object("[]".getBytes(StandardCharsets.UTF_8))).isEmpty();
  }

  @Test
  void number_ofAnySize_losesNothing() {
    assertThat(read("[9223372036854775808,0.1,0.12345678901234567890,1e2]").orElseThrow())
        .isEqualTo(
            List.of(
                new BigInteger("9223372036854775808"),
                0.1,
                new BigDecimal("0.12345678901234567890"),
                100.0));
  }

  @Test
  void number_beyondAnyUse_isRefused() {
    for (String number :
        List.of(
            "1e400", "-1e400", "1e-500", "1e99999999999", "NaN", "Infinity", "+1", "01", "1.")) {
      assertThat(read("[" + number + "]")).as(number).isEmpty();
    }
    assertThat(read("[" + "9".repeat(101) + "]")).isEmpty();
    assertThat(read("[" + "9".repeat(100) + "]")).isPresent();
  }

  @Test
  void depth_beyondTheBound_isRefused() {
    assertThat(read("[[[1]]]")).isPresent();
    assertThat(read("[[[[1]]]]")).isEmpty();
    assertThat(read("{\"a\":[{\"a\":{}}]}")).isEmpty();
    assertThat(read("[".repeat(1_000_000))).isEmpty();
  }

  @Test
  void member_twice_isRefusedAtAnyDepth() {
    assertThat(read("{\"a\":1,\"a\":1}")).isEmpty();
    assertThat(read("{\"a\":null,\"\\u0061\":1}")).isEmpty();
    assertThat(read("[{\"b\":{\"a\":1,\"a\":2}}]")).isEmpty();
  }

  @Test
  void text_thatIsNotWholeUtf8_isRefused() {
    assertThat(JSON.value(new byte[] {'[', '"', (byte) 0xff, '"', ']'})).isEmpty();
    assertThat(read("\uFEFF[]")).isEmpty();
    assertThat(read("[\"\\ud800\"]")).isEmpty();
    assertThat(read("[\"\\udc00\\ud800\"]")).isEmpty();
    assertThat(read("[\"\\ud83d\\ude00\"]")).isPresent();
  }

  @Test
  void anything_elseThanOneListOrObject_isRefused() {
    for (String text :
        List.of("", " ", "1", "null", "\"a\"", "{} {}", "[]x", "{", "[1,]", "{a:1}")) {
      assertThat(read(text)).as(text).isEmpty();
    }
  }
}
