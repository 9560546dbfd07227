package dev.gatehouse.graphql.access;

import dev.gatehouse.graphql.access.AnswerStream.Answers;
import dev.gatehouse.graphql.access.EventGate.Passed;
import dev.gatehouse.graphql.access.SharedAnswers.Asked;
import graphql.ExecutionResult;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/**
 * The events of one subscription, each decided on before it is handed on to the engine, in their
 * order, one at a time: what waits for a decision holds up what comes after, and nothing is asked
 * for that was not asked for here. At most {@value #MOST_ASKED} wait.
 *
 * <p>An event of {@link SharedEvents} goes by the engine where its answer is known already; it
 * waits until what the engine has is answered. Once the source has failed, or a decision, nothing
 * that still waits is handed on.
 */
final class GuardedEvents implements Subscriber<Object>, Subscription {
  private static final int MOST_ASKED = 16;

  /** So long others wait for an answer before each executes the event for itself. */
  static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

  private final Subscriber<? super Object> engine;
  private final EventGate gate;
  private final @Nullable Answers answers;
  private final AtomicInteger work = new AtomicInteger();

  // Of the thread that does the work only.
  private @Nullable Verdict judged;
  private @Nullable Asked asked;

  // Guarded by this.
  private @Nullable Subscription source;
  private long demand;
  // Asked for and neither handed on nor left out yet; of these, what has not come yet.
  private int pending;
  private int owed;
  private final Queue<Object> events = new ArrayDeque<>(1);
  // An event waits for a decision or for another's answer, and then for its turn.
  private boolean isBusy;
  private @Nullable Runnable turn;
  private int inEngine;
  private @Nullable CompletableFuture<Optional<SharedAnswer>> leading;
  private @Nullable Throwable failure;
  private boolean isComplete;
  private boolean isOver;

  /**
   * Events for the engine.
   *
   * @param answers where the engine's answers come out; null where that is not known, and then
   *     nothing is shared
   */
  GuardedEvents(Subscriber<? super Object> engine, EventGate gate, @Nullable Answers answers) {
    this.engine = engine;
    this.gate = gate;
    this.answers = answers;
    if (answers != null) {
      answers.of(this);
    }
  }

