package dev.gatehouse.graphql.access;

import graphql.ExecutionResult;
import graphql.execution.reactive.SubscriptionPublisher;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/**
 * The answers of a subscription: those that the engine makes of its events, and between them those
 * that it needs not make, for another subscriber has them already.
 *
 * <p>The engine stands between this and {@link GuardedEvents}: what is asked for here, and that no
 * more is wanted, reaches them by way of it.
 */
final class AnswerStream implements Publisher<ExecutionResult> {
  private final Publisher<ExecutionResult> engine;
  private final AuthorizedOperation operation;

  private AnswerStream(Publisher<ExecutionResult> engine, AuthorizedOperation operation) {
    this.engine = engine;
    this.operation = operation;
  }

  /**
   * The engine's answers, and those that it needs not make. As they are where anything else stands
   * between them and their events: it would not see all of either.
   */
  static Publisher<ExecutionResult> of(
      Publisher<ExecutionResult> engine, AuthorizedOperation operation) {
    return engine instanceof SubscriptionPublisher own
            && own.getUpstreamPublisher() instanceof GuardedStream
        ? new AnswerStream(engine, operation)
        : engine;
  }

  @Override
  public void subscribe(Subscriber<? super ExecutionResult> subscriber) {
    Answers answers = new Answers(Objects.requireNonNull(subscriber, "subscriber"));
    operation.opening(new Opening(Thread.currentThread(), answers));
    try {
      engine.subscribe(answers);
    } finally {
      operation.opening(null);
    }
  }

  /** A subscriber whose events are about to be subscribed to, on the same thread. */
  record Opening(Thread thread, Answers answers) {}

  /** The answers on their way to one subscriber. */
  static final class Answers implements Subscriber<ExecutionResult> {
    private final Subscriber<? super ExecutionResult> subscriber;
    private volatile @Nullable GuardedEvents events;

    Answers(Subscriber<? super ExecutionResult> subscriber) {
      this.subscriber = subscriber;
    }

    /** Learns of which events these are the answers. */
    void of(GuardedEvents known) {
      events = known;
    }

    /** One that the engine did not make. */
    void pass(SharedAnswer answer) {
      subscriber.onNext(answer);
    }

    @Override
    public void onSubscribe(Subscription subscription) {
      subscriber.onSubscribe(subscription);
    }

    @Override
    public void onNext(ExecutionResult result) {
      GuardedEvents known = events;
      if (known == null) {
        subscriber.onNext(result);
        return;
      }
      ExecutionResult shown = known.answered(result);
      try {
        subscriber.onNext(shown);
        known.handedOut();
      } catch (RuntimeException | Error e) {
        known.broken(e);
      }
    }

    @Override
    public void onError(Throwable failure) {
      release();
      subscriber.onError(failure);
    }

    @Override
    public void onComplete() {
      release();
      subscriber.onComplete();
    }

    private void release() {
      GuardedEvents known = events;
      if (known != null) {
        known.release();
      }
    }
  }
}
