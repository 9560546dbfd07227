package dev.gatehouse.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.testkit.ClaimsContract;
import dev.gatehouse.webhook.Claim;
import dev.gatehouse.webhook.ClaimKey;
import dev.gatehouse.webhook.Claims;
import io.lettuce.core.RedisCommandExecutionException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RedisClaimsTest extends ClaimsContract {
  private static RedisProcess redis;
  private static RedisNode node;

  @BeforeAll
  static void start(@TempDir Path folder) {
    redis = RedisProcess.in(folder);
    node = RedisNode.at(redis.port());
  }

  @AfterAll
  static void stop() {
    node.close();
    redis.close();
  }

  @Override
  protected Claims create(InstantSource time, Duration retention) {
    node.flush();
    return node.claimsOn(clock, "clock").retention(retention).maxPerSource(1_000).build();
  }

  @Test
  void claim_sourceFull_forgetsTheDeliveryThatWasCompletedFirst() {
    RedisClaims small = small(3);
    Claim.New a = claimNew(key("a"), content("x"));
    Claim.New b = claimNew(key("b"), content("x"));
    clock.advance(TICK);
    await(small.complete(key("b"), b.fence(), ANSWER));
    clock.advance(TICK);
    await(small.complete(key("a"), a.fence(), ANSWER));
    complete("c", "x");

    claimNew(key("d"), content("x"));

    assertThat(small.evictions()).isEqualTo(1);
    assertThat(claim(key("a"), content("x"))).isInstanceOf(Claim.Duplicate.class);
    assertThat(claim(key("b"), content("x"))).isInstanceOf(Claim.New.class);
  }

  @Test
  void claim_allInFlight_failsUntilALeaseEnds() {
    small(2);
    claimNew(key("a"), content("x"));
    claimNew(key("b"), content("x"));

    assertThatThrownBy(() -> claim(key("c"), content("x")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("maxPerSource");
    clock.advance(LEASE);
    claimNew(key("c"), content("x"));
  }

  @Test
  void claim_floodOfOneSource_forgetsNothingOfAnother() {
    RedisClaims small = small(5);
    ClaimKey quiet = ClaimKey.of("acme", "quiet", new byte[] {1});
    Claim.New first = claimNew(quiet, content("x"));
    await(small.complete(quiet, first.fence(), ANSWER));
    for (int i = 0; i < 200; i++) {
      complete("d" + i, "x");
    }

    assertThat(claim(quiet, content("x"))).isInstanceOf(Claim.Duplicate.class);
    assertThat(keys("gatehouse:claims:{shop}:*")).isEqualTo(5 + 2);
  }

  @Test
  void claim_sourceNamedLikeAnothersKeys_reachesNoneOfThem() {
    complete("d1", "a");
    Claim.New odd = claimNew(ClaimKey.of("acme", "shop}:held", new byte[] {1}), content("x"));

    assertThat(odd.fence()).isPositive();
    assertThat(keys("gatehouse:claims:{shop}:*")).isEqualTo(3);
    assertThat(claim(key("d1"), content("a"))).isEqualTo(new Claim.Duplicate(ANSWER));
  }

  @Test
  void claim_counterLost_givesOutNoFenceTwice() {
    Claim.New before = claimNew(key("d1"), content("a"));
    clock.advance(TICK);
    Instant moved = clock.instant();
    node.flush();
    clock.set(moved);

    Claim.New after = claimNew(key("d1"), content("a"));

    assertThat(after.fence()).isGreaterThan(before.fence());
    assertThat(await(claims.complete(key("d1"), before.fence(), ANSWER))).isFalse();
  }

  @Test
  void claim_scriptsForgotten_answersAllTheSame() {
    complete("d1", "a");
    await(node.store().link().ask(server -> server.scriptFlush()));

    assertThat(claim(key("d1"), content("a"))).isEqualTo(new Claim.Duplicate(ANSWER));
    complete("d2", "a");
  }

  @Test
  void claim_nothingForALongTime_leavesOnlyTheFence() {
    Claims real = node.store().claims().retention(Duration.ofMillis(200)).build();
    Claim.New first = (Claim.New) await(real.claim(key("d1"), content("a"), LEASE));
    assertThat(await(real.complete(key("d1"), first.fence(), ANSWER))).isTrue();

    Await.until(
        "what ended is gone", Duration.ofSeconds(20), () -> keys("gatehouse:claims:*") == 1);
  }

  @Test
  void claim_serverTime_isTheServersAndNotOurs() {
    Claims real = node.store().claims().build();
    Claim.New first = (Claim.New) await(real.claim(key("d1"), content("a"), LEASE));

    long server =
        Long.parseLong(RedisLink.text(await(node.store().link().ask(r -> r.time())).get(0)));
    assertThat(first.leaseEnds())
        .isBetween(
            Instant.ofEpochSecond(server).plus(LEASE).minusSeconds(5),
            Instant.ofEpochSecond(server + 1).plus(LEASE));
  }

  @Test
  void claim_serverWithoutMemory_failsAndChangesNothing() {
    complete("d1", "a");
    config("maxmemory", "1");
    try {
      assertThatThrownBy(() -> claim(key("d2"), content("a")))
          .isInstanceOf(RedisCommandExecutionException.class)
          .hasMessageContaining("OOM");
      assertThat(claim(key("d1"), content("a"))).isEqualTo(new Claim.Duplicate(ANSWER));
    } finally {
      config("maxmemory", "0");
    }
    claimNew(key("d2"), content("a"));
  }

  @Test
  void connect_serverThatForgets_isRefusedUnlessAllowed() {
    config("maxmemory", "1gb");
    config("maxmemory-policy", "allkeys-lru");
    try {
      RedisStore.Builder store = RedisStore.builder(node.vertx(), redis.url());
      assertThat(Await.failure(store.connect())).hasMessageContaining("noeviction");
      Await.get(Await.get(store.dangerouslyAllowEviction().connect()).close());
    } finally {
      config("maxmemory-policy", "noeviction");
      config("maxmemory", "0");
    }
  }

  @Test
  void builder_urlThatIsNone_isRefusedWithoutRepeatingIt() {
    assertThatThrownBy(() -> RedisStore.builder(node.vertx(), "redis://:hunter2@"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void build_boundsNotPositive_areRefused() {
    assertThatThrownBy(() -> node.store().claims().maxPerSource(0).build())
        .hasMessageContaining("maxPerSource");
    assertThatThrownBy(() -> node.store().claims().retention(Duration.ZERO).build())
        .hasMessageContaining("retention");
  }

  private RedisClaims small(int maxPerSource) {
    RedisClaims small =
        node.claimsOn(clock, "clock").retention(RETENTION).maxPerSource(maxPerSource).build();
    claims = small;
    return small;
  }

  private static int keys(String pattern) {
    return await(node.store().link().ask(server -> server.keys(pattern))).size();
  }

  private static void config(String name, String value) {
    await(node.store().link().ask(server -> server.configSet(name, value)));
  }
}
