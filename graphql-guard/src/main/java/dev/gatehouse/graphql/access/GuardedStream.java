package dev.gatehouse.graphql.access;

import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.FlowAdapters;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/**
 * A subscription's events, each decided on before it is handed on, in their order, one at a time:
 * what waits for a decision holds up what comes after, and nothing is asked for that was not asked
 * for here.
 */
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
    source.subscribe(new Events(subscriber, gate));
  }

  private static final class Events implements Subscriber<Object>, Subscription {
    private final Subscriber<? super Object> subscriber;
    private final EventGate gate;
    private final AtomicInteger work = new AtomicInteger();
    private @Nullable Subscription source;
    private long demand;
    private boolean isAsked;
    private @Nullable Object event;
    private boolean isDeciding;
    private boolean isDecided;
    private Optional<Object> decided = Optional.empty();
    private @Nullable Throwable failure;
    private boolean isComplete;
    private boolean isOver;

    Events(Subscriber<? super Object> subscriber, EventGate gate) {
      this.subscriber = subscriber;
      this.gate = gate;
    }

    @Override
    public void onSubscribe(Subscription subscription) {
      synchronized (this) {
        source = subscription;
      }
      subscriber.onSubscribe(this);
      run();
    }

    @Override
    public void request(long n) {
      synchronized (this) {
        if (n <= 0) {
          failure = new IllegalArgumentException("a subscriber asks for at least one (rule 3.9)");
        } else {
          demand = demand + n < 0 ? Long.MAX_VALUE : demand + n;
        }
      }
      run();
    }

    @Override
    public void cancel() {
      Subscription upstream;
      synchronized (this) {
        isOver = true;
        event = null;
        isDecided = false;
        upstream = source;
      }
      if (upstream != null) {
        upstream.cancel();
      }
    }

    @Override
    public void onNext(Object next) {
      synchronized (this) {
        event = next;
      }
      run();
    }

    @Override
    public void onError(Throwable cause) {
      synchronized (this) {
        failure = failure == null ? cause : failure;
      }
      run();
    }

    @Override
    public void onComplete() {
      synchronized (this) {
        isComplete = true;
      }
      run();
    }

    // a source may answer while it is asked: work that comes meanwhile is done after, not within
    private void run() {
      if (work.getAndIncrement() > 0) {
        return;
      }
      int done = 1;
      while (done != 0) {
        while (step()) {
          // until there is nothing to do
        }
        done = work.addAndGet(-done);
      }
    }

    /** Does one thing; false where there is nothing to do. */
    private boolean step() {
      Runnable next;
      synchronized (this) {
        next = isOver ? null : next();
      }
      if (next != null) {
        next.run();
      }
      return next != null;
    }

    private @Nullable Runnable next() {
      if (isDecided) {
        Optional<Object> answer = decided;
        decided = Optional.empty();
        isDecided = false;
        isAsked = false;
        if (answer.isEmpty()) {
          return () -> {};
        }
        demand = demand == Long.MAX_VALUE ? demand : demand - 1;
        Object shown = answer.get();
        return () -> gate.handOn(() -> subscriber.onNext(shown));
      }
      if (isDeciding) {
        return null;
      }
      Object waiting = event;
      if (waiting != null) {
        event = null;
        isDeciding = true;
        return () -> decide(waiting);
      }
      if (failure != null || isComplete) {
        isOver = true;
        return end(failure, source);
      }
      Subscription upstream = source;
      if (demand > 0 && !isAsked && upstream != null) {
        isAsked = true;
        return () -> upstream.request(1);
      }
      return null;
    }

    private Runnable end(@Nullable Throwable cause, @Nullable Subscription upstream) {
      boolean isOurs = !isComplete && upstream != null;
      return () -> {
        if (isOurs && upstream != null) {
          upstream.cancel();
        }
        if (cause == null) {
          subscriber.onComplete();
        } else {
          subscriber.onError(cause);
        }
      };
    }

    @SuppressWarnings("FutureReturnValueIgnored") // its failure is handed on
    private void decide(Object waiting) {
      gate.pass(waiting)
          .whenComplete(
              (answer, cause) -> {
                synchronized (this) {
                  isDeciding = false;
                  if (cause == null) {
                    isDecided = true;
                    decided = answer;
                  } else if (failure == null) {
                    failure = cause instanceof CompletionException ? cause.getCause() : cause;
                  }
                }
                run();
              });
    }
  }
}
