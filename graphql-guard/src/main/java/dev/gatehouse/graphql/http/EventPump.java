package dev.gatehouse.graphql.http;

import graphql.ExecutionResult;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/**
 * Takes the events of a subscription while there is room for them: as many at a time as would fit
 * if they were as large as the last, at most {@value #MOST_ASKED}. What a client does not read
 * stays with the publisher, but for what was asked for before.
 *
 * <p>Everything but the publisher's own calls happens on the context. After {@link #cancel} nothing
 * is delivered.
 */
final class EventPump implements Subscriber<ExecutionResult> {
  /** Where events go. */
  interface Sink {
    /** One event; says how many bytes it took, or characters. */
    int next(ExecutionResult event);

    /** No more events come; because of a failure, where there is one. */
    void ended(@Nullable Throwable failure);
  }

  private static final int MOST_ASKED = 16;
  private static final int MOST_BYTES = 16 << 10;

  private final Context context;
  private final BooleanSupplier isFull;
  private final Sink sink;

  private volatile @Nullable Subscription subscription;
  private volatile boolean over;
  private final AtomicInteger owed = new AtomicInteger();
  // What has come and waits for its turn on the context.
  private final AtomicInteger queued = new AtomicInteger();
  // On the context only.
  private int demand;
  private int window = 1;
  private boolean delivering;

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

  /** Lets more events come, if few are on their way. */
  void roomAgain() {
    Subscription source = subscription;
    if (over || source == null || demand > window / 2 || isFull.getAsBoolean()) {
      return;
    }
    int more = window - demand;
    demand = window;
    owed.addAndGet(more);
    source.request(more);
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

  // By way of the context's queue where it is another's thread, or an answer to what is asked for
  // while the last is delivered: that would come back into here, once deeper with each event.
  @Override
  public void onNext(ExecutionResult event) {
    if (over) {
      return;
    }
    if (owed.getAndUpdate(left -> Math.max(0, left - 1)) == 0) {
      // more than was asked for: what comes next would pile up here
      cancel();
      context.runOnContext(
          here ->
              sink.ended(new IllegalStateException("the publisher sends what nobody asked for")));
    } else if (isHere() && !delivering && queued.get() == 0) {
      deliver(event);
    } else {
      queued.incrementAndGet();
      context.runOnContext(
          here -> {
            queued.decrementAndGet();
            deliver(event);
          });
    }
  }

  private boolean isHere() {
    return context.equals(Vertx.currentContext())
        && context.isEventLoopContext()
        && Context.isOnEventLoopThread();
  }

  private void deliver(ExecutionResult event) {
    if (over) {
      return;
    }
    demand--;
    delivering = true;
    try {
      int bytes = Math.max(1, sink.next(event));
      // what was asked for comes, also when it is full by then
      window = Math.max(1, Math.min(MOST_ASKED, MOST_BYTES / bytes));
      roomAgain();
    } finally {
      delivering = false;
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
