package dev.gatehouse.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventBusSourceTest {
  private final Vertx vertx = Vertx.vertx();
  private EventHub hub;
  private EventBusSource source;
  private Reader acme;
  private Reader globex;

  @BeforeEach
  void open() {
    hub = EventHub.create(vertx, EventLog.inMemory(), EventPolicy.everyoneOfTheTenant());
    source =
        EventBusSource.builder(vertx, hub)
            .address("orders.paid")
            .address("legacy/stock", "stock.changed")
            .start();
    acme = Reader.of(hub, Callers.of(Callers.ACME, "ann"), ">");
    globex = Reader.of(hub, Callers.of(Callers.GLOBEX, "gus"), ">");
  }

  @AfterEach
  void close() {
    Await.get(source.close());
    Await.get(hub.close());
    Await.get(vertx.close());
  }

  private static DeliveryOptions tenant(String name) {
    return new DeliveryOptions().addHeader("tenant", name);
  }

  @Test
  void message_withATenant_reachesThatTenantAlone() {
    vertx.eventBus().publish("orders.paid", new JsonObject().put("n", 1), tenant("acme"));
    vertx.eventBus().publish("legacy/stock", "few", tenant("acme").addHeader("id", "stock-1"));

    acme.awaitCount(2);
    EventView paid = acme.message(0).event();
    assertThat(paid.topic().name()).isEqualTo("orders.paid");
    assertThat(paid.data().bytes().toString()).isEqualTo("{\"n\":1}");
    EventView stock = acme.message(1).event();
    assertThat(stock.topic().name()).isEqualTo("stock.changed");
    assertThat(stock.id()).isEqualTo("stock-1");
    assertThat(stock.data().bytes().toString()).isEqualTo("\"few\"");
    assertThat(globex.got).isEmpty();
    Await.until("both are counted", () -> source.accepted() == 2);
  }

  @Test
  void message_withoutATenant_reachesNobodyAndIsCounted() {
    vertx.eventBus().publish("orders.paid", new JsonObject().put("tenant", "acme"));

    Await.until("it is counted", () -> source.refused() == 1);
    assertThat(hub.stats().refusedPublications().get(Refusal.Code.TENANT_REQUIRED)).isEqualTo(1);
    assertThat(acme.got).isEmpty();
    assertThat(globex.got).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", " acme", "acme ", "acme,globex", "*", ">", "acme.x", "аcme", "a/b"})
  void message_withATenantThatIsNone_reachesNobody(String claimed) {
    vertx.eventBus().publish("orders.paid", new JsonObject(), tenant(claimed));

    Await.until("it is counted", () -> source.refused() == 1);
    assertThat(acme.got).isEmpty();
  }

  @Test
  void message_withTwoTenants_reachesNobody() {
    vertx
        .eventBus()
        .publish("orders.paid", new JsonObject(), tenant("acme").addHeader("tenant", "globex"));

    Await.until("it is counted", () -> source.refused() == 1);
    assertThat(acme.got).isEmpty();
    assertThat(globex.got).isEmpty();
  }

  @Test
  void message_ofAnotherAddress_isNotTaken() {
    vertx.eventBus().publish("orders.sent", new JsonObject(), tenant("acme"));
    vertx.eventBus().publish("orders.paid", new JsonObject(), tenant("acme"));

    acme.awaitCount(1);
    assertThat(acme.message(0).event().topic().name()).isEqualTo("orders.paid");
  }

  @Test
  void message_thatIsNoEvent_isSetAsideAndTheNextArrives() {
    vertx.eventBus().publish("orders.paid", 'x', tenant("acme"));
    vertx
        .eventBus()
        .publish("orders.paid", new JsonObject(), tenant("acme").addHeader("id", "a\nb"));
    List<Object> bodies =
        List.of(new JsonArray().add(1), Buffer.buffer(new byte[] {0, 1}), true, 7, "text");
    bodies.forEach(body -> vertx.eventBus().publish("orders.paid", body, tenant("acme")));

    acme.awaitCount(bodies.size());
    assertThat(source.setAside()).isEqualTo(2);
    assertThat(acme.message(1).event().data().bytes().getBytes()).containsExactly(0, 1);
  }

  @Test
  void request_isAnsweredWithWhatBecameOfIt() {
    assertThat(
            Await.get(
                    vertx
                        .eventBus()
                        .<String>request("orders.paid", new JsonObject(), tenant("acme")))
                .body())
        .isEqualTo("accepted");
    assertThat(vertx.eventBus().request("orders.paid", new JsonObject()).toCompletionStage())
        .failsWithin(Duration.ofSeconds(20))
        .withThrowableThat()
        .havingCause()
        .isInstanceOfSatisfying(
            ReplyException.class,
            failure -> {
              assertThat(failure.failureCode()).isEqualTo(EventBusSource.REFUSED);
              assertThat(failure.getMessage()).isEqualTo("tenant_required");
            });
  }

  @Test
  void message_whosePublishingEndsInAnError_isSetAsideAndTheNextArrives() {
    AtomicBoolean broken = new AtomicBoolean();
    EventHub other =
        EventHub.builder(vertx)
            .policy(EventPolicy.everyoneOfTheTenant())
            .clock(() -> now(broken.get()))
            .build();
    EventBusSource one =
        EventBusSource.builder(vertx, other).address("orders.sent").maxInFlight(1).start();
    Reader reader = Reader.of(other, Callers.of(Callers.ACME, "ann"), ">");
    broken.set(true);
    vertx.eventBus().publish("orders.sent", 1, tenant("acme").addHeader("id", "e1"));
    Await.until("it is set aside", () -> one.setAside() == 1);
    broken.set(false);

    vertx.eventBus().publish("orders.sent", 2, tenant("acme").addHeader("id", "e2"));

    reader.awaitCount(1);
    assertThat(reader.ids()).containsExactly("e2");
    Await.get(one.close());
    Await.get(other.close());
  }

  private static Instant now(boolean broken) {
    if (broken) {
      throw new NoClassDefFoundError("of a clock");
    }
    return Instant.now();
  }

  @Test
  void build_withoutAnAddressOrWithAWildcard_isRefused() {
    assertThatThrownBy(() -> EventBusSource.builder(vertx, hub).start())
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> EventBusSource.builder(vertx, hub).address("orders.*"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
