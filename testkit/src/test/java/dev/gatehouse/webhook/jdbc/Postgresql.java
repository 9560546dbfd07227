package dev.gatehouse.webhook.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.gatehouse.testkit.SimulatedClock;
import io.vertx.core.Vertx;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import javax.sql.DataSource;

/** A real PostgreSQL that writes nothing to the disk in time: what is tested is not its fsync. */
final class Postgresql implements AutoCloseable {
  private final EmbeddedPostgres server;
  private final AtomicLong clocks = new AtomicLong();

  private Postgresql(EmbeddedPostgres server) {
    this.server = server;
  }

  static Postgresql start() {
    try {
      EmbeddedPostgres server =
          EmbeddedPostgres.builder()
              .setServerConfig("fsync", "off")
              .setServerConfig("synchronous_commit", "off")
              .setServerConfig("full_page_writes", "off")
              .setServerConfig("max_connections", "60")
              .setPGStartupWait(Duration.ofSeconds(60))
              .start();
      execute(
          server.getPostgresDatabase(),
          "CREATE UNLOGGED TABLE test_clock (id bigint PRIMARY KEY, ms bigint)");
      return new Postgresql(server);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return server.getPort();
  }

  /** A pool that gives up in time, as a user's should. */
  static HikariDataSource pool(int port, int size) {
    return pool(port, size, 4, config -> {});
  }

  private static HikariDataSource pool(
      int port, int size, int seconds, Consumer<HikariConfig> options) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(
        "jdbc:postgresql://127.0.0.1:"
            + port
            + "/postgres?socketTimeout="
            + seconds
            + "&connectTimeout="
            + seconds
            + "&loginTimeout="
            + seconds
            + "&tcpKeepAlive=true");
    config.setUsername("postgres");
    config.setMaximumPoolSize(size);
    config.setMinimumIdle(0);
    config.setConnectionTimeout(seconds * 500L);
    config.setValidationTimeout(500);
    config.setInitializationFailTimeout(-1);
    options.accept(config);
    return new HikariDataSource(config);
  }

  /** A pool that waits for as long as a busy machine may take. */
  HikariDataSource pool(int size) {
    return pool(size, config -> {});
  }

  HikariDataSource pool(int size, Consumer<HikariConfig> options) {
    return pool(port(), size, 20, options);
  }

  /** Claims on a clock that the test moves: a row of the server's, where its time is otherwise. */
  JdbcClaims.Builder claimsOn(Vertx vertx, DataSource pool, SimulatedClock clock) {
    long id = clocks.incrementAndGet();
    clock.follow(
        moment ->
            execute(
                pool,
                "INSERT INTO test_clock VALUES ("
                    + id
                    + ", "
                    + moment.toEpochMilli()
                    + ") ON CONFLICT (id) DO UPDATE SET ms = excluded.ms"));
    return JdbcClaims.postgresql(vertx, pool)
        .statements(new PostgresqlStatements("(SELECT ms FROM test_clock WHERE id = " + id + ")"));
  }

  static void execute(DataSource pool, String sql) {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
