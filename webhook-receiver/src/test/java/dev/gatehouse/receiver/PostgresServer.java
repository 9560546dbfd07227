package dev.gatehouse.receiver;

import dev.gatehouse.core.Secret;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** One real PostgreSQL for all tests of this JVM; each test has a schema of its own. */
final class PostgresServer {
  private static final AtomicInteger SCHEMAS = new AtomicInteger();

  private PostgresServer() {}

  private static final class Holder {
    private static final EmbeddedPostgres SERVER = start();

    private static EmbeddedPostgres start() {
      try {
        EmbeddedPostgres server = builder().start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(server)));
        return server;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static void close(EmbeddedPostgres server) {
      try {
        server.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** A server that is as durable as one in production. */
  static EmbeddedPostgres.Builder builder() {
    return EmbeddedPostgres.builder()
        .setPGStartupWait(Duration.ofMinutes(2))
        .setServerConfig("fsync", "on")
        .setServerConfig("synchronous_commit", "on");
  }

  /** An empty schema of its own. */
  static PostgresAddress newSchema() {
    return address("s" + SCHEMAS.incrementAndGet());
  }

  /** That schema, in which the server's clock is the one of {@link #setClock}. */
  static PostgresAddress withSimulatedClock() {
    PostgresAddress address = newSchema();
    String schema = address.schema();
    execute(
        "CREATE SCHEMA " + schema,
        "CREATE TABLE " + schema + ".simulated (now timestamptz NOT NULL)",
        "INSERT INTO " + schema + ".simulated VALUES (now())",
        "CREATE FUNCTION "
            + schema
            + ".clock_timestamp() RETURNS timestamptz LANGUAGE sql AS 'SELECT now FROM "
            + schema
            + ".simulated'");
    return address(schema + ",pg_catalog");
  }

  static void setClock(PostgresAddress address, Instant now) {
    execute("UPDATE " + address.schema() + ".simulated SET now = '" + now + "'");
  }

  private static PostgresAddress address(String searchPath) {
    return new PostgresAddress(
        Holder.SERVER.getJdbcUrl("postgres", "postgres").replaceAll("\\?.*", "")
            + "?currentSchema="
            + searchPath,
        "postgres",
        Optional.of(Secret.of("p", "not-checked-by-this-server")));
  }

  static void execute(String... statements) {
    try (Connection connection = Holder.SERVER.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  static String text(String query) {
    try (Connection connection = Holder.SERVER.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      StringBuilder text = new StringBuilder();
      while (row.next()) {
        text.append(row.getString(1)).append('\n');
      }
      return text.toString();
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }
}
