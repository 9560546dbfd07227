package dev.gatehouse.graphql.http;

import graphql.schema.DataFetchingEnvironment;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import org.dataloader.DataLoaderRegistry;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;

/** Sources of events that count who listens and what was taken. */
final class Ticks {
  final AtomicInteger open = new AtomicInteger();
  final AtomicInteger opened = new AtomicInteger();
  final AtomicLong taken = new AtomicLong();
  final AtomicReference<DataLoaderRegistry> loaders = new AtomicReference<>();
  volatile int last = 5;
  volatile LongConsumer asked = n -> {};
  volatile RuntimeException failure = new IllegalStateException("the password is hunter2");

  /** As many events as are asked for, at once, up to the last. */
  Publisher<Object> publisher(DataFetchingEnvironment environment) {
    int size = environment.getArgument("size");
    loaders.set(environment.getDataLoaderRegistry());
    return counted(size);
  }

  Publisher<Object> counted(int size) {
    String text = "x".repeat(size);
    return subscriber ->
        subscriber.onSubscribe(
            new Source() {
              private int next = 1;

              @Override
              void emit(long n) {
                for (long i = 0; i < n && !isOver() && next <= last; i++) {
                  taken.incrementAndGet();
                  subscriber.onNext(Map.of("number", next++, "text", text));
                }
                if (next > last && end()) {
                  subscriber.onComplete();
                }
              }
            });
  }

  /** One that never says anything. */
  Publisher<Object> silent() {
    return subscriber ->
        subscriber.onSubscribe(
            new Source() {
              @Override
              void emit(long n) {}
            });
  }

  /** One that heeds no demand. */
  Publisher<Object> wild() {
    return subscriber ->
        subscriber.onSubscribe(
            new Source() {
              @Override
              void emit(long n) {
                for (int i = 0; i < 100_000 && !isOver(); i++) {
                  taken.incrementAndGet();
                  subscriber.onNext(Map.of("number", i, "text", "x".repeat(1_000)));
                }
              }
            });
  }

  /** One event, and then a failure. */
  Publisher<Object> failing() {
    return subscriber ->
        subscriber.onSubscribe(
            new Source() {
              private boolean told;

              @Override
              void emit(long n) {
                if (!told) {
                  told = true;
                  subscriber.onNext(Map.of("number", 1, "text", "x"));
                } else if (end()) {
                  subscriber.onError(failure);
                }
              }
            });
  }

  private abstract class Source implements Subscription {
    private boolean over;

    Source() {
      open.incrementAndGet();
      opened.incrementAndGet();
    }

    abstract void emit(long n);

    boolean isOver() {
      return over;
    }

    boolean end() {
      if (over) {
        return false;
      }
      over = true;
      open.decrementAndGet();
      return true;
    }

    @Override
    public void request(long n) {
      if (!over) {
        asked.accept(n);
        emit(n);
      }
    }

    @Override
    public void cancel() {
      end();
    }
  }
}
