package dev.gatehouse.events;

import dev.gatehouse.core.Principal;
import io.vertx.core.Future;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;

/**
 * A principal's events as a Reactive Streams publisher, for a GraphQL subscription's data fetcher
 * or any other code that takes one: in order, as fast as is asked, never of another tenant.
 *
 * <pre>{@code
 * DataFetcher<Publisher<JsonObject>> orderChanged = environment ->
 *     EventPublisher.of(hub, principalOf(environment), SubscriptionRequest.of("orders.*"))
 *         .map(event -> new JsonObject(event.data().bytes()));
 * }</pre>
 *
 * <p>Each subscriber gets a subscription of its own. Cancelling closes it, and nothing is handed
 * out after; that asks the hub to forget it, which takes a moment. The stream completes only when
 * somebody closes the connection that it is on. It fails with an {@link EventStreamException} when
 * it is refused, and with the reason when the hub ends it: the credential expired or was revoked,
 * the subscriber is too slow, the node goes away.
 *
 * <p>Signals come one after the other on the Vert.x context on which {@code subscribe} was called.
 * The rules of Reactive Streams 1.0.4 hold, and its TCK is among the tests.
 */
public final class EventPublisher implements Publisher<Delivery> {
  private final EventHub hub;
  private final SubscriptionRequest request;
  private final Opener opener;

  /** A connection to subscribe on, and whether it is this subscription's alone. */
  record Opened(EventConnection connection, boolean own) {}

  /** Finds the connection, or fails with the refusal. */
  @FunctionalInterface
  interface Opener {
    Future<Opened> open();
  }

  private EventPublisher(EventHub hub, SubscriptionRequest request, Opener opener) {
    this.hub = hub;
    this.request = request;
    this.opener = opener;
  }

  /** Events for this principal; each subscriber is a connection of it in the hub's limits. */
  public static EventPublisher of(EventHub hub, Principal principal, SubscriptionRequest request) {
    return new EventPublisher(hub, request, () -> admit(hub, principal));
  }

  private static Future<Opened> admit(EventHub hub, Principal principal) {
    Admission admission = hub.admit(principal);
    return admission instanceof Admission.Admitted admitted
        ? Future.succeededFuture(new Opened(admitted.connection(), true))
        : Future.failedFuture(
            EventStreamException.refused(((Admission.Refused) admission).refusal()));
  }

  /**
   * Events on a connection that somebody else opened, refreshes and closes, as a socket with many
   * operations does.
   */
  public static EventPublisher on(
      EventHub hub, EventConnection connection, SubscriptionRequest request) {
    return new EventPublisher(
        hub, request, () -> Future.succeededFuture(new Opened(connection, false)));
  }

  /** Everything: events, and the marks where some are missing. */
  @Override
  public void subscribe(Subscriber<? super Delivery> subscriber) {
    start(subscriber, Optional::of);
  }

  /**
   * The events as they are, to be sent on by somebody who has no way to show a gap. What a topic
   * declares to be dropped or superseded is passed over. Where more than that is missing, which the
   * subscriber would not notice, the stream fails: whoever subscribes anew and reads the state
   * afresh has missed nothing.
   */
  public Publisher<EventView> events() {
    return map(Function.identity());
  }

  /**
   * The same, each turned into something else, on an event loop. An exception ends the stream with
   * it.
   */
  public <T> Publisher<T> map(Function<? super EventView, ? extends T> mapper) {
    return subscriber -> start(subscriber, delivery -> mapped(delivery, mapper));
  }

  private static <T> Optional<T> mapped(
      Delivery delivery, Function<? super EventView, ? extends T> mapper) {
    if (delivery instanceof Delivery.Message message) {
      return Optional.of(mapper.apply(message.event()));
    }
    Delivery.Gap gap = (Delivery.Gap) delivery;
    return switch (gap.reason()) {
      case OVERFLOW, SUPERSEDED -> Optional.empty();
      case UNKNOWN_CURSOR, LOG, REPLAY_BUDGET -> throw EventStreamException.missing(gap);
    };
  }

  private <T> void start(Subscriber<? super T> subscriber, Function<Delivery, Optional<T>> mapper) {
    // Rule 1.9: the one thing that is thrown.
    Objects.requireNonNull(subscriber, "subscriber");
    new EventFlow<T>(hub.state().vertx().getOrCreateContext(), subscriber, mapper)
        .begin(opener, request);
  }
}
