package dev.gatehouse.benchmarks;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/**
 * Gives each value to all that have subscribed, as fast as each of them asks; on one thread. What a
 * subscriber does not ask for waits without a bound: nobody here is slow.
 */
final class Multicast<T> implements Publisher<T> {
  private final List<Flow<T>> flows = new CopyOnWriteArrayList<>();

  @Override
  public void subscribe(Subscriber<? super T> subscriber) {
    Flow<T> flow = new Flow<>(flows, subscriber);
    flows.add(flow);
    subscriber.onSubscribe(flow);
  }

  void publish(T value) {
    for (Flow<T> flow : flows) {
      flow.waiting.add(value);
      flow.handOut();
    }
  }

  void complete() {
    for (Flow<T> flow : flows) {
      flow.cancel();
      flow.subscriber.onComplete();
    }
  }

  private static final class Flow<T> implements Subscription {
    private final List<Flow<T>> flows;
    private final Subscriber<? super T> subscriber;
    private final Queue<T> waiting = new ArrayDeque<>();
    private long asked;
    private boolean handsOut;

    Flow(List<Flow<T>> flows, Subscriber<? super T> subscriber) {
      this.flows = flows;
      this.subscriber = subscriber;
    }

    @Override
    public void request(long more) {
      asked = asked + more < 0 ? Long.MAX_VALUE : asked + more;
      handOut();
    }

    // A subscriber that asks from within onNext is served here, and not once deeper each time.
    private void handOut() {
      if (handsOut) {
        return;
      }
      handsOut = true;
      while (asked > 0 && !waiting.isEmpty()) {
        asked--;
        subscriber.onNext(waiting.remove());
      }
      handsOut = false;
    }

    @Override
    public void cancel() {
      flows.remove(this);
      waiting.clear();
      asked = 0;
    }
  }
}
