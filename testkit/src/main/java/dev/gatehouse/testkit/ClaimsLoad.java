package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.webhook.Claim;
import dev.gatehouse.webhook.ClaimKey;
import dev.gatehouse.webhook.Claims;
import dev.gatehouse.webhook.Fingerprint;
import io.vertx.core.AsyncResult;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Two nodes that go on claiming the same deliveries, each several times, until they are stopped.
 */
final class ClaimsLoad {
  private static final int AT_A_TIME = 4;
  private static final int CLAIMS_OF_EACH = 6;
  private static final long PAUSE_MILLIS = 2;
  private static final Fingerprint CONTENT = Fingerprint.of(new byte[32]);

  private final Claims first;
  private final Duration lease;
  private final long run = System.nanoTime();
  private final AtomicLong turn = new AtomicLong();
  private final AtomicLong answersOfTheFirst = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();
  private final AtomicInteger underWay = new AtomicInteger();
  private final Map<ClaimKey, AtomicInteger> newOnes = new ConcurrentHashMap<>();
  private volatile boolean stopped;

  private ClaimsLoad(Claims first, Duration lease) {
    this.first = first;
    this.lease = lease;
  }

  /** Begins. */
  static ClaimsLoad on(Claims first, Claims second, Duration lease) {
    ClaimsLoad load = new ClaimsLoad(first, lease);
    for (int i = 0; i < AT_A_TIME; i++) {
      load.underWay.addAndGet(2);
      load.goOn(first);
      load.goOn(second);
    }
    return load;
  }

  private void goOn(Claims node) {
    if (stopped) {
      underWay.decrementAndGet();
      return;
    }
    long delivery = turn.getAndIncrement() / CLAIMS_OF_EACH;
    ClaimKey key =
        ClaimKey.of("acme", "load", ByteBuffer.allocate(16).putLong(run).putLong(delivery).array());
    node.claim(key, CONTENT, lease).onComplete(answer -> answered(node, key, answer));
  }

  private void answered(Claims node, ClaimKey key, AsyncResult<Claim> answer) {
    if (answer.failed()) {
      failures.incrementAndGet();
    } else if (node == first) {
      answersOfTheFirst.incrementAndGet();
    }
    if (answer.succeeded() && answer.result() instanceof Claim.New) {
      newOnes.computeIfAbsent(key, fresh -> new AtomicInteger()).incrementAndGet();
    }
    CompletableFuture.delayedExecutor(PAUSE_MILLIS, TimeUnit.MILLISECONDS)
        .execute(() -> goOn(node));
  }

  void awaitAnswersOfTheFirst(long more, Duration patience) {
    awaitMore("answers", answersOfTheFirst::get, more, patience);
  }

  void awaitFailures(long more, Duration patience) {
    awaitMore("failures", failures::get, more, patience);
  }

  private static void awaitMore(String what, LongSupplier count, long more, Duration patience) {
    long enough = count.getAsLong() + more;
    long deadline = System.nanoTime() + patience.toNanos();
    while (count.getAsLong() < enough) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("no " + more + " more " + what + " within " + patience);
      }
      LockSupport.parkNanos(2_000_000);
    }
  }

  /** Stops, and waits for what is under way. */
  void stop(Duration patience) {
    stopped = true;
    long deadline = System.nanoTime() + patience.toNanos();
    while (underWay.get() > 0) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(underWay + " claims did not end within " + patience);
      }
      LockSupport.parkNanos(2_000_000);
    }
  }

  void assertNoneWasNewTwice() {
    assertThat(newOnes).isNotEmpty();
    assertThat(newOnes.values()).allSatisfy(times -> assertThat(times).hasValue(1));
  }
}
