package dev.gatehouse.webhook.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.gatehouse.webhook.Claim;
import dev.gatehouse.webhook.Claims;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConfig.SynchronousMode;

final class SqliteClaimsTest extends WithinContract {
  private static HikariDataSource pool;
  private static Vertx vertx;

  @BeforeAll
  static void open(@TempDir Path folder) {
    pool = SqliteFiles.open(folder.resolve("claims.db"), SynchronousMode.OFF);
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void close() {
    await(vertx.close());
    pool.close();
  }

  @Override
  DataSource pool() {
    return pool;
  }

  @Override
  protected Claims create(InstantSource time, Duration retention) {
    JdbcClaims fresh =
        JdbcClaims.sqlite(vertx, pool, time).retention(retention).timeout(PATIENCE).build();
    empty(fresh, "DELETE FROM");
    return fresh;
  }

  @Test
  void claim_fileLockedByAnother_failsInTimeAndRecovers() throws SQLException {
    JdbcClaims impatient =
        JdbcClaims.sqlite(vertx, pool, clock).timeout(Duration.ofMillis(300)).build();
    try (Connection connection = begin()) {
      effect(connection);

      assertThatThrownBy(() -> await(impatient.claim(key("d1"), content("a"), LEASE)))
          .isInstanceOf(IllegalStateException.class);
      connection.rollback();
    }
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!(claim(key("d1"), content("a")) instanceof Claim.New)) {
      assertThat(System.nanoTime()).isLessThan(deadline);
    }
  }

  @Test
  void claim_twoProcessesOnOneFile_oneIsNew() throws InterruptedException {
    JdbcClaims other =
        JdbcClaims.sqlite(vertx, pool, clock).retention(RETENTION).timeout(PATIENCE).build();

    var answers =
        atOnce(
            400, i -> (i % 2 == 0 ? claims : other).claim(key("d" + i / 8), content("a"), LEASE));

    assertThat(answers.stream().filter(Claim.New.class::isInstance)).hasSize(50);
  }
}
