package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.webhook.Claim;
import dev.gatehouse.webhook.ClaimKey;
import dev.gatehouse.webhook.Claims;
import dev.gatehouse.webhook.MemoryClaims;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

final class MemoryClaimsTest extends ClaimsContract {
  @Override
  protected Claims create(InstantSource clock, Duration retention) {
    return Claims.inMemory(1_000, retention, clock);
  }

  @Test
  void claim_sourceFull_forgetsTheDeliveryThatWasCompletedFirst() {
    MemoryClaims small = small(3);
    Claim.New a = claimNew(key("a"), content("x"));
    Claim.New b = claimNew(key("b"), content("x"));
    Claim.New c = claimNew(key("c"), content("x"));
    await(small.complete(key("b"), b.fence(), ANSWER));
    await(small.complete(key("a"), a.fence(), ANSWER));
    await(small.complete(key("c"), c.fence(), ANSWER));

    claimNew(key("d"), content("x"));

    assertThat(small.evictions()).isEqualTo(1);
    assertThat(claim(key("a"), content("x"))).isInstanceOf(Claim.Duplicate.class);
    assertThat(claim(key("c"), content("x"))).isInstanceOf(Claim.Duplicate.class);
    assertThat(claim(key("b"), content("x"))).isInstanceOf(Claim.New.class);
  }

  @Test
  void claim_sourceFull_neverForgetsADeliveryInFlight() {
    MemoryClaims small = small(3);
    claimNew(key("in flight"), content("x"));
    for (int i = 0; i < 100; i++) {
      complete("d" + i, "x");
    }

    assertThat(claim(key("in flight"), content("x"))).isInstanceOf(Claim.InFlight.class);
    assertThat(small.evictions()).isEqualTo(98);
  }

  @Test
  void claim_allInFlight_fails() {
    small(2);
    claimNew(key("a"), content("x"));
    claimNew(key("b"), content("x"));

    assertThatThrownBy(() -> claim(key("c"), content("x")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("maxPerSource");
    assertThat(claim(key("a"), content("x"))).isInstanceOf(Claim.InFlight.class);
  }

  @Test
  void claim_allInFlightAndOneLeaseEnded_takesItsPlace() {
    small(2);
    claimNew(key("a"), content("x"));
    clock.advance(LEASE.dividedBy(2));
    claimNew(key("b"), content("x"));
    clock.advance(LEASE.dividedBy(2));

    claimNew(key("c"), content("x"));

    assertThat(claim(key("b"), content("x"))).isInstanceOf(Claim.InFlight.class);
  }

  @Test
  void claim_completionsExpired_areForgottenWithoutCountingAsEvicted() {
    MemoryClaims small = small(2);
    complete("a", "x");
    complete("b", "x");
    clock.advance(RETENTION);

    complete("c", "x");
    complete("d", "x");

    assertThat(small.evictions()).isZero();
  }

  @Test
  void claim_floodOfOneSource_forgetsNothingOfAnother() {
    MemoryClaims small = small(2);
    ClaimKey quiet = ClaimKey.of("acme", "quiet", new byte[] {1});
    Claim.New first = claimNew(quiet, content("x"));
    await(small.complete(quiet, first.fence(), ANSWER));
    for (int i = 0; i < 1_000; i++) {
      complete("d" + i, "x");
    }

    assertThat(claim(quiet, content("x"))).isInstanceOf(Claim.Duplicate.class);
  }

  @Test
  void claim_tooManySources_failsUntilOneIsEmpty() {
    small(2);
    for (int i = 0; i < MemoryClaims.MAX_SOURCES; i++) {
      claimNew(ClaimKey.of("", "s" + i, new byte[] {1}), content("x"));
    }
    ClaimKey oneTooMany = ClaimKey.of("", "new", new byte[] {1});

    assertThatThrownBy(() -> claim(oneTooMany, content("x")))
        .isInstanceOf(IllegalStateException.class);
    clock.advance(LEASE);
    claimNew(oneTooMany, content("x"));
  }

  @Test
  void claim_whileEmptySourcesAreForgotten_isNeverRefused() throws Exception {
    MemoryClaims small = small(1);
    ClaimKey busy = ClaimKey.of("", "busy", new byte[] {1});
    int others = 40 * MemoryClaims.MAX_SOURCES;
    ExecutorService beside = Executors.newSingleThreadExecutor();
    try {
      Future<?> forgetting =
          beside.submit(
              () -> {
                for (int i = 0; i < others; i++) {
                  claimAndRelease(small, ClaimKey.of("", "s" + i, new byte[] {1}));
                }
              });
      while (!forgetting.isDone()) {
        claimAndRelease(small, busy);
      }
      forgetting.get();
    } finally {
      beside.shutdownNow();
    }
  }

  private static void claimAndRelease(MemoryClaims claims, ClaimKey key) {
    io.vertx.core.Future<Claim> claimed = claims.claim(key, content("x"), LEASE);
    assertThat(claimed.cause()).isNull();
    assertThat(claims.release(key, ((Claim.New) claimed.result()).fence()).result()).isTrue();
  }

  @Test
  void inMemory_boundsNotPositive_areRefused() {
    assertThatThrownBy(() -> Claims.inMemory(0)).hasMessageContaining("maxPerSource");
    for (Duration retention : List.of(Duration.ZERO, Duration.ofDays(-1))) {
      assertThatThrownBy(() -> Claims.inMemory(1, retention, clock))
          .hasMessageContaining("retention");
    }
  }

  private MemoryClaims small(int maxPerSource) {
    MemoryClaims small = Claims.inMemory(maxPerSource, RETENTION, clock);
    claims = small;
    return small;
  }
}
