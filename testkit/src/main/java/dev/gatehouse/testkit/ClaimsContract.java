package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.webhook.Claim;
import dev.gatehouse.webhook.ClaimAnswer;
import dev.gatehouse.webhook.ClaimKey;
import dev.gatehouse.webhook.Claims;
import dev.gatehouse.webhook.Fingerprint;
import io.vertx.core.Future;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Claims} must do; each backend runs it, and {@link ClaimsHistoryContract} too.
 *
 * <pre>{@code
 * final class MyClaimsTest extends ClaimsContract {
 *   @Override
 *   protected Claims create(InstantSource clock, Duration retention) {
 *     return new MyClaims(emptyStore(), clock, retention);
 *   }
 * }
 * }</pre>
 */
public abstract class ClaimsContract {
  /** How long the contract's claims are remembered. */
  protected static final Duration RETENTION = Duration.ofHours(1);

  /** How long the contract's leases are. */
  protected static final Duration LEASE = Duration.ofSeconds(30);

  /** The least step of time that the contract relies on. */
  protected static final Duration TICK = Duration.ofMillis(1);

  /** An answer with a header. */
  protected static final ClaimAnswer ANSWER =
      new ClaimAnswer(201, Map.of("Content-Type", "text/plain"));

  /** The clock that the claims under test were given. */
  protected final SimulatedClock clock = SimulatedClock.at(Instant.parse("2026-03-01T12:00:00Z"));

  /** The claims under test, empty before each test. */
  @SuppressWarnings("NullAway.Init")
  protected Claims claims;

  /** For subclasses, which JUnit makes. */
  protected ClaimsContract() {}

  /** An empty store, with room for at least 1,000 deliveries of a source. */
  protected abstract Claims create(InstantSource clock, Duration retention);

  @BeforeEach
  void begin() {
    claims = create(clock, RETENTION);
  }

  @Test
  void claim_firstTime_isNewUntilTheLeaseEnds() {
    Claim.New first = claimNew(key("d1"), content("a"));

    assertThat(first.leaseEnds()).isEqualTo(clock.instant().plus(LEASE));
  }

  @Test
  void claim_whileInFlight_saysUntilWhen() {
    Claim.New first = claimNew(key("d1"), content("a"));

    assertThat(claim(key("d1"), content("a"))).isEqualTo(new Claim.InFlight(first.leaseEnds()));
  }

  @Test
  void claim_completed_isDuplicateWithTheFirstAnswer() {
    complete("d1", "a");

    assertThat(claim(key("d1"), content("a"))).isEqualTo(new Claim.Duplicate(ANSWER));
  }

  @Test
  void claim_completedAtTheLastMomentOfTheLease_isDuplicate() {
    Claim.New first = claimNew(key("d1"), content("a"));
    clock.advance(LEASE.minus(TICK));

    assertThat(await(claims.complete(key("d1"), first.fence(), ANSWER))).isTrue();
    assertThat(claim(key("d1"), content("a"))).isInstanceOf(Claim.Duplicate.class);
  }

  @Test
  void claim_otherLease_holdsForThatLong() {
    for (Duration lease : List.of(LEASE.dividedBy(3), LEASE.multipliedBy(2))) {
      ClaimKey key = key("lease of " + lease);
      Instant ends = clock.instant().plus(lease);

      assertThat(await(claims.claim(key, content("a"), lease)))
          .isInstanceOfSatisfying(
              Claim.New.class, first -> assertThat(first.leaseEnds()).isEqualTo(ends));
      clock.advance(lease.minus(TICK));
      assertThat(claim(key, content("a"))).isEqualTo(new Claim.InFlight(ends));
      clock.advance(TICK);
      claimNew(key, content("a"));
    }
  }

  @Test
  void claim_otherContentWhileInFlight_isConflict() {
    claimNew(key("d1"), content("a"));

    assertThat(claim(key("d1"), content("b"))).isEqualTo(new Claim.Conflict());
    assertThat(claim(key("d1"), content("a"))).isInstanceOf(Claim.InFlight.class);
  }

  @Test
  void claim_otherContentAfterCompletion_isConflictAndChangesNothing() {
    complete("d1", "a");

    assertThat(claim(key("d1"), content("b"))).isEqualTo(new Claim.Conflict());
    assertThat(claim(key("d1"), content("a"))).isEqualTo(new Claim.Duplicate(ANSWER));
  }

  @Test
  void claim_leaseNotYetEnded_isInFlight() {
    claimNew(key("d1"), content("a"));
    clock.advance(LEASE.minus(TICK));

    assertThat(claim(key("d1"), content("a"))).isInstanceOf(Claim.InFlight.class);
  }

  @Test
  void claim_leaseEnded_isNewWithHigherFence() {
    Claim.New first = claimNew(key("d1"), content("a"));
    clock.advance(LEASE);

    assertThat(claimNew(key("d1"), content("a")).fence()).isGreaterThan(first.fence());
  }

