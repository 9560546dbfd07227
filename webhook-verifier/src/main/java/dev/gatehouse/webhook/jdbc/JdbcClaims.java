package dev.gatehouse.webhook.jdbc;

import dev.gatehouse.webhook.Claim;
import dev.gatehouse.webhook.ClaimAnswer;
import dev.gatehouse.webhook.ClaimKey;
import dev.gatehouse.webhook.Claims;
import dev.gatehouse.webhook.Fingerprint;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Claims in SQLite or PostgreSQL, as durable as the database makes a commit.
 *
 * <pre>{@code
 * JdbcClaims claims = JdbcClaims.postgresql(vertx, dataSource).build();
 * claims.createTables().onSuccess(done -> mount(WebhookHandler.create(github, claims)));
 * }</pre>
 *
 * <p>A handler whose effect is in the same database claims inside its own transaction: see {@link
 * #within}.
 *
 * <h2>Bounds</h2>
 *
 * Calls run on workers of their own, never on an event loop. At most {@code maxPending} wait, what
 * is over fails, and a call that takes longer than the timeout fails too; if it made a claim after
 * all, that is released. Give the data source a socket timeout, so that a worker comes back from a
 * network that does not. A deadlock, a serialization failure or a busy file is tried again a few
 * times, then it fails.
 *
 * <p>Rows that ended a minute ago are deleted, a few hundred at a time, as claims are made; the
 * table's size is what arrives within the retention.
 *
 * <h2>Time</h2>
 *
 * On PostgreSQL the server's clock alone decides. SQLite has none: give all processes that share
 * the file the machine's.
 */
public final class JdbcClaims implements Claims {
  private static final Logger LOG = LoggerFactory.getLogger(JdbcClaims.class);
  private static final int ATTEMPTS = 4;
  private static final int SWEEP_EVERY = 128;
  private static final int SWEEP_MOST = 512;
  // Longer than a call may take: a claim that waited for a row must not find its fence forgotten.
  private static final Duration GRACE = Duration.ofMinutes(1);

  private final DataSource dataSource;
  private final ClaimStatements statements;
  private final Duration retention;
  private final Duration timeout;
  private final int maxPending;
  private final WorkerExecutor workers;
  private final AtomicInteger pending = new AtomicInteger();
  private final AtomicLong claimed = new AtomicLong();

  private JdbcClaims(Builder builder) {
    this.dataSource = builder.dataSource;
    this.statements = builder.statements;
    this.retention = builder.retention;
    this.timeout = builder.timeout;
    this.maxPending = builder.maxPending;
    this.workers =
        builder.vertx.createSharedWorkerExecutor(
            "gatehouse-claims-" + UUID.randomUUID(), builder.workers);
  }

  /** Begins claims in PostgreSQL 12 or later. */
  public static Builder postgresql(Vertx vertx, DataSource dataSource) {
    return new Builder(vertx, dataSource, new PostgresqlStatements(), 8);
  }

  /**
   * Begins claims in SQLite 3.35 or later; open the file in WAL mode with a busy timeout.
   *
   * @param clock the machine's
   */
  public static Builder sqlite(Vertx vertx, DataSource dataSource, InstantSource clock) {
    // the file has one writer: more workers would only wait for each other
    return new Builder(vertx, dataSource, new SqliteStatements(clock), 1);
  }

  /**
   * Creates the tables where they are missing: what the resources {@code claims-postgresql.sql} and
   * {@code claims-sqlite.sql} of this package define, for those who do that by migrations.
   */
  public Future<Void> createTables() {
    return onWorker(
            connection -> {
              Ddl.run(connection, statements.ddl());
              return true;
            })
        .mapEmpty();
  }

  /**
   * The claims as part of a transaction of yours.
   *
   * @param connection with auto-commit off; on SQLite, begin with {@code BEGIN IMMEDIATE} or a
   *     write
   */
  public TransactionClaims within(Connection connection) {
    return new TransactionClaims(statements, connection, retention);
  }

  @Override
  public Future<Claim> claim(ClaimKey key, Fingerprint fingerprint, Duration lease) {
    long millis = positiveMillis("lease", lease);
    byte[] content = fingerprint.toBytes();
    Future<Claim> claim =
        onWorker(connection -> statements.claim(connection, key, content, millis));
    sweepNowAndThen();
    Future<Claim> inTime = inTime(claim);
    claim.onSuccess(answer -> releaseUnused(key, answer, inTime));
    return inTime;
  }

  private void releaseUnused(ClaimKey key, Claim answer, Future<Claim> inTime) {
    if (answer instanceof Claim.New unused && inTime.failed()) {
      release(key, unused.fence())
          .onFailure(e -> LOG.debug("a claim that came too late ends with its lease"));
    }
  }

  @Override
  public Future<Boolean> complete(ClaimKey key, long fence, ClaimAnswer answer) {
    byte[] bytes = answer.toBytes();
    return inTime(
        onWorker(
            connection ->
                statements.end(
                    connection, key, fence, ClaimStatements.DONE, retention.toMillis(), bytes)));
  }

  @Override
  public Future<Boolean> release(ClaimKey key, long fence) {
    return inTime(
        onWorker(
            connection ->
                statements.end(connection, key, fence, ClaimStatements.RELEASED, 0, null)));
  }

  @Override
  public Duration retention() {
    return retention;
  }

  /** Forgets some of what ended, and returns how many; done by itself as claims are made. */
  public Future<Integer> sweep() {
    return onWorker(connection -> statements.sweep(connection, GRACE.toMillis(), SWEEP_MOST));
  }

  /** Ends the workers; the data source stays open. */
  public Future<Void> close() {
    return workers.close();
  }

  private <T> Future<T> inTime(Future<T> answer) {
    return answer.timeout(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void sweepNowAndThen() {
    if (claimed.incrementAndGet() % SWEEP_EVERY == 0) {
      sweep().onFailure(e -> LOG.debug("what ended is forgotten later: {}", e.getMessage()));
    }
  }

  /** What runs on a connection. */
  private interface Step<T> {
    T on(Connection connection) throws SQLException;
  }

  private <T> Future<T> onWorker(Step<T> step) {
    if (pending.incrementAndGet() > maxPending) {
      pending.decrementAndGet();
      return Future.failedFuture(
          new IllegalStateException(
              "more than " + maxPending + " calls wait for the claims' database"));
    }
    return workers
        .executeBlocking(() -> attempts(step), false)
        .onComplete(done -> pending.decrementAndGet());
  }

  private <T> T attempts(Step<T> step) throws SQLException {
    for (int attempt = 1; ; attempt++) {
      try {
        return once(step);
      } catch (SQLException e) {
        if (attempt == ATTEMPTS || !statements.passes(e)) {
          throw e;
        }
      }
    }
  }

  private <T> T once(Step<T> step) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      boolean own = connection.getAutoCommit();
      if (!own) {
        connection.setAutoCommit(true);
      }
      try {
        return step.on(connection);
      } finally {
        if (!own) {
          connection.setAutoCommit(false);
        }
      }
    }
  }

  static long positiveMillis(String name, Duration duration) {
    long millis = duration.toMillis();
    if (millis < 1) {
      throw new IllegalArgumentException(name + " must be at least a millisecond");
    }
    return millis;
  }

  /** Collects what differs from the defaults. */
  public static final class Builder {
    private final Vertx vertx;
    private final DataSource dataSource;
    private ClaimStatements statements;
    private int workers;
    private Duration retention = Duration.ofDays(8);
    private Duration timeout = Duration.ofSeconds(5);
    private int maxPending = 10_000;

    private Builder(Vertx vertx, DataSource dataSource, ClaimStatements statements, int workers) {
      this.vertx = vertx;
      this.dataSource = dataSource;
      this.statements = statements;
      this.workers = workers;
    }

    /**
     * How long completed deliveries are remembered; eight days by default, longer than any provider
     * of the catalogue goes on retrying.
     */
    public Builder retention(Duration value) {
      this.retention = value;
      return this;
    }

    /** How many calls run at a time: 8 on PostgreSQL, 1 on SQLite. */
    public Builder workers(int value) {
      this.workers = value;
      return this;
    }

    /** How long a call may take, waiting included; 5 s by default. */
    public Builder timeout(Duration value) {
      this.timeout = value;
      return this;
    }

    /** How many calls may wait; 10,000 by default. */
    public Builder maxPending(int value) {
      this.maxPending = value;
      return this;
    }

    // for tests, which move the clock
    Builder statements(ClaimStatements value) {
      this.statements = value;
      return this;
    }

    /**
     * The claims.
     *
     * @throws IllegalArgumentException if a bound is not positive
     */
    public JdbcClaims build() {
      positiveMillis("retention", retention);
      positiveMillis("timeout", timeout);
      if (timeout.compareTo(GRACE) >= 0 || workers < 1 || maxPending < 1) {
        throw new IllegalArgumentException(
            "workers and maxPending must be positive, the timeout shorter than " + GRACE);
      }
      return new JdbcClaims(this);
    }
  }
}
