package dev.gatehouse.webhook.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import dev.gatehouse.testkit.ClaimsHistoryContract;
import dev.gatehouse.testkit.SimulatedClock;
import dev.gatehouse.webhook.Claims;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

final class PostgresqlClaimsHistoryTest extends ClaimsHistoryContract {
  private static Postgresql server;
  private static HikariDataSource pool;
  private static Vertx vertx;

  @BeforeAll
  static void start() throws Exception {
    server = Postgresql.start();
    pool = server.pool(12);
    vertx = Vertx.vertx();
    server
        .claimsOn(vertx, pool, SimulatedClock.at(Instant.EPOCH))
        .build()
        .createTables()
        .await(20, TimeUnit.SECONDS);
    Postgresql.execute(pool, "ALTER TABLE gatehouse_claims SET UNLOGGED");
  }

  @AfterAll
  static void stop() throws Exception {
    vertx.close().await(20, TimeUnit.SECONDS);
    pool.close();
    server.close();
  }

  @Override
  protected List<Claims> open(String source, SimulatedClock clock, Duration retention) {
    return List.of(node(clock, retention), node(clock, retention));
  }

  private static Claims node(SimulatedClock clock, Duration retention) {
    // what counts is what it answers, not when
    return server
        .claimsOn(vertx, pool, clock)
        .retention(retention)
        .timeout(Duration.ofSeconds(30))
        .workers(3)
        .build();
  }

  @Override
  protected void done(Claims claims) {
    ((JdbcClaims) claims).close().onFailure(e -> {});
  }

  @Override
  protected int usualCount() {
    return 1_000;
  }

  @Override
  protected int atATime() {
    return 8;
  }

  // Claims do not wait for each other's locks.
  @Override
  protected boolean mayCollide() {
    return true;
  }
}