  @Test
  void claim_leaseEnded_takesOtherContentToo() {
    claimNew(key("d1"), content("a"));
    clock.advance(LEASE);

    claimNew(key("d1"), content("b"));
  }

  @Test
  void complete_afterTheLeaseEnded_isFalseAndChangesNothing() {
    Claim.New late = claimNew(key("d1"), content("a"));
    clock.advance(LEASE);

    assertThat(await(claims.complete(key("d1"), late.fence(), ANSWER))).isFalse();
    claimNew(key("d1"), content("a"));
  }

  @Test
  void complete_byLateFinisher_doesNotEndItsSuccessorsClaim() {
    Claim.New late = claimNew(key("d1"), content("a"));
    clock.advance(LEASE);
    Claim.New successor = claimNew(key("d1"), content("a"));

    assertThat(await(claims.complete(key("d1"), late.fence(), ANSWER))).isFalse();
    assertThat(claim(key("d1"), content("a"))).isInstanceOf(Claim.InFlight.class);
    assertThat(await(claims.complete(key("d1"), successor.fence(), ANSWER))).isTrue();
  }

  @Test
  void complete_byLateFinisher_doesNotOverwriteItsSuccessorsAnswer() {
    Claim.New late = claimNew(key("d1"), content("a"));
    clock.advance(LEASE);
    complete("d1", "a");

    assertThat(await(claims.complete(key("d1"), late.fence(), ClaimAnswer.of(299)))).isFalse();
    assertThat(claim(key("d1"), content("a"))).isEqualTo(new Claim.Duplicate(ANSWER));
  }

  @Test
  void complete_twice_keepsTheFirstAnswer() {
    Claim.New first = complete("d1", "a");

    assertThat(await(claims.complete(key("d1"), first.fence(), ClaimAnswer.of(299)))).isFalse();
    assertThat(claim(key("d1"), content("a"))).isEqualTo(new Claim.Duplicate(ANSWER));
  }

  @Test
  void complete_neverClaimed_isFalseAndChangesNothing() {
    assertThat(await(claims.complete(key("d1"), 1, ANSWER))).isFalse();
    claimNew(key("d1"), content("a"));
  }

  @Test
  void release_heldClaim_letsTheRetryRunWithHigherFence() {
    Claim.New first = claimNew(key("d1"), content("a"));

    assertThat(await(claims.release(key("d1"), first.fence()))).isTrue();
    assertThat(claimNew(key("d1"), content("a")).fence()).isGreaterThan(first.fence());
  }

  @Test
  void release_byLateFinisher_isFalseAndChangesNothing() {
    Claim.New late = claimNew(key("d1"), content("a"));
    clock.advance(LEASE);
    claimNew(key("d1"), content("a"));

    assertThat(await(claims.release(key("d1"), late.fence()))).isFalse();
    assertThat(claim(key("d1"), content("a"))).isInstanceOf(Claim.InFlight.class);
  }

  @Test
  void release_afterCompletion_isFalseAndChangesNothing() {
    Claim.New first = complete("d1", "a");

    assertThat(await(claims.release(key("d1"), first.fence()))).isFalse();
    assertThat(claim(key("d1"), content("a"))).isEqualTo(new Claim.Duplicate(ANSWER));
  }

  @Test
  void complete_afterRelease_isFalseAndChangesNothing() {
    Claim.New first = claimNew(key("d1"), content("a"));
    await(claims.release(key("d1"), first.fence()));

    assertThat(await(claims.complete(key("d1"), first.fence(), ANSWER))).isFalse();
    claimNew(key("d1"), content("a"));
  }

  @Test
  void claim_justBeforeRetentionEnds_isDuplicate() {
    complete("d1", "a");
    clock.advance(RETENTION.minus(TICK));

    assertThat(claim(key("d1"), content("a"))).isInstanceOf(Claim.Duplicate.class);
  }

  @Test
  void claim_retentionEnded_isNewWithHigherFence() {
    Claim.New first = complete("d1", "a");
    clock.advance(RETENTION);

    assertThat(claimNew(key("d1"), content("a")).fence()).isGreaterThan(first.fence());
  }

  @Test
  void claim_completedLongAfterItsClaim_isRememberedFromTheCompletion() {
    Claim.New first = claimNew(key("d1"), content("a"));
    clock.advance(Duration.ofSeconds(20));
    assertThat(await(claims.complete(key("d1"), first.fence(), ANSWER))).isTrue();

    clock.advance(RETENTION.minus(TICK));
    assertThat(claim(key("d1"), content("a"))).isEqualTo(new Claim.Duplicate(ANSWER));
    clock.advance(TICK);
    claimNew(key("d1"), content("a"));
  }

