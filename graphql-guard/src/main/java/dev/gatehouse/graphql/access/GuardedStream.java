package dev.gatehouse.graphql.access;

import java.util.concurrent.Flow;
import org.reactivestreams.FlowAdapters;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;

/** A subscription's events, each decided on before it is handed on, for each that subscribes. */
final class GuardedStream implements Publisher<Object> {
  private final Publisher<Object> source;
  private final EventGate gate;

  private GuardedStream(Publisher<Object> source, EventGate gate) {
    this.source = source;
    this.gate = gate;
  }

  /** A publisher of either kind, guarded; anything else as it is, which the engine refuses. */
  @SuppressWarnings("unchecked") // events are objects
  static Object of(Object stream, EventGate gate) {
    if (stream instanceof Publisher<?> publisher) {
      return new GuardedStream((Publisher<Object>) publisher, gate);
    }
    return stream instanceof Flow.Publisher<?> publisher
        ? new GuardedStream(FlowAdapters.toPublisher((Flow.Publisher<Object>) publisher), gate)
        : stream;
  }

  @Override
  public void subscribe(Subscriber<? super Object> subscriber) {
    source.subscribe(new GuardedEvents(subscriber, gate, gate.opening()));
  }
}
