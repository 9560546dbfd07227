package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.webhook.Claim;
import dev.gatehouse.webhook.ClaimAnswer;
import dev.gatehouse.webhook.ClaimKey;
import dev.gatehouse.webhook.Claims;
import dev.gatehouse.webhook.Fingerprint;
import io.vertx.core.Future;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What claims in a store across a network must do when the network or the server fails: answer
 * rightly or fail, in time and without blocking the caller; never let two have one lease; and
 * recover without a hand.
 *
 * <p>Two nodes share the store: one through a {@link TcpProxy} that breaks, one beside it. Both ask
 * for the same deliveries all the while.
 */
public abstract class ClaimsFaultContract {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration LEASE = Duration.ofHours(1);
  // at once, and room for a machine that has others to serve
  private static final int CALL_OF_BOUND = 5;
  private static final Fingerprint CONTENT = Fingerprint.of(new byte[32]);

  private int asked;

  /** For subclasses, which JUnit makes. */
  protected ClaimsFaultContract() {}

  /** The network of the first node, in order before each test. */
  protected abstract TcpProxy network();

  /** Claims of the node whose network breaks. */
  protected abstract Claims broken();

  /** Claims of the node beside it. */
  protected abstract Claims beside();

  /** Within what a call must end, whatever happens. */
  protected abstract Duration bound();

  /** Kills the server and starts it again with what it had written. */
  protected abstract void restartServer();

  @Test
  void claim_connectionCutAgainAndAgain_isNewOnceEach() {
    ClaimsLoad load = ClaimsLoad.on(broken(), beside(), LEASE);
    for (int round = 0; round < 5; round++) {
      load.awaitAnswersOfTheFirst(20, PATIENCE);
      network().cut();
      load.awaitFailures(1, PATIENCE);
      network().heal();
    }
    load.awaitAnswersOfTheFirst(20, PATIENCE);

    load.stop(PATIENCE);
    load.assertNoneWasNewTwice();
  }

  @Test
  void claim_connectionDroppedUnderLoad_isNewOnceEach() {
    ClaimsLoad load = ClaimsLoad.on(broken(), beside(), LEASE);
    for (int round = 0; round < 20; round++) {
      load.awaitAnswersOfTheFirst(10, PATIENCE);
      network().drop();
    }
    load.awaitAnswersOfTheFirst(20, PATIENCE);

    load.stop(PATIENCE);
    load.assertNoneWasNewTwice();
  }

  @Test
  void claim_networkSlow_isRightAllTheSame() {
    network().slow(Duration.ofMillis(100));
    ClaimKey key = key("slow");

    Claim.New first = (Claim.New) await(broken().claim(key, CONTENT, LEASE));

    assertThat(await(beside().claim(key, CONTENT, LEASE)))
        .isEqualTo(new Claim.InFlight(first.leaseEnds()));
    assertThat(await(broken().complete(key, first.fence(), ClaimAnswer.of(204)))).isTrue();
    assertThat(await(beside().claim(key, CONTENT, LEASE)))
        .isEqualTo(new Claim.Duplicate(ClaimAnswer.of(204)));
  }

  @Test
  void claim_networkSlowerThanTheTimeout_failsInTimeAndRecovers() {
    await(broken().claim(key("before"), CONTENT, LEASE));
    network().slow(bound().multipliedBy(3));

    failsInTime(() -> broken().claim(key("slower"), CONTENT, LEASE));
    network().heal();
    recovers();
  }

  @Test
  void claim_networkSilent_failsInTimeAndRecovers() {
    ClaimKey key = key("silent");
    Claim.New held = (Claim.New) await(broken().claim(key, CONTENT, LEASE));
    network().blackhole();

    failsInTime(() -> broken().claim(key("unheard"), CONTENT, LEASE));
    failsInTime(() -> broken().complete(key, held.fence(), ClaimAnswer.of(204)));
    network().heal();
    recovers();
    assertThat(await(beside().claim(key, CONTENT, LEASE))).isNotInstanceOf(Claim.New.class);
  }

  @Test
  void claim_connectionsSilentForGood_recoversOnNewOnes() {
    await(broken().claim(key("before"), CONTENT, LEASE));
    network().freeze();

    // a pool may notice and answer over a new connection, which is as good
    endsInTime(() -> broken().claim(key("unheard"), CONTENT, LEASE));
    recovers();
  }

  @Test
  void claim_serverKilledAndStartedAgain_isNewOnceEachAndNothingIsForgotten() {
    ClaimKey held = key("held");
    ClaimKey done = key("done");
    await(beside().claim(held, CONTENT, LEASE));
    Claim.New first = (Claim.New) await(beside().claim(done, CONTENT, LEASE));
    await(beside().complete(done, first.fence(), ClaimAnswer.of(204)));
    ClaimsLoad load = ClaimsLoad.on(broken(), beside(), LEASE);
    load.awaitAnswersOfTheFirst(50, PATIENCE);

    restartServer();

    load.awaitAnswersOfTheFirst(50, PATIENCE);
    load.stop(PATIENCE);
    load.assertNoneWasNewTwice();
    recovers();
    assertThat(await(broken().claim(held, CONTENT, LEASE))).isInstanceOf(Claim.InFlight.class);
    assertThat(await(broken().claim(done, CONTENT, LEASE)))
        .isEqualTo(new Claim.Duplicate(ClaimAnswer.of(204)));
    assertThat(((Claim.New) await(broken().claim(key("after"), CONTENT, LEASE))).fence())
        .isGreaterThan(first.fence());
  }

  /**
   * Expects a call to return at once, since an event loop may make it, and to fail within {@link
   * #bound}.
   */
  protected final void failsInTime(Supplier<Future<?>> call) {
    assertThat(endsInTime(call)).isNotNull();
  }

  private @Nullable Throwable endsInTime(Supplier<Future<?>> call) {
    long begun = System.nanoTime();
    Future<?> answer = call.get();
    assertThat(since(begun))
        .as("how long the call kept its caller")
        .isLessThan(bound().dividedBy(CALL_OF_BOUND));
    Throwable failure = failure(answer);
    assertThat(since(begun)).as("when the call ended").isLessThan(bound());
    return failure;
  }

  private static Duration since(long begun) {
    return Duration.ofNanos(System.nanoTime() - begun);
  }

  /** Expects both nodes to answer again, by themselves. */
  protected final void recovers() {
    until("the node answers again", () -> failure(broken().claim(next(), CONTENT, LEASE)) == null);
    until("the other answers", () -> failure(beside().claim(next(), CONTENT, LEASE)) == null);
  }

  private ClaimKey next() {
    return key("recovery" + asked++);
  }

  private ClaimKey key(String name) {
    byte[] identity =
        ByteBuffer.allocate(12).putInt(name.hashCode()).putLong(System.nanoTime()).array();
    return ClaimKey.of("acme", "shop", identity);
  }

  private static @Nullable Throwable failure(Future<?> call) {
    try {
      call.toCompletionStage().toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      return null;
    } catch (ExecutionException e) {
      return e.getCause();
    } catch (TimeoutException e) {
      throw new AssertionError("a call did not end within " + PATIENCE, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static <T> T await(Future<T> call) {
    assertThat(failure(call)).isNull();
    return call.result();
  }

  static void until(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("not within " + PATIENCE + ": " + what);
      }
      LockSupport.parkNanos(10_000_000);
    }
  }
}
