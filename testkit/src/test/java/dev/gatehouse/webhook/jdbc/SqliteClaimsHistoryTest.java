package dev.gatehouse.webhook.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import dev.gatehouse.testkit.ClaimsHistoryContract;
import dev.gatehouse.testkit.SimulatedClock;
import dev.gatehouse.webhook.Claims;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConfig.SynchronousMode;

final class SqliteClaimsHistoryTest extends ClaimsHistoryContract {
  private static HikariDataSource pool;
  private static Vertx vertx;

  @BeforeAll
  static void open(@TempDir Path folder) throws Exception {
    pool = SqliteFiles.open(folder.resolve("claims.db"), SynchronousMode.OFF);
    vertx = Vertx.vertx();
    JdbcClaims.sqlite(vertx, pool, SimulatedClock.at(Instant.EPOCH))
        .build()
        .createTables()
        .await(20, TimeUnit.SECONDS);
  }

  @AfterAll
  static void close() throws Exception {
    vertx.close().await(20, TimeUnit.SECONDS);
    pool.close();
  }

  @Override
  protected List<Claims> open(String source, SimulatedClock clock, Duration retention) {
    return List.of(node(clock, retention), node(clock, retention));
  }

  private static Claims node(SimulatedClock clock, Duration retention) {
    // what counts is what it answers, not when
    return JdbcClaims.sqlite(vertx, pool, clock)
        .retention(retention)
        .timeout(Duration.ofSeconds(30))
        .build();
  }

  @Override
  protected void done(Claims claims) {
    ((JdbcClaims) claims).close().onFailure(e -> {});
  }

  @Override
  protected int usualCount() {
    return 3_000;
  }

  @Override
  protected int atATime() {
    return 8;
  }
}
