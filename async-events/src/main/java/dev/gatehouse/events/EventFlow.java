package dev.gatehouse.events;

import dev.gatehouse.events.EventPublisher.Opened;
import io.vertx.core.AsyncResult;
import io.vertx.core.internal.ContextInternal;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;

/**
 * The subscription of one subscriber to an {@link EventPublisher}.
 *
 * <p>Requests and cancellation come on any thread; signals go out on the context, one at a time,
 * and none after a cancellation was seen there or after the last. Rule numbers are those of
 * Reactive Streams 1.0.4.
 */
final class EventFlow<T> implements org.reactivestreams.Subscription {
  private final ContextInternal context;
  private final Function<Delivery, Optional<T>> mapper;
  private volatile @Nullable Subscriber<? super T> subscriber;
  private volatile boolean over;

  // Guarded by this.
  private long asked;
  private @Nullable EventConnection connection;
  private @Nullable Subscription subscription;
  private boolean own;

  EventFlow(
      ContextInternal context,
      Subscriber<? super T> subscriber,
      Function<Delivery, Optional<T>> mapper) {
    this.context = context;
    this.subscriber = subscriber;
    this.mapper = mapper;
  }

  void begin(EventPublisher.Opener opener, SubscriptionRequest request) {
    context.runOnContext(here -> beginHere(opener, request));
  }

  private void beginHere(EventPublisher.Opener opener, SubscriptionRequest request) {
    Subscriber<? super T> target = subscriber;
    if (target == null) {
      return;
    }
    try {
      target.onSubscribe(this);
    } catch (RuntimeException | Error e) {
      // 2.13: a subscriber that throws is as good as cancelled
      cancel();
      return;
    }
    if (!over) {
      opener.open().onComplete(done -> context.runOnContext(here -> opened(done, request)));
    }
  }

  private void opened(AsyncResult<Opened> done, SubscriptionRequest request) {
    if (done.failed()) {
      fail(done.cause());
      return;
    }
    Opened opened = done.result();
    if (!keep(opened)) {
      closeIfOwn(opened.connection(), opened.own());
      return;
    }
    opened.connection().subscribe(request).onSuccess(this::subscribed);
  }

  private synchronized boolean keep(Opened opened) {
    connection = opened.connection();
    own = opened.own();
    return !over;
  }

  private void subscribed(Subscribed answer) {
    if (answer instanceof Subscribed.Refused refused) {
      fail(EventStreamException.refused(refused.refusal()));
    } else if (answer instanceof Subscribed.Open open) {
      start(open.subscription());
    }
  }

  private void start(Subscription opened) {
    long owed;
    synchronized (this) {
      subscription = opened;
      owed = asked;
      asked = 0;
    }
    if (over) {
      release();
      return;
    }
    opened.handler(this::deliver);
    opened.ended().onSuccess(this::ended);
    if (owed > 0) {
      opened.request(owed);
    }
  }

  /** Whether what is published now would reach the subscriber. */
  synchronized boolean isOpen() {
    return subscription != null;
  }

  private void ended(EndReason reason) {
    if (reason != EndReason.COMPLETED) {
      fail(EventStreamException.ended(reason));
      return;
    }
    // Whoever owns the connection closed it.
    Subscriber<? super T> target = subscriber;
    if (!over && target != null) {
      cancel();
      target.onComplete();
    }
  }

  private void deliver(List<Delivery> batch) {
    for (Delivery each : batch) {
      if (over) {
        return;
      }
      deliver(each);
    }
  }

  private void deliver(Delivery delivery) {
    Optional<T> next;
    try {
      next = mapper.apply(delivery);
    } catch (RuntimeException | Error e) {
      fail(e);
      return;
    }
    Subscriber<? super T> target = subscriber;
    if (target == null) {
      return;
    }
    if (next.isEmpty()) {
      // A mark that nobody sees must not use up what was asked for.
      request(1);
      return;
    }
    try {
      target.onNext(next.get());
    } catch (RuntimeException | Error e) {
      cancel();
    }
  }

  private void fail(Throwable cause) {
    Subscriber<? super T> target = subscriber;
    if (over || target == null) {
      return;
    }
    cancel();
    target.onError(cause);
  }

  @Override
  public void request(long more) {
    if (more < 1) {
      // 3.9
      context.runOnContext(
          here -> fail(new IllegalArgumentException("§3.9: ask for at least one, not " + more)));
      return;
    }
    Subscription open;
    synchronized (this) {
      open = subscription;
      if (open == null) {
        // 3.17
        asked = asked + more < 0 ? Long.MAX_VALUE : asked + more;
      }
    }
    if (open != null && !over) {
      open.request(more);
    }
  }

  @Override
  public void cancel() {
    over = true;
    // 3.13: nothing of the subscriber is kept
    subscriber = null;
    release();
  }

  private void release() {
    Subscription open;
    EventConnection on;
    boolean mine;
    synchronized (this) {
      open = subscription;
      on = connection;
      mine = own;
    }
    if (open != null) {
      open.close();
    }
    if (on != null) {
      closeIfOwn(on, mine);
    }
  }

  private static void closeIfOwn(EventConnection connection, boolean own) {
    if (own) {
      connection.close();
    }
  }
}
