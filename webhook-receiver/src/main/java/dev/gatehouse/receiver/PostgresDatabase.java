package dev.gatehouse.receiver;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.postgresql.ds.PGSimpleDataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL that any number of receivers share. A connection that is lost is opened anew by
 * whoever uses it; while none that stores can be had, nothing is acknowledged.
 */
final class PostgresDatabase implements InboxDatabase {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresDatabase.class);
  private static final int READERS = 4;
  private static final long WAIT_MILLIS = 5_000;
  private static final String SAMPLED_PERCENT =
      "least(100, 100.0 * (32 << 20) / greatest(1, pg_relation_size('deliveries')))::float8";

  private final PostgresAddress address;
  private final Vault vault;
  private final PGSimpleDataSource bounded;
  private final HikariDataSource readers;
  private final SecureRandom random = new SecureRandom();
  private final AtomicLong lastStep = new AtomicLong();

  private PostgresDatabase(PostgresAddress address, Vault vault) {
    this.address = address;
    this.vault = vault;
    this.bounded = address.bounded();
    HikariConfig config = new HikariConfig();
    config.setPoolName("gatehouse-inbox");
    config.setDataSource(bounded);
    config.setMaximumPoolSize(READERS);
    config.setMinimumIdle(0);
    config.setConnectionTimeout(WAIT_MILLIS);
    config.setInitializationFailTimeout(-1); // the migration has connected already
    config.setAutoCommit(false);
    config.setReadOnly(true);
    config.setTransactionIsolation("TRANSACTION_REPEATABLE_READ");
    this.readers = new HikariDataSource(config);
  }

  /**
   * Brings the schema up to date.
   *
   * @throws StoreException if that cannot be done; the message names the setting and the remedy
   */
  static PostgresDatabase open(PostgresAddress address, Vault vault) {
    try {
      migrate(address);
      warnOfLoss(address);
    } catch (FlywayException | SQLException e) {
      throw refused(address, e);
    }
    return new PostgresDatabase(address, vault);
  }

  private static void migrate(PostgresAddress address) {
    FluentConfiguration steps =
        Flyway.configure(PostgresDatabase.class.getClassLoader())
            .dataSource(address.unbounded())
            .schemas(address.schema())
            .table("schema_history")
            .locations("classpath:dev/gatehouse/receiver/postgresql")
            // the schema may hold tables of others, if the URL names it
            .baselineOnMigrate(true)
            .baselineVersion("0")
            .connectRetries(0)
            .loggers("slf4j")
            .cleanDisabled(true)
            // or somebody could open what is half made
            .group(true);
    boolean isNew = steps.load().info().applied().length == 0;
    Flyway flyway = steps.placeholders(Map.of("isNew", String.valueOf(isNew))).load();
    flyway.migrate();
    MigrationInfo current = flyway.info().current();
    MigrationInfo[] known = flyway.info().all();
    for (MigrationInfo migration : known) {
      if (migration.getState().isApplied() && !migration.getState().isResolved()) {
        throw new StoreException(
            "store.url: "
                + address
                + " was brought forward by a newer Gatehouse (version "
                + (current == null ? "" : current.getVersion())
                + "): start that one");
      }
    }
  }

  private static void warnOfLoss(PostgresAddress address) throws SQLException {
    try (Connection connection = address.unbounded().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SHOW fsync")) {
      if (row.next() && "off".equals(row.getString(1))) {
        LOG.warn(
            "the PostgreSQL at {} runs with fsync = off: what is acknowledged is lost if its machine"
                + " stops",
            address);
      }
    }
  }

  static StoreException refused(PostgresAddress address, Exception e) {
    String state = stateOf(e);
    String why =
        switch (state.length() < 2 ? "" : state.substring(0, 2)) {
          case "08" -> "cannot be reached: check the URL, and that the server runs";
          case "28" -> "refuses the user or the password: check both";
          case "3D" -> "has no such database: create it";
          case "42" -> "does not let the user create tables: grant CREATE on the database";
          case "53" -> "has no connection left: raise max_connections, or stop what holds them";
          case "57" -> "is starting or stopping: try again";
          default -> "cannot be used (" + (state.isEmpty() ? "no SQL state" : state) + ")";
        };
    // the cause goes to no output: a server's message may hold what a statement held
    return new StoreException("store.url: " + address + " " + why, e);
  }

  private static String stateOf(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql && sql.getSQLState() != null) {
        return sql.getSQLState();
      }
    }
    return "";
  }

  @Override
  public Connection openWriter() {
    try {
      Connection connection = bounded.getConnection();
      try (Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery("SHOW synchronous_commit")) {
        row.next();
        // whatever the server's default is, nothing is acknowledged before it is durable
        if ("off".equals(row.getString(1))) {
          statement.execute("SET synchronous_commit = on");
        }
        // each statement has to see what was committed while it waited for a lock
        connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
        connection.setAutoCommit(false);
        return connection;
      } catch (SQLException e) {
        connection.close();
        throw e;
      }
    } catch (SQLException e) {
      throw refused(address, e);
    }
  }

  /** A connection that waits for notices. */
  Connection openListener() throws SQLException {
    return address.unbounded().getConnection();
  }

  @Override
  public Dialect dialect(Connection connection) throws SQLException {
    return new PostgresDialect(connection, new ReceiverNumber(random, lastStep), vault);
  }

  @Override
  public <T> T read(Question<T> question) throws SQLException {
    try (Connection connection = readers.getConnection()) {
      T answer = question.of(connection);
      connection.rollback(); // ends the snapshot
      return answer;
    }
  }

  // Counted from the rows, on a sample of the pages where there are many, and always the same ones:
  // what the server's statistics know of removals is late, and the size of the table's files counts
  // what was removed, which the server keeps for new rows.
  @Override
  public String sizeQuery() {
    return String.format(
        Locale.ROOT,
        """
        SELECT (coalesce(sum(700 + CASE WHEN body IS NULL THEN 0 ELSE size END), 0)
          * 100 / %1$s)::int8
        FROM deliveries TABLESAMPLE SYSTEM (%1$s) REPEATABLE (0)\
        """,
        SAMPLED_PERCENT);
  }

  @Override
  public boolean isInPlace() {
    return true;
  }

  @Override
  public boolean isShared() {
    return true;
  }

  @Override
  public String name() {
    return "store.url: " + address;
  }

  @Override
  public void closeReaders() {
    readers.close();
  }

  @Override
  public void close() {
    closeReaders();
  }
}
