package dev.gatehouse.events;

import dev.gatehouse.core.Decision;
import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the policy who may subscribe: so many at a time, each in its time, and always with an
 * answer.
 *
 * <p>Tenants take turns, and none has more than half of the places: one whose questions are slow
 * waits for them itself, and the others do not.
 */
final class PolicyDesk {
  /** Instead of a version: the policy could not say. No answer is kept under it. */
  static final long NO_VERSION = Long.MIN_VALUE;

  // When a version changes with 100,000 subscriptions, the policy's store is not asked 100,000
  // times at once.
  static final int AT_A_TIME = 256;
  static final int AT_A_TIME_OF_A_TENANT = AT_A_TIME / 2;

  /** An answer: one of the policy's, or that there was none. */
  enum Answer {
    YES,
    NO,
    NONE
  }

  /** A tenant's questions. */
  private static final class Line {
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private int asked;

    private boolean mayAsk() {
      return !waiting.isEmpty() && asked < AT_A_TIME_OF_A_TENANT;
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(PolicyDesk.class);

  private final EventPolicy policy;
  private final long timeoutMillis;
  private final int maxWaiting;
  private final Map<TenantId, Line> lines = new HashMap<>();
  // Those that may ask, each once, the one whose turn it is first.
  private final Deque<Line> turns = new ArrayDeque<>();
  private int asked;
  private boolean pumping;

  /**
   * Nobody asks yet.
   *
   * @param maxWaiting how many questions of one tenant wait; further ones have no answer
   */
  PolicyDesk(EventPolicy policy, Duration timeout, int maxWaiting) {
    this.policy = policy;
    this.timeoutMillis = Math.max(1, timeout.toMillis());
    this.maxWaiting = maxWaiting;
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

  /** Asks on behalf of the tenant; the future never fails. */
  Future<Answer> maySubscribe(TenantId tenant, Principal principal, TopicPattern topics) {
    Promise<Answer> answer = Promise.promise();
    Runnable question =
        () -> ask(principal, topics).onComplete(done -> end(tenant, done.result(), answer));
    if (!enqueue(tenant, question)) {
      return Future.succeededFuture(Answer.NONE);
    }
    pump();
    return answer.future();
  }

  private synchronized boolean enqueue(TenantId tenant, Runnable question) {
    Line line = lines.computeIfAbsent(tenant, first -> new Line());
    if (line.waiting.size() >= maxWaiting) {
      return false;
    }
    boolean hadATurn = line.mayAsk();
    line.waiting.add(question);
    takeTurn(line, hadATurn);
    return true;
  }

  private void takeTurn(Line line, boolean hadOne) {
    if (!hadOne && line.mayAsk()) {
      turns.add(line);
    }
  }

  private void end(TenantId tenant, Answer result, Promise<Answer> answer) {
    leave(tenant);
    answer.complete(result);
    pump();
  }

  private synchronized void leave(TenantId tenant) {
    asked--;
    Line line = Objects.requireNonNull(lines.get(tenant), "who asked has a line");
    boolean hadATurn = line.mayAsk();
    line.asked--;
    takeTurn(line, hadATurn);
    if (line.asked == 0 && line.waiting.isEmpty()) {
      lines.remove(tenant);
    }
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
    Line line = asked < AT_A_TIME ? turns.poll() : null;
    pumping = line != null;
    if (line == null) {
      return null;
    }
    asked++;
    line.asked++;
    Runnable question = line.waiting.poll();
    takeTurn(line, false);
    return question;
  }

  /** How many tenants have questions. */
  synchronized int tenants() {
    return lines.size();
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
