package dev.gatehouse.events;

import dev.gatehouse.core.Decision;
import dev.gatehouse.core.Principal;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the policy who may subscribe: so many at a time, each in its time, and always with an
 * answer.
 */
final class PolicyDesk {
  /** Instead of a version: the policy could not say. No answer is kept under it. */
  static final long NO_VERSION = Long.MIN_VALUE;

  // When a version changes with 100,000 subscriptions, the policy's store is not asked 100,000
  // times at once.
  private static final int AT_A_TIME = 256;

  /** An answer: one of the policy's, or that there was none. */
  enum Answer {
    YES,
    NO,
    NONE
  }

  private static final Logger LOG = LoggerFactory.getLogger(PolicyDesk.class);

  private final EventPolicy policy;
  private final long timeoutMillis;
  private final Deque<Runnable> waiting = new ArrayDeque<>();
  private int asked;
  private boolean pumping;

  PolicyDesk(EventPolicy policy, Duration timeout) {
    this.policy = policy;
    this.timeoutMillis = Math.max(1, timeout.toMillis());
  }

  /** The policy's version, or {@link #NO_VERSION}. */
  long version() {
    try {
      return policy.version();
    } catch (Throwable e) {
      Thrown.keepInterruption(e);
      return NO_VERSION;
    }
  }

  /** Asks; the future never fails. */
  Future<Answer> maySubscribe(Principal principal, TopicPattern topics) {
    Promise<Answer> answer = Promise.promise();
    synchronized (this) {
      waiting.add(() -> ask(principal, topics).onComplete(done -> end(done.result(), answer)));
    }
    pump();
    return answer.future();
  }

  private void end(Answer result, Promise<Answer> answer) {
    synchronized (this) {
      asked--;
    }
    answer.complete(result);
    pump();
  }

  // A loop, not a recursion: a policy that answers at once answers thousands in one go.
  private void pump() {
    Runnable question = next(true);
    while (question != null) {
      attempt(question);
      question = next(false);
    }
  }

  // What fails for one question must not leave the later ones unasked.
  private static void attempt(Runnable question) {
    try {
      question.run();
    } catch (RuntimeException | Error e) {
      LOG.error("a question to the policy could not be put", e);
    }
  }

  private synchronized @Nullable Runnable next(boolean entering) {
    if (entering && pumping) {
      return null;
    }
    pumping = asked < AT_A_TIME && !waiting.isEmpty();
    asked += pumping ? 1 : 0;
    return pumping ? waiting.poll() : null;
  }

  private Future<Answer> ask(Principal principal, TopicPattern topics) {
    Future<Decision> decision;
    try {
      decision = policy.maySubscribe(principal, topics);
    } catch (Throwable e) {
      Thrown.keepInterruption(e);
      return Future.succeededFuture(Answer.NONE);
    }
    return none(decision)
        ? Future.succeededFuture(Answer.NONE)
        : decision
            .timeout(timeoutMillis, TimeUnit.MILLISECONDS)
            .transform(done -> Future.succeededFuture(answer(done.succeeded(), done.result())));
  }

  // A policy is the user's code, which may not be null-marked.
  @SuppressWarnings({"ConstantValue", "NullAway"})
  private static boolean none(Object value) {
    return value == null;
  }

  private static Answer answer(boolean given, Decision decision) {
    if (!given || none(decision)) {
      return Answer.NONE;
    }
    return decision.isAllowed() ? Answer.YES : Answer.NO;
  }
}
