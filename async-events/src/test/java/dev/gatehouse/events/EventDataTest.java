package dev.gatehouse.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.events.filter.FieldPath;
import dev.gatehouse.events.filter.Filter;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.lang.ref.WeakReference;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.DoubleAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an event carries: a bounded media type, and numbers that stay what they were. */
class EventDataTest {
  private static String written(Object value) {
    return EventData.json(new JsonObject().put("n", value)).bytes().toString();
  }

  private static EventView masked(String json) {
    Event event =
        Event.builder("a")
            .tenant(Callers.ACME)
            .data(EventData.of(EventData.JSON, Buffer.buffer(json)))
            .build();
    EventView view = EventView.of(event, Mask.hiding("data.secret"));
    assertThat(view).isNotNull();
    return view;
  }

  @Test
  void contentType_thatIsTooLongOrBreaksALine_isRefused() {
    Buffer bytes = Buffer.buffer("x");
    for (String wrong : List.of("a".repeat(257), "text/plain\n", "text/\u0000", "text/\u0085")) {
      assertThatThrownBy(() -> EventData.of(wrong, bytes))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("content type");
    }
    assertThat(EventData.of("a".repeat(256), bytes).contentType()).hasSize(256);
  }

  @Test
  void attribute_namedLikeADocumentsData_isRefused() {
    for (String data : List.of("data", "data_base64")) {
      assertThatThrownBy(() -> Event.builder("a").attribute(data, "eA=="))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void fields_thatNobodyReadsNow_takeNoRoomOnceMemoryWasCollected() {
    EventData data = EventData.of(EventData.JSON, Buffer.buffer("{\"list\":[{},{},{}]}"));
    WeakReference<Object> seen = new WeakReference<>(data.object());

    Await.until(
        "they are given up",
        () -> {
          System.gc();
          return seen.get() == null;
        });

    assertThat(data.isReadable()).isTrue();
    assertThat(data.object()).isEqualTo(Map.of("list", List.of(Map.of(), Map.of(), Map.of())));
  }

  @Test
  void contentType_ofAnEvent_isWeighed() {
    Buffer bytes = Buffer.buffer("x");
    Event event =
        Event.builder("a").tenant(Callers.ACME).id("1").data(EventData.of("", bytes)).build();
    Event typed = event.toBuilder().data(EventData.of("a".repeat(256), bytes)).build();
    assertThat(typed.weight()).isEqualTo(event.weight() + 256);
  }

  @Test
  void decimal_ofADocument_isWrittenExactly() {
    assertThat(written(new BigDecimal("19.99"))).isEqualTo("{\"n\":19.99}");
    assertThat(written(new BigDecimal("19.990"))).isEqualTo("{\"n\":19.990}");
    assertThat(written(new BigDecimal("1e30"))).isEqualTo("{\"n\":1E+30}");
    assertThat(written(new BigDecimal("12345678901234567890.123456789")))
        .isEqualTo("{\"n\":12345678901234567890.123456789}");
  }

  @Test
  void decimal_beyondItsBounds_isRefused() {
    List<String> beyond = List.of("1e999999999", "1e-999999999", "1e400", "0e1001", "1".repeat(65));
    for (String number : beyond) {
      assertThatThrownBy(() -> written(new BigDecimal(number)))
          .as(number)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("round it");
    }
  }

  @Test
  void float_ofADocument_isWrittenAsAFloat() {
    assertThat(written(1.1f)).isEqualTo("{\"n\":1.1}");
    assertThat(written(1.1)).isEqualTo("{\"n\":1.1}");
    assertThatThrownBy(() -> written(Float.NaN)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> written(Double.POSITIVE_INFINITY))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void wholeNumber_ofADocument_isWrittenAsOne() {
    List<Number> ones =
        List.of(
            (byte) 1, (short) 1, 1, 1L, new AtomicInteger(1), new AtomicLong(1), BigInteger.ONE);
    assertThat(ones).allSatisfy(one -> assertThat(written(one)).isEqualTo("{\"n\":1}"));
  }

  @Test
  void wholeNumber_beyondItsBounds_isRefused() {
    assertThat(written(BigInteger.TEN.pow(63))).isEqualTo("{\"n\":1" + "0".repeat(63) + "}");
    assertThatThrownBy(() -> written(BigInteger.TEN.pow(64)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("round it");
  }

  @Test
  void number_thatMayBeNeither_isRefused() {
    DoubleAdder sum = new DoubleAdder();
    sum.add(19.99);
    assertThatThrownBy(() -> written(sum))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not a JSON value");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "19.99",
        "19.990",
        "0.1234567890123456789012345678901234567890",
        "12345678901234567890.5",
        "9007199254740993.0",
        "123456789012345678901234567890",
        "1E-7"
      })
  void number_ofAMaskedView_keepsItsDigits(String number) {
    EventView view = masked("{\"n\":" + number + ",\"secret\":1.5}");
    assertThat(view.data().bytes().toString()).isEqualTo("{\"n\":" + number + "}");
  }

  @Test
  void number_thatNoDoubleHolds_cannotBeShownMasked() {
    for (String number : List.of("1e400", "1e999999999", "1e-999999999", "1e99999999999")) {
      EventData data = EventData.of(EventData.JSON, Buffer.buffer("{\"n\":" + number + "}"));
      assertThat(Mask.hiding("data.secret").over(data)).as(number).isNull();
    }
  }

  @Test
  void decimal_inAFilterOrARule_isADouble() {
    EventView view = masked("{\"n\":19.99,\"big\":1e3}");
    assertThat(view.value(FieldPath.of("data.n"))).isEqualTo(19.99);
    for (String filter :
        List.of("data.n = 19.99", "data.n > 19", "data.n < 20", "data.big = 1000")) {
      assertThat(Filter.parse(filter).matches(view)).as(filter).isTrue();
    }
    assertThat(Filter.parse("data.n = 19.991").matches(view)).isFalse();
  }
}
