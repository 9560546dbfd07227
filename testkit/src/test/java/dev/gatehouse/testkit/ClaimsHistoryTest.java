package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.webhook.Claim;
import dev.gatehouse.webhook.ClaimAnswer;
import dev.gatehouse.webhook.ClaimKey;
import dev.gatehouse.webhook.Claims;
import dev.gatehouse.webhook.Fingerprint;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Histories find what is wrong with a store, each of these within a few hundred. */
final class ClaimsHistoryTest {
  private static final Fingerprint SAME = Fingerprint.of(new byte[32]);

  /** Says that it released, and did not. */
  private static final class ReleasingNothing extends Spoilt {
    private ReleasingNothing(Claims right) {
      super(right);
    }

    @Override
    public Future<Boolean> release(ClaimKey key, long fence) {
      return Future.succeededFuture(true);
    }
  }

  @Test
  void history_storeThatIsRight_isAllowed() {
    assertThat(finds(right -> right)).isFalse();
  }

  @Test
  void history_storeWhoseClaimsMayCollide_isAllowed() {
    assertThat(findsWhereCallsCollide(right -> right)).isFalse();
  }

  @Test
  void history_storeWhoseClaimsCollideUnlessItMay_isFound() {
    assertThat(colliding(right -> right, false)).isTrue();
  }

  @Test
  void history_releaseThatDoesNothing_isFoundWhereClaimsMayCollide() {
    assertThat(findsWhereCallsCollide(ReleasingNothing::new)).isTrue();
  }

  @Test
  void history_claimThatIsNotTaken_isFoundWhereClaimsMayCollide() {
    assertThat(
            findsWhereCallsCollide(
                right ->
                    new Spoilt(right) {
                      private int claims;

                      @Override
                      public Future<Claim> claim(ClaimKey key, Fingerprint f, Duration lease) {
                        return ++claims % 4 == 0
                            ? Future.succeededFuture(new Claim.InFlight(Instant.EPOCH))
                            : super.claim(key, f, lease);
                      }
                    }))
        .isTrue();
  }

  @Test
  void history_contentNotCompared_isFound() {
    assertThat(
            finds(
                right ->
                    new Spoilt(right) {
                      @Override
                      public Future<Claim> claim(ClaimKey key, Fingerprint content, Duration l) {
                        return super.claim(key, SAME, l);
                      }
                    }))
        .isTrue();
  }

  @Test
  void history_leaseTooShortByAMillisecond_isFound() {
    assertThat(
            finds(
                right ->
                    new Spoilt(right) {
                      @Override
                      public Future<Claim> claim(ClaimKey key, Fingerprint f, Duration lease) {
                        return super.claim(key, f, lease.minusMillis(1))
                            .map(
                                claim ->
                                    claim instanceof Claim.New fresh
                                        ? new Claim.New(
                                            fresh.fence(), fresh.leaseEnds().plusMillis(1))
                                        : claim);
                      }
                    }))
        .isTrue();
  }

  @Test
  void history_fencesAllTheSame_areFound() {
    assertThat(
            finds(
                right ->
                    new Spoilt(right) {
                      @Override
                      public Future<Claim> claim(ClaimKey key, Fingerprint f, Duration lease) {
                        return super.claim(key, f, lease)
                            .map(
                                claim ->
                                    claim instanceof Claim.New fresh
                                        ? new Claim.New(7, fresh.leaseEnds())
                                        : claim);
                      }
                    }))
        .isTrue();
  }

  @Test
  void history_releaseThatDoesNothing_isFound() {
    assertThat(finds(ReleasingNothing::new)).isTrue();
  }

  @Test
  void history_answerForgotten_isFound() {
    assertThat(
            finds(
                right ->
                    new Spoilt(right) {
                      @Override
                      public Future<Boolean> complete(ClaimKey key, long fence, ClaimAnswer a) {
                        return super.complete(key, fence, ClaimAnswer.of(202));
                      }
                    }))
        .isTrue();
  }

  @Test
  void history_fencesKnownToTheNodeThatToldThemOnly_areFound() {
    assertThat(finds(KnowsItsOwnFences::new)).isTrue();
  }

  /** Takes what another node told for what is past. */
  private static final class KnowsItsOwnFences extends Spoilt {
    private final Set<Long> told = new HashSet<>();

    KnowsItsOwnFences(Claims right) {
      super(right);
    }

    @Override
    public Future<Claim> claim(ClaimKey key, Fingerprint fingerprint, Duration lease) {
      return super.claim(key, fingerprint, lease)
          .onSuccess(
              claim -> {
                if (claim instanceof Claim.New fresh) {
                  told.add(fresh.fence());
                }
              });
    }

    @Override
    public Future<Boolean> complete(ClaimKey key, long fence, ClaimAnswer answer) {
      return told.contains(fence)
          ? super.complete(key, fence, answer)
          : Future.succeededFuture(false);
    }
  }

  private static boolean finds(UnaryOperator<Claims> spoil) {
    return LongStream.rangeClosed(1, 500).anyMatch(seed -> history(seed, spoil, false).failed());
  }

  private static Future<Void> history(long seed, UnaryOperator<Claims> spoil, boolean mayCollide) {
    SimulatedClock clock = SimulatedClock.at(Instant.parse("2026-03-01T12:00:00Z"));
    Claims store = Claims.inMemory(10, ClaimsContract.RETENTION, clock);
    List<Claims> nodes = List.of(spoil.apply(store), spoil.apply(store));
    return new ClaimsHistory(seed, "s", nodes, clock, mayCollide).play();
  }

  /** A claim beside another call is told that the delivery is in flight, and changes nothing. */
  private static final class Colliding extends Spoilt {
    private final Context context;
    private final List<Object> underWay;

    Colliding(Claims right, Context context, List<Object> underWay) {
      super(right);
      this.context = context;
      this.underWay = underWay;
    }

    @Override
    public Future<Claim> claim(ClaimKey key, Fingerprint fingerprint, Duration lease) {
      return later(
          underWay.isEmpty()
              ? super.claim(key, fingerprint, lease)
              : Future.succeededFuture(new Claim.InFlight(Instant.EPOCH)));
    }

    @Override
    public Future<Boolean> complete(ClaimKey key, long fence, ClaimAnswer answer) {
      return later(super.complete(key, fence, answer));
    }

    @Override
    public Future<Boolean> release(ClaimKey key, long fence) {
      return later(super.release(key, fence));
    }

    // when all that were asked at this moment have been
    private <T> Future<T> later(Future<T> answer) {
      Promise<T> told = Promise.promise();
      underWay.add(told);
      context.runOnContext(
          then -> {
            underWay.remove(told);
            answer.onComplete(told);
          });
      return told.future();
    }
  }

  private static boolean findsWhereCallsCollide(UnaryOperator<Claims> spoil) {
    return colliding(spoil, true);
  }

  private static boolean colliding(UnaryOperator<Claims> spoil, boolean mayCollide) {
    Vertx vertx = Vertx.vertx();
    try {
      Context context = vertx.getOrCreateContext();
      return LongStream.rangeClosed(1, 500)
          .anyMatch(
              seed -> {
                List<Object> underWay = new ArrayList<>();
                Promise<Void> played = Promise.promise();
                context.runOnContext(
                    begin ->
                        history(
                                seed,
                                right -> new Colliding(spoil.apply(right), context, underWay),
                                mayCollide)
                            .onComplete(played));
                return played
                    .future()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .orTimeout(60, TimeUnit.SECONDS)
                    .handle((done, failure) -> failure != null)
                    .join();
              });
    } finally {
      vertx.close();
    }
  }
}
