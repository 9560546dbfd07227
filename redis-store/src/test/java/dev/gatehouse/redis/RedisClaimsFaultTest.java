package dev.gatehouse.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.testkit.ClaimsFaultContract;
import dev.gatehouse.testkit.SimulatedClock;
import dev.gatehouse.testkit.TcpProxy;
import dev.gatehouse.webhook.Claim;
import dev.gatehouse.webhook.ClaimAnswer;
import dev.gatehouse.webhook.ClaimKey;
import dev.gatehouse.webhook.Claims;
import dev.gatehouse.webhook.Fingerprint;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RedisClaimsFaultTest extends ClaimsFaultContract {
  private static final Fingerprint CONTENT = Fingerprint.of(new byte[32]);
  private static final ClaimKey KEY = ClaimKey.of("acme", "skew", new byte[] {1});

  private static RedisProcess redis;
  private static TcpProxy network;
  private static RedisNode broken;
  private static RedisNode beside;

  @BeforeAll
  static void start(@TempDir Path folder) {
    redis = RedisProcess.in(folder);
    network = TcpProxy.to(redis.port());
    broken = RedisNode.at(network.port(), Duration.ofSeconds(3));
    beside = RedisNode.at(redis.port());
  }

  @AfterAll
  static void stop() {
    broken.close();
    beside.close();
    network.close();
    redis.close();
  }

  @AfterEach
  void heal() {
    network.heal();
    recovers();
  }

  @Override
  protected TcpProxy network() {
    return network;
  }

  @Override
  protected Claims broken() {
    return broken.store().claims().build();
  }

  @Override
  protected Claims beside() {
    return beside.store().claims().build();
  }

  @Override
  protected Duration bound() {
    return Duration.ofSeconds(15);
  }

  @Override
  protected void restartServer() {
    redis.kill();
    redis.start();
  }

  @Test
  void claim_scriptsFlushedAllTheWhile_neverFails() {
    Claims claims = broken();
    List<Future<Claim>> answers = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      answers.add(claims.claim(ClaimKey.of("", "flush", new byte[] {(byte) i}), CONTENT, hour()));
      beside.store().link().ask(server -> server.scriptFlush()).onFailure(e -> {});
    }

    assertThat(answers).allSatisfy(answer -> assertThat(Await.get(answer)).isNotNull());
    assertThat(answers.stream().map(Future::result)).allMatch(Claim.New.class::isInstance);
  }

  @Test
  void claim_whileAway_failsAtOnceAndKeepsNothing() {
    network.cut();
    Claims claims = broken();
    Await.until(
        "the connection is known to be gone",
        Duration.ofSeconds(20),
        () -> Await.failure(claims.claim(KEY, CONTENT, hour())) != null);
    List<Future<Claim>> answers = new ArrayList<>();
    long begun = System.nanoTime();
    for (int i = 0; i < 1_000; i++) {
      answers.add(claims.claim(ClaimKey.of("", "away", bytes(i)), CONTENT, hour()));
    }
    assertThat(answers).allSatisfy(answer -> assertThat(Await.failure(answer)).isNotNull());
    // a thousand command timeouts would take long
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(30));

    network.heal();
    recovers();
    List<byte[]> kept = Await.get(beside.store().link().ask(server -> server.keys("*{away}*")));
    assertThat(kept).isEmpty();
  }

  @Test
  void claim_serversClockFarFromTheNodes_bothAgreeOnTheLease() {
    SimulatedClock server = SimulatedClock.at(Instant.parse("2031-01-01T00:00:00Z"));
    Claims one = broken.claimsOn(server, "clock:skew").build();
    Await.get(one.claim(ClaimKey.of("", "skew", new byte[] {9}), CONTENT, hour()));
    Claims other = beside.claimsOn(server, "clock:skew").build();
    Claim.New first = (Claim.New) Await.get(one.claim(KEY, CONTENT, hour()));

    assertThat(Await.get(other.claim(KEY, CONTENT, hour())))
        .isEqualTo(new Claim.InFlight(Instant.parse("2031-01-01T01:00:00Z")));
    server.advance(hour());
    Claim.New second = (Claim.New) Await.get(other.claim(KEY, CONTENT, hour()));
    assertThat(second.fence()).isGreaterThan(first.fence());
    assertThat(Await.get(one.complete(KEY, first.fence(), ClaimAnswer.of(204)))).isFalse();
    assertThat(Await.get(other.complete(KEY, second.fence(), ClaimAnswer.of(204)))).isTrue();
  }

  private static Duration hour() {
    return Duration.ofHours(1);
  }

  private static byte[] bytes(int number) {
    return new byte[] {(byte) (number >> 8), (byte) number};
  }
}