  @Override
  public void onSubscribe(Subscription subscription) {
    synchronized (this) {
      source = subscription;
    }
    engine.onSubscribe(this);
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
      events.clear();
      turn = null;
      upstream = source;
    }
    release();
    if (upstream != null) {
      upstream.cancel();
    }
  }

  @Override
  public void onNext(Object next) {
    if (!isOwed(next)) {
      // at once, for it may go on for ever while it is asked
      Subscription upstream;
      synchronized (this) {
        upstream = source;
        failure =
            failure == null
                ? new IllegalStateException("the publisher sends what nobody asked for")
                : failure;
      }
      if (upstream != null) {
        upstream.cancel();
      }
    }
    run();
  }

  private synchronized boolean isOwed(Object next) {
    if (owed == 0) {
      return false;
    }
    owed--;
    if (!isOver && failure == null) {
      events.add(next);
    }
    return true;
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
    if (next == null) {
      return false;
    }
    try {
      next.run();
    } catch (RuntimeException | Error e) {
      broken(e);
    }
    return true;
  }

  private @Nullable Runnable next() {
    if (failure != null) {
      isOver = true;
      return end(failure, source);
    }
    Runnable known = turn;
    if (known != null) {
      turn = null;
      isBusy = false;
      return known;
    }
    if (isBusy) {
      return null;
    }
    Object waiting = events.peek();
    if (waiting != null) {
      if (inEngine > 0 && (leading != null || SharedAnswers.of(waiting) != null)) {
        return null;
      }
      events.remove();
      isBusy = true;
      return () -> decide(waiting);
    }
    if (isComplete) {
      isOver = true;
      return end(null, source);
    }
    Subscription upstream = source;
    int wanted = (int) Math.min(demand, MOST_ASKED);
    if (wanted > 0 && pending <= wanted / 2 && upstream != null) {
      int more = wanted - pending;
      pending = wanted;
      owed += more;
      return () -> upstream.request(more);
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
        engine.onComplete();
      } else {
        release();
        engine.onError(cause);
      }
    };
  }

  @SuppressWarnings("FutureReturnValueIgnored") // its failure is handed on
  private void decide(Object waiting) {
    gate.pass(waiting)
        .whenComplete(
            (passed, cause) -> {
              synchronized (this) {
                if (cause == null) {
                  turn = passed.isPresent() ? () -> passed(passed.get()) : this::dropped;
                } else {
                  failure =
                      failure != null
                          ? failure
                          : cause instanceof CompletionException ? cause.getCause() : cause;
                }
              }
              run();
            });
  }

  private synchronized void dropped() {
    pending--;
  }

  /** An event that the subscriber may have. */
  private void passed(Passed passed) {
    SharedAnswers shared = answers == null ? null : SharedAnswers.of(passed.event());
    Asked known = shared == null ? null : asked(passed.verdict());
    if (shared == null || known == null) {
      handOn(passed.event(), null);
      return;
    }
    CompletableFuture<Optional<SharedAnswer>> first = shared.known(known);
    if (first != null) {
      await(first, passed.event());
      return;
    }
    CompletableFuture<Optional<SharedAnswer>> own = new CompletableFuture<>();
    first = shared.knownOr(known, own);
    if (first != null) {
      await(first, passed.event());
      return;
    }
    handOn(passed.event(), own);
    if (!own.isDone()) {
      own.completeOnTimeout(Optional.empty(), LONGEST_WAIT.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  @SuppressWarnings("ReferenceEquality") // whether it is to be looked at anew
  private @Nullable Asked asked(Verdict verdict) {
    if (verdict != judged) {
      asked = gate.asked(verdict);
      judged = verdict;
    }
    return asked;
  }

  // on the thread of this subscription again, where it has one: the other's is the other's
  @SuppressWarnings("FutureReturnValueIgnored") // it does not fail
  private void await(CompletableFuture<Optional<SharedAnswer>> first, Object event) {
    synchronized (this) {
      isBusy = true;
    }
    if (first.isDone()) {
      known(first.join(), event);
      return;
    }
    Context own = Vertx.currentContext();
    first.thenAccept(
        answer -> {
          if (own == null || own.equals(Vertx.currentContext())) {
            known(answer, event);
          } else {
            own.runOnContext(here -> known(answer, event));
          }
        });
  }

  private void known(Optional<SharedAnswer> answer, Object event) {
    synchronized (this) {
      turn = answer.isPresent() ? () -> pass(answer.get()) : () -> handOn(event, null);
    }
    run();
  }

  /** What another has been answered already. */
  private void pass(SharedAnswer answer) {
    Answers known = answers;
    if (take() && known != null) {
      known.pass(answer);
    }
  }

  private void handOn(Object event, @Nullable CompletableFuture<Optional<SharedAnswer>> own) {
    synchronized (this) {
      leading = own;
      inEngine += answers == null ? 0 : 1;
    }
    if (take()) {
      gate.handOn(() -> engine.onNext(event));
    } else {
      release();
    }
  }

  /** One of what was asked for is spent; false where nobody wants it any more. */
  private synchronized boolean take() {
    pending--;
    demand = demand == Long.MAX_VALUE ? demand : demand - 1;
    return !isOver;
  }

  // Below: called where the engine's answers come out.

  /** What is to be handed out of the engine's answer, for which others may wait. */
  ExecutionResult answered(ExecutionResult result) {
    CompletableFuture<Optional<SharedAnswer>> own = led();
    if (own == null) {
      return result;
    }
    Optional<SharedAnswer> shared = SharedAnswer.of(result);
    own.complete(shared);
    return shared.isPresent() ? shared.get() : result;
  }

  /** What goes wrong on the way ends this subscription, and holds up no other. */
  void broken(Throwable cause) {
    cancel();
    engine.onError(cause);
  }

  /** The engine's answer is handed out. */
  void handedOut() {
    synchronized (this) {
      inEngine--;
    }
    run();
  }

  /** No answer comes any more: whoever waits for it goes on alone. */
  void release() {
    CompletableFuture<Optional<SharedAnswer>> own = led();
    if (own != null) {
      own.complete(Optional.empty());
    }
  }

  private synchronized @Nullable CompletableFuture<Optional<SharedAnswer>> led() {
    CompletableFuture<Optional<SharedAnswer>> own = leading;
    leading = null;
    return own;
  }
}
