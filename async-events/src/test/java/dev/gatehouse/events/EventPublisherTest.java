package dev.gatehouse.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.core.Principal;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

class EventPublisherTest {
  private static final Principal ANN = Callers.of(Callers.ACME, "ann");

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

  private EventPublisher orders(Principal principal) {
    return EventPublisher.of(hub, principal, SubscriptionRequest.of("orders.*"));
  }

  private void publish(int first, int count) {
    for (int i = first; i < first + count; i++) {
      Event event = Event.of(Callers.ACME, "orders.paid", new JsonObject().put("n", i));
      assertThat(Await.get(hub.publish(event)).isAccepted()).isTrue();
    }
  }

  private Probe<Integer> numbers(long demand) {
    Probe<Integer> probe = new Probe<>(demand);
    numbers().subscribe(probe);
    awaitOpen(probe);
    return probe;
  }

  private Publisher<Integer> numbers() {
    return orders(ANN).map(event -> new JsonObject(event.data().bytes()).getInteger("n"));
  }

  private static void awaitOpen(Probe<?> probe) {
    Await.until("it is open", () -> probe.source instanceof EventFlow<?> flow && flow.isOpen());
  }

  private void awaitNobody() {
    Await.until(
        "everything is given back",
        () -> hub.stats().connections() == 0 && hub.stats().subscriptions() == 0);
  }

  /** Notes what it gets. */
  private static class Probe<T> implements Subscriber<T> {
    final List<T> got = new CopyOnWriteArrayList<>();
    private final long demand;
    volatile @Nullable Subscription source;
    volatile @Nullable Throwable failure;
    volatile boolean complete;

    Probe(long demand) {
      this.demand = demand;
    }

    @Override
    public void onSubscribe(Subscription subscription) {
      source = subscription;
      if (demand > 0) {
        subscription.request(demand);
      }
    }

    @Override
    public void onNext(T next) {
      got.add(next);
    }

    @Override
    public void onError(Throwable cause) {
      failure = cause;
    }

    @Override
    public void onComplete() {
      complete = true;
    }

    String code() {
      Await.until("it fails", () -> failure != null);
      return failure instanceof EventStreamException known ? known.code() : "" + failure;
    }
  }

  @Test
  void subscriber_whoAsksForAll_getsTheEventsInOrder() {
    Probe<Integer> probe = numbers(Long.MAX_VALUE);

    publish(0, 500);

    Await.until("all came", () -> probe.got.size() == 500);
    assertThat(probe.got).containsExactlyElementsOf(IntStream.range(0, 500).boxed().toList());
  }

  @Test
  void subscriber_whoAsksForTwo_getsTwoAndTheRestWhenItAsks() {
    Probe<Integer> probe = numbers(0);
    publish(0, 5);
    Await.until("they are queued", () -> hub.stats().count(Count.PUBLISHED) == 5);
    assertThat(probe.got).isEmpty();

    Objects.requireNonNull(probe.source).request(2);
    Await.until("two came", () -> probe.got.size() == 2);
    Objects.requireNonNull(probe.source).request(3);

    Await.until("all came", () -> probe.got.size() == 5);
    assertThat(probe.got).containsExactly(0, 1, 2, 3, 4);
  }

  @Test
  void subscriber_whoCancels_getsNothingMoreAndLeavesNothingOpen() {
    Probe<Integer> probe = numbers(Long.MAX_VALUE);
    publish(0, 1);
    Await.until("one came", () -> probe.got.size() == 1);

    Objects.requireNonNull(probe.source).cancel();
    awaitNobody();
    publish(1, 3);

    assertThat(probe.got).containsExactly(0);
    assertThat(probe.failure).isNull();
    assertThat(probe.complete).isFalse();
  }

  @Test
  void subscriber_whoCancelsAtOnce_leavesNothingOpen() {
    for (int i = 0; i < 200; i++) {
      orders(ANN)
          .subscribe(
              new Subscriber<>() {
                @Override
                public void onSubscribe(Subscription subscription) {
                  subscription.request(1);
                  vertx.runOnContext(soon -> subscription.cancel());
                }

                @Override
                public void onNext(Delivery delivery) {}

                @Override
                public void onError(Throwable cause) {}

                @Override
                public void onComplete() {}
              });
    }

    awaitNobody();
  }

