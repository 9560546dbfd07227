package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.webhook.Claim;
import dev.gatehouse.webhook.ClaimAnswer;
import dev.gatehouse.webhook.ClaimKey;
import dev.gatehouse.webhook.Claims;
import dev.gatehouse.webhook.Fingerprint;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Histories find what is wrong with a store, each of these within a few hundred. */
final class ClaimsHistoryTest {
  private static final Fingerprint SAME = Fingerprint.of(new byte[32]);

  @Test
  void history_storeThatIsRight_isAllowed() {
    assertThat(finds(right -> right)).isFalse();
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
    assertThat(
            finds(
                right ->
                    new Spoilt(right) {
                      @Override
                      public Future<Boolean> release(ClaimKey key, long fence) {
                        return Future.succeededFuture(true);
                      }
                    }))
        .isTrue();
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
    return LongStream.rangeClosed(1, 500)
        .anyMatch(
            seed -> {
              SimulatedClock clock = SimulatedClock.at(Instant.parse("2026-03-01T12:00:00Z"));
              Claims store = Claims.inMemory(10, ClaimsContract.RETENTION, clock);
              List<Claims> nodes = List.of(spoil.apply(store), spoil.apply(store));
              return new ClaimsHistory(seed, "s", nodes, clock, false).play().failed();
            });
  }
}