  @Test
  void claim_clockTurnedBack_freesNothing() {
    complete("d1", "a");
    claimNew(key("d2"), content("a"));
    clock.advance(Duration.ofHours(-5));

    assertThat(claim(key("d1"), content("a"))).isInstanceOf(Claim.Duplicate.class);
    assertThat(claim(key("d2"), content("a"))).isInstanceOf(Claim.InFlight.class);
  }

  @Test
  void claim_otherTenantOrSource_isAnotherDelivery() {
    complete("d1", "a");

    claimNew(ClaimKey.of("globex", "shop", bytes("d1")), content("a"));
    claimNew(ClaimKey.of("acme", "bank", bytes("d1")), content("a"));
    claimNew(ClaimKey.of("", "shop", bytes("d1")), content("a"));
  }

  @Test
  void claim_leaseNotPositive_isRefused() {
    for (Duration lease : List.of(Duration.ZERO, Duration.ofSeconds(-1))) {
      assertThatThrownBy(() -> await(claims.claim(key("d1"), content("a"), lease)))
          .isInstanceOf(IllegalArgumentException.class);
    }
    claimNew(key("d1"), content("a"));
  }

  @Test
  void claim_thousandAtOnceOfOneDelivery_exactlyOneIsNew() throws InterruptedException {
    List<Claim> answers = atOnce(1_000, i -> claims.claim(key("d1"), content("a"), LEASE));

    assertThat(answers).hasSize(1_000);
    assertThat(answers.stream().filter(Claim.New.class::isInstance)).hasSize(1);
    assertThat(answers.stream().filter(Claim.InFlight.class::isInstance)).hasSize(999);
  }

  @Test
  void claim_fiveHundredDeliveriesTwiceAtOnce_areNewOnceEach() throws InterruptedException {
    List<String> newOnes =
        atOnce(1_000, i -> claims.claim(key("d" + i % 500), content("a"), LEASE).map(nameIfNew(i)))
            .stream()
            .flatMap(Optional::stream)
            .toList();

    assertThat(newOnes).hasSize(500).doesNotHaveDuplicates();
  }

  private static Function<Claim, Optional<String>> nameIfNew(int number) {
    return claim -> claim instanceof Claim.New ? Optional.of("d" + number % 500) : Optional.empty();
  }

  @Test
  void release_thousandAtOnceOfOneClaim_oneSucceeds() throws InterruptedException {
    Claim.New first = claimNew(key("d1"), content("a"));

    List<Boolean> answers = atOnce(1_000, i -> claims.release(key("d1"), first.fence()));

    assertThat(answers.stream().filter(released -> released)).hasSize(1);
  }

  @Test
  void retention_isWhatItWasGiven() {
    assertThat(claims.retention()).isEqualTo(RETENTION);
  }

  /** Claims with the usual lease. */
  protected final Claim claim(ClaimKey key, Fingerprint content) {
    return await(claims.claim(key, content, LEASE));
  }

  /** Claims, and expects to be the first. */
  protected final Claim.New claimNew(ClaimKey key, Fingerprint content) {
    Claim claim = claim(key, content);
    assertThat(claim).isInstanceOf(Claim.New.class);
    return (Claim.New) claim;
  }

  /** Claims and completes a delivery of the tenant {@code acme} and the source {@code shop}. */
  protected final Claim.New complete(String id, String content) {
    Claim.New claim = claimNew(key(id), content(content));
    assertThat(await(claims.complete(key(id), claim.fence(), ANSWER))).isTrue();
    return claim;
  }

  /** A delivery of the tenant {@code acme} and the source {@code shop}. */
  protected static ClaimKey key(String id) {
    return ClaimKey.of("acme", "shop", bytes(id));
  }

  /** A delivery's content. */
  protected static Fingerprint content(String text) {
    return Fingerprint.of(ByteBuffer.allocate(32).put(bytes(text)).array());
  }

  /** Waits for an answer and returns it, or throws its failure. */
  protected static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      throw new AssertionError("the store did not answer within 20 s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** A call numbered from 0. */
  protected interface NumberedCall<T> {
    /** Makes the call. */
    Future<T> call(int number);
  }

  /** Makes that many calls from 16 threads that start together, and returns all answers. */
  protected static <T> List<T> atOnce(int calls, NumberedCall<T> call) throws InterruptedException {
    int threads = 16;
    List<T> answers = Collections.synchronizedList(new ArrayList<>());
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch start = new CountDownLatch(1);
    CountDownLatch finished = new CountDownLatch(calls);
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      for (int thread = 0; thread < threads; thread++) {
        int first = thread;
        pool.execute(
            () -> {
              awaitQuietly(start);
              for (int number = first; number < calls; number += threads) {
                call.call(number)
                    .onSuccess(answers::add)
                    .onFailure(failures::add)
                    .onComplete(done -> finished.countDown());
              }
            });
      }
      start.countDown();
      assertThat(finished.await(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      pool.shutdownNow();
    }
    assertThat(failures).isEmpty();
    return List.copyOf(answers);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
