package dev.gatehouse.graphql.http;

import graphql.ExecutionResult;
import io.vertx.core.Context;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/**
 * Takes the events of a subscription one at a time, and the next only when there is room for it:
 * what a client does not read stays with the publisher.
 *
 * <p>Everything but the publisher's own calls happens on the context. After {@link #cancel} nothing
 * is delivered.
 */
final class EventPump implements Subscriber<ExecutionResult> {
  /** Where events go. */
  interface Sink {
    /** One event. */
    void next(ExecutionResult event);

    /** No more events come; because of a failure, where there is one. */
    void ended(@Nullable Throwable failure);
  }

  private final Context context;
  private final BooleanSupplier isFull;
  private final Sink sink;

  private volatile @Nullable Subscription subscription;
  private volatile boolean over;
  private final AtomicBoolean owed = new AtomicBoolean();
  private boolean asked;

  private EventPump(Context context, BooleanSupplier isFull, Sink sink) {
    this.context = context;
    this.isFull = isFull;
    this.sink = sink;
  }

  /**
   * Subscribes.
   *
   * @param isFull whether there is no room; call {@link #roomAgain} when there is
   */
  static EventPump start(
      Context context, Publisher<ExecutionResult> events, BooleanSupplier isFull, Sink sink) {
    EventPump pump = new EventPump(context, isFull, sink);
    try {
      events.subscribe(pump);
    } catch (RuntimeException e) {
      pump.onError(e);
    }
    return pump;
  }

  /** Closes a source that nobody wants any more. */
  static void discard(Publisher<ExecutionResult> events) {
    events.subscribe(
        new Subscriber<>() {
          @Override
          public void onSubscribe(Subscription subscription) {
            subscription.cancel();
          }

          @Override
          public void onNext(ExecutionResult late) {}

          @Override
          public void onError(Throwable late) {}

          @Override
          public void onComplete() {}
        });
  }

  /** Lets the next event come, if none is on its way. */
  void roomAgain() {
    Subscription source = subscription;
    if (over || asked || source == null || isFull.getAsBoolean()) {
      return;
    }
    asked = true;
    owed.set(true);
    source.request(1);
  }

  void cancel() {
    over = true;
    Subscription source = subscription;
    if (source != null) {
      source.cancel();
    }
  }

  @Override
  public void onSubscribe(Subscription source) {
    context.runOnContext(here -> begin(source));
  }

  private void begin(Subscription source) {
    if (over || subscription != null) {
      source.cancel();
      return;
    }
    subscription = source;
    roomAgain();
  }

  // Always by way of the context's queue: a publisher that answers request(1) at once would else
  // come back into here, once deeper with each event.
  @Override
  public void onNext(ExecutionResult event) {
    if (over) {
      return;
    }
    if (owed.compareAndSet(true, false)) {
      context.runOnContext(here -> deliver(event));
      return;
    }
    // more than was asked for: what comes next would pile up here
    cancel();
    context.runOnContext(
        here -> sink.ended(new IllegalStateException("the publisher sends what nobody asked for")));
  }

  private void deliver(ExecutionResult event) {
    if (!over) {
      asked = false;
      sink.next(event);
      roomAgain();
    }
  }

  @Override
  public void onError(Throwable failure) {
    context.runOnContext(here -> end(failure));
  }

  @Override
  public void onComplete() {
    context.runOnContext(here -> end(null));
  }

  private void end(@Nullable Throwable failure) {
    if (!over) {
      over = true;
      sink.ended(failure);
    }
  }
}