  @Test
  void subscriber_whoThrows_isCancelled() {
    Probe<Integer> probe =
        new Probe<>(Long.MAX_VALUE) {
          @Override
          public void onNext(Integer next) {
            throw new IllegalStateException("the subscriber's own");
          }
        };
    numbers().subscribe(probe);
    awaitOpen(probe);

    publish(0, 1);

    awaitNobody();
  }

  @Test
  void mapper_thatThrows_failsTheStream() {
    Probe<Object> probe = new Probe<>(Long.MAX_VALUE);
    orders(ANN)
        .map(
            event -> {
              throw new IllegalStateException("cannot be mapped");
            })
        .subscribe(probe);
    awaitOpen(probe);

    publish(0, 2);

    Await.until("it fails", () -> probe.failure != null);
    assertThat(probe.failure).hasMessage("cannot be mapped");
    awaitNobody();
  }

  @Test
  void stream_ofAPrincipalWithoutATenant_failsWithTheRefusal() {
    Probe<Delivery> probe = new Probe<>(1);

    orders(Callers.user("nobody").build()).subscribe(probe);

    assertThat(probe.code()).isEqualTo("tenant_required");
    assertThat(probe.source).isNotNull();
  }

  @Test
  void stream_whoseCredentialExpires_failsWithTheReason() {
    Probe<Delivery> probe = new Probe<>(1);
    Principal brief =
        Callers.until(Callers.ACME, "ann", InstantSource.system().instant().plusMillis(200));

    orders(brief).subscribe(probe);

    assertThat(probe.code()).isEqualTo("credentials_expired");
    awaitNobody();
  }

  @Test
  void stream_whoseSubscriberIsTooSlow_failsWithTheReason() {
    Probe<Integer> probe = numbers(0);

    int count = hub.limits().queuedEvents() + 1;
    for (int i = 0; i < count; i += 100) {
      publish(i, Math.min(100, count - i));
      // The log keeps fewer than that: what it drops unread would not fill the queue.
      Await.lane(hub, Callers.ACME);
    }

    assertThat(probe.code()).isEqualTo("slow_consumer");
  }

  @Test
  void stream_onAConnectionOfSomebodyElse_leavesItOpenAndCompletesWithIt() {
    EventConnection connection = Reader.connect(hub, ANN);
    Probe<Delivery> first = new Probe<>(Long.MAX_VALUE);
    Probe<Delivery> second = new Probe<>(Long.MAX_VALUE);
    EventPublisher shared = EventPublisher.on(hub, connection, SubscriptionRequest.of("orders.*"));
    shared.subscribe(first);
    shared.subscribe(second);
    awaitOpen(first);
    awaitOpen(second);

    Objects.requireNonNull(first.source).cancel();
    Await.until("one is left", () -> hub.stats().subscriptions() == 1);
    publish(0, 1);
    Await.until("it came", () -> second.got.size() == 1);
    assertThat(hub.stats().connections()).isEqualTo(1);

    connection.close();
    Await.until("the other completes", () -> second.complete);
    assertThat(first.complete).isFalse();
  }

  @Test
  void stream_fromAnUnknownCursor_showsTheGapOrFailsWhereNobodySeesIt() {
    SubscriptionRequest resumed = SubscriptionRequest.of("orders.*").from("nobody gave it out");
    Probe<Delivery> sees = new Probe<>(Long.MAX_VALUE);
    Probe<EventView> blind = new Probe<>(Long.MAX_VALUE);

    EventPublisher.of(hub, ANN, resumed).subscribe(sees);
    EventPublisher.of(hub, ANN, resumed).events().subscribe(blind);

    Await.until("the gap came", () -> !sees.got.isEmpty());
    assertThat(sees.got.get(0)).isInstanceOf(Delivery.Gap.class);
    assertThat(blind.code()).isEqualTo("events_missing");
  }

  @Test
  void request_ofNothing_fails() {
    Probe<Integer> probe = numbers(0);

    Objects.requireNonNull(probe.source).request(0);

    Await.until("it fails", () -> probe.failure != null);
    assertThat(probe.failure)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("3.9");
    awaitNobody();
  }

  @Test
  @SuppressWarnings("NullAway")
  void subscribe_nobody_throws() {
    assertThatThrownBy(() -> orders(ANN).subscribe(null)).isInstanceOf(NullPointerException.class);
  }
}
