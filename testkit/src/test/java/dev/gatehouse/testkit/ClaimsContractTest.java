package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.webhook.Claim;
import dev.gatehouse.webhook.ClaimKey;
import dev.gatehouse.webhook.Claims;
import dev.gatehouse.webhook.Fingerprint;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The contract finds what is wrong with a store. */
final class ClaimsContractTest {
  @Test
  void retention_countedFromTheClaim_isFound() {
    Contract contract =
        new Contract() {
          @Override
          protected Claims create(InstantSource clock, Duration retention) {
            return new RemembersFromTheClaim(clock, retention);
          }
        };

    assertThatThrownBy(contract::claim_completedLongAfterItsClaim_isRememberedFromTheCompletion)
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void lease_ofOneLengthWhateverIsAsked_isFound() {
    Contract contract =
        new Contract() {
          @Override
          protected Claims create(InstantSource clock, Duration retention) {
            return new Spoilt(Claims.inMemory(1_000, retention, clock)) {
              @Override
              public Future<Claim> claim(ClaimKey key, Fingerprint content, Duration lease) {
                return super.claim(key, content, LEASE);
              }
            };
          }
        };

    assertThatThrownBy(contract::claim_otherLease_holdsForThatLong)
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void claim_ofAnotherDeliveryTold_isFound() {
    AtomicInteger turn = new AtomicInteger();
    Contract contract =
        new Contract() {
          @Override
          protected Claims create(InstantSource clock, Duration retention) {
            return new Spoilt(Claims.inMemory(1_000, retention, clock)) {
              @Override
              public Future<Claim> claim(ClaimKey key, Fingerprint content, Duration lease) {
                // as many are new as should be, and not those
                return Future.succeededFuture(
                    turn.getAndIncrement() % 4 < 2
                        ? new Claim.New(1, Instant.MAX)
                        : new Claim.InFlight(Instant.MAX));
              }
            };
          }
        };

    assertThatThrownBy(contract::claim_fiveHundredDeliveriesTwiceAtOnce_areNewOnceEach)
        .isInstanceOf(AssertionError.class);
  }

  private abstract static class Contract extends ClaimsContract {
    Contract() {
      begin();
    }
  }

  /** What was completed is forgotten one retention after it was claimed. */
  private static final class RemembersFromTheClaim extends Spoilt {
    private final InstantSource clock;
    private final Map<ClaimKey, Instant> claimed = new HashMap<>();
    private final Claims fresh;

    RemembersFromTheClaim(InstantSource clock, Duration retention) {
      super(Claims.inMemory(1_000, retention, clock));
      this.clock = clock;
      this.fresh = Claims.inMemory(1_000, retention, clock);
    }

    @Override
    public Future<Claim> claim(ClaimKey key, Fingerprint content, Duration lease) {
      Instant first = claimed.computeIfAbsent(key, k -> clock.instant());
      return clock.instant().isBefore(first.plus(retention()))
          ? super.claim(key, content, lease)
          : fresh.claim(key, content, lease);
    }
  }
}
