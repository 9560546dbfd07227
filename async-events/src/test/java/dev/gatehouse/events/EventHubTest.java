package dev.gatehouse.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.TenantId;
import dev.gatehouse.events.filter.Filter;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EventHubTest {
  private final Vertx vertx = Vertx.vertx();
  private EventHub hub;

  @BeforeEach
  void open() {
    hub = EventHub.create(vertx, EventLog.inMemory(), EventPolicy.everyoneOfTheTenant());
  }

  @AfterEach
  void close() {
    Await.get(hub.close());
    Await.get(vertx.close());
  }

  private void publish(TenantId tenant, String topic, String id) {
    Event event = Event.builder(topic).tenant(tenant).id(id).build();
    assertThat(Await.get(hub.publish(event)).isAccepted()).isTrue();
  }

  @Test
  void event_ofATopicThatIsAskedFor_arrivesWithItsData() {
    Reader reader = Reader.of(hub, Callers.of(Callers.ACME, "ann"), "orders.*");

    Await.get(hub.publish(Event.of(Callers.ACME, "orders.paid", new JsonObject().put("n", 1))));

    reader.awaitCount(1);
    EventView event = reader.message(0).event();
    assertThat(event.topic().name()).isEqualTo("orders.paid");
    assertThat(event.data().bytes().toString()).isEqualTo("{\"n\":1}");
    assertThat(event.time()).isPresent();
  }

  @Test
  void event_ofAnotherTenantOrTopic_doesNotArrive() {
    Reader reader = Reader.of(hub, Callers.of(Callers.ACME, "ann"), "orders.*");

    publish(Callers.GLOBEX, "orders.paid", "foreign");
    publish(Callers.ACME, "orders.eu.paid", "deeper");
    publish(Callers.ACME, "orders.paid", "own");

    reader.awaitCount(1);
    assertThat(reader.ids()).containsExactly("own");
  }

  @Test
  void event_thatTheFilterDoesNotWant_doesNotArrive() {
    Reader reader =
        Reader.of(
            hub,
            Callers.of(Callers.ACME, "ann"),
            SubscriptionRequest.of("orders.*").filtered(Filter.parse("subject = 'o1'")));

    for (String subject : List.of("o2", "o1", "o3")) {
      Await.get(
          hub.publish(
              Event.builder("orders.paid")
                  .tenant(Callers.ACME)
                  .id(subject)
                  .subject(subject)
                  .build()));
    }
    publish(Callers.ACME, "orders.paid", "none");

    reader.awaitCount(1);
    assertThat(reader.ids()).containsExactly("o1");
  }

  @Test
  void deliveries_moreThanAskedFor_waitForDemand() {
    Reader reader =
        Reader.idle(hub, Callers.of(Callers.ACME, "ann"), SubscriptionRequest.of("orders.*"));
    for (int i = 0; i < 5; i++) {
      publish(Callers.ACME, "orders.paid", "e" + i);
    }

    reader.subscription.request(2);
    reader.awaitCount(2);
    assertThat(reader.ids()).containsExactly("e0", "e1");
    reader.subscription.request(3);
    reader.awaitCount(5);
    assertThat(reader.ids()).containsExactly("e0", "e1", "e2", "e3", "e4");
  }

  @Test
  void cursor_ofTheLastDelivery_resumesBehindIt() {
    Reader first = Reader.of(hub, Callers.of(Callers.ACME, "ann"), "orders.*");
    for (int i = 0; i < 10; i++) {
      publish(Callers.ACME, "orders.paid", "e" + i);
    }
    first.awaitCount(10);
    first.connection.close();
    publish(Callers.ACME, "orders.paid", "missed");

    Reader second =
        Reader.of(
            hub,
            Callers.of(Callers.ACME, "ann"),
            SubscriptionRequest.of("orders.*").from(first.got.get(6).cursor()));
    publish(Callers.ACME, "orders.paid", "live");

    second.awaitCount(5);
    assertThat(second.ids()).containsExactly("e7", "e8", "e9", "missed", "live");
  }

  @Test
  void cursor_atTheStart_missesNothing() {
    Reader first = Reader.of(hub, Callers.of(Callers.ACME, "ann"), "orders.*");
    first.connection.close();
    publish(Callers.ACME, "orders.paid", "between");

    Reader second =
        Reader.of(
            hub,
            Callers.of(Callers.ACME, "ann"),
            SubscriptionRequest.of("orders.*").from(first.subscription.startCursor()));

    second.awaitCount(1);
    assertThat(second.ids()).containsExactly("between");
  }

  @Test
  void replay_longerThanTheQueue_comesWholeAndInOrderWhilePublishingGoesOn() {
    Reader first = Reader.of(hub, Callers.of(Callers.ACME, "ann"), "orders.*");
    for (int i = 0; i < 600; i++) {
      publish(Callers.ACME, "orders.paid", "e" + i);
    }
    Reader second =
        Reader.of(
            hub,
            Callers.of(Callers.ACME, "ann"),
            SubscriptionRequest.of("orders.*").from(first.subscription.startCursor()));
    for (int i = 600; i < 900; i++) {
      publish(Callers.ACME, "orders.paid", "e" + i);
    }

    second.awaitCount(900);
    assertThat(second.ids())
        .containsExactlyElementsOf(IntStream.range(0, 900).mapToObj(i -> "e" + i).toList());
  }

  @Test
  void broadcast_reachesEveryTenant_eachWithItsOwnCopy() {
    Reader acme = Reader.of(hub, Callers.of(Callers.ACME, "ann"), "news");
    Reader globex = Reader.of(hub, Callers.of(Callers.GLOBEX, "bob"), "news");

    int reached = Await.get(hub.broadcast(Event.builder("news").id("n").build()));

    assertThat(reached).isEqualTo(2);
    acme.awaitCount(1);
    globex.awaitCount(1);
    assertThat(acme.message(0).event().tenant()).isEqualTo(Callers.ACME);
    assertThat(globex.message(0).event().tenant()).isEqualTo(Callers.GLOBEX);
  }
}
