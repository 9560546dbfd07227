package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.receiver.Deliver.Order;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class OrderKeysTest {
  private static String at(String pointer, String body) {
    return new OrderKeys(new Order.ByPointer(pointer))
        .of("t", body.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void value_atThePointer_isTheKey() {
    assertThat(at("/data/order", "{\"type\":1,\"data\":{\"order\":\"o-1\"}}")).isEqualTo("o-1");
    assertThat(at("/data/order", "{\"data\":{\"order\":17}}")).isEqualTo("17");
    assertThat(at("/a~1b/1", "{\"a/b\":[true,false]}")).isEqualTo("false");
  }

  @Test
  void body_withoutAValueThere_hasNoOrder() {
    for (String body :
        new String[] {
          "", "x", "[]", "{}", "{\"a\":null}", "{\"a\":{}}", "{\"a\":[1]}", "{\"b\":1}", "{\"a"
        }) {
      assertThat(at("/a", body)).as(body).isNull();
    }
  }

  @Test
  void value_thatIsLong_isADigestAndStillTellsApart() {
    String one = at("/a", "{\"a\":\"" + "x".repeat(5000) + "\"}");
    String two = at("/a", "{\"a\":\"" + "x".repeat(5001) + "\"}");

    assertThat(one).startsWith("sha256:").hasSizeLessThan(128).isNotEqualTo(two);
  }

  @Test
  void unverified_neverTakesAKeyFromItsBody() {
    assertThat(new OrderKeys(new Order.ByPointer("/a")).ofUnverified("t")).isNull();
    assertThat(new OrderKeys(new Order.ByTenant()).ofUnverified("t")).isEqualTo("t");
    assertThat(new OrderKeys(new Order.BySource()).ofUnverified(null)).isEqualTo("*");
    assertThat(new OrderKeys(new Order.None()).ofUnverified("t")).isNull();
  }
}
