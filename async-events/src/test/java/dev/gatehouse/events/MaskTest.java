package dev.gatehouse.events;

import static dev.gatehouse.events.Callers.ACME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.events.filter.Filter;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a principal may not see is neither sent, nor to be found out by asking for it. */
class MaskTest extends HubTest {
  private static JsonObject customer(String email) {
    return new JsonObject()
        .put("order", "o1")
        .put("customer", new JsonObject().put("email", email).put("name", "Ann"));
  }

  private void hideEmails() {
    policy.mask =
        (principal, event) ->
            principal.scopes().contains("pii")
                ? Mask.none()
                : Mask.hiding("data.customer.email", "region");
  }

  @Test
  void field_thatIsHidden_isNotSent() {
    hideEmails();
    Reader plain = Reader.of(hub, Callers.of(ACME, "ann"), ">");
    Reader trusted = Reader.of(hub, Callers.of(ACME, "bob", "pii"), ">");

    publish(
        Event.builder("a")
            .tenant(ACME)
            .attribute("region", "eu")
            .attribute("kind", "x")
            .data(EventData.json(customer("ann@example.org")))
            .build());

    plain.awaitCount(1);
    trusted.awaitCount(1);
    EventView hidden = plain.message(0).event();
    assertThat(hidden.data().bytes().toString())
        .isEqualTo("{\"order\":\"o1\",\"customer\":{\"name\":\"Ann\"}}");
    assertThat(hidden.attributes()).containsOnlyKeys("kind");
    EventView whole = trusted.message(0).event();
    assertThat(whole.data().bytes().toString()).contains("ann@example.org");
    assertThat(whole.attributes()).containsOnlyKeys("kind", "region");
  }

  @Test
  void oracle_byFilteringOnAHiddenField_countsNothing() {
    hideEmails();
    String secret = "ann@example.org";
    List<String> questions =
        List.of(
            "data.customer.email = '" + secret + "'",
            "data.customer.email != '" + secret + "'",
            "not (data.customer.email = '" + secret + "')",
            "prefix(data.customer.email, 'a')",
            "not prefix(data.customer.email, 'b')",
            "data.customer.email in ('" + secret + "')",
            "data.customer.email > ''",
            "exists(data.customer.email)",
            "region = 'eu'",
            "not (region = 'eu')",
            "exists(region)");
    List<Reader> curious =
        questions.stream()
            .map(
                question ->
                    Reader.of(
                        hub,
                        Callers.of(ACME, "ann"),
                        SubscriptionRequest.of(">").filtered(Filter.parse(question))))
            .toList();
    Reader absent =
        Reader.of(
            hub,
            Callers.of(ACME, "ann"),
            SubscriptionRequest.of(">").filtered(Filter.parse("not exists(data.customer.email)")));
    for (int i = 0; i < 20; i++) {
      publish(
          Event.builder("a")
              .tenant(ACME)
              .attribute("region", i % 2 == 0 ? "eu" : "us")
              .data(EventData.json(customer(i % 3 == 0 ? secret : "other@example.org")))
              .build());
    }

    // Hidden, it is not there for anybody: this one gets all, whatever stands in the field.
    absent.awaitCount(20);
    settle(ACME);
    for (Reader each : curious) {
      assertThat(each.got).isEmpty();
    }
  }

  @Test
  void mask_throughArrays_hidesInEachItem() {
    EventData data =
        EventData.json(
            new JsonObject()
                .put(
                    "lines",
                    new JsonArray()
                        .add(new JsonObject().put("sku", "a").put("cost", 1))
                        .add(new JsonObject().put("sku", "b").put("cost", 2))
                        .add("text")));

    EventData masked = Mask.hiding("data.lines.cost").over(data);

    assertThat(masked.bytes().toString())
        .isEqualTo("{\"lines\":[{\"sku\":\"a\"},{\"sku\":\"b\"},\"text\"]}");
  }

  @Test
  void mask_ofNumbersAndEscapes_changesNothingElse() {
    String json =
        "{\"big\":123456789012345678901234567890,\"real\":1.5,\"text\":\"\\u0000é\\\"\","
            + "\"none\":null,\"flag\":false,\"list\":[1,[2]],\"gone\":1}";
    EventData masked =
        Mask.hiding("data.gone")
            .over(EventData.of("application/json", io.vertx.core.buffer.Buffer.buffer(json)));

    assertThat(masked.bytes().toString()).isEqualTo(json.replace(",\"gone\":1", ""));
  }

  @Test
  void mask_ofDataWithAKeyTwiceOrNoJson_showsNothing() {
    Mask mask = Mask.hiding("data.a");
    for (String text : List.of("{\"a\":1,\"a\":2}", "{\"b\":{\"a\":1},\"b\":{}}", "{", "<a/>")) {
      assertThat(
              mask.over(EventData.of("application/json", io.vertx.core.buffer.Buffer.buffer(text))))
          .isNull();
    }
    assertThat(mask.over(EventData.of("text/xml", io.vertx.core.buffer.Buffer.buffer("<a/>"))))
        .isNull();
    assertThat(mask.over(EventData.none())).isSameAs(EventData.none());
  }

  @Test
  void mask_ofWhatEveryEventHas_isRefused() {
    for (String field : List.of("id", "type", "topic", "source", "tenant", "data", "data.", "A")) {
      assertThatThrownBy(() -> Mask.hiding(field)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void views_withEqualMasks_areOneAndEncodedOnce() {
    policy.mask = (principal, event) -> Mask.hiding("data.customer.email");
    Reader one = Reader.of(hub, Callers.of(ACME, "ann"), ">");
    Reader other = Reader.of(hub, Callers.of(ACME, "bob"), ">");
    publish(ACME, "a", "e", customer("x"));
    one.awaitCount(1);
    other.awaitCount(1);

    assertThat(one.message(0).event()).isSameAs(other.message(0).event());
  }
}
