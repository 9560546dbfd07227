package dev.gatehouse.webhook.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.gatehouse.webhook.Claim;
import dev.gatehouse.webhook.Claims;
import io.vertx.core.Vertx;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeoutException;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class PostgresqlClaimsTest extends WithinContract {
  private static Postgresql server;
  private static HikariDataSource pool;
  private static Vertx vertx;

  @BeforeAll
  static void start() {
    server = Postgresql.start();
    pool = server.pool(20);
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void stop() {
    await(vertx.close());
    pool.close();
    server.close();
  }

  @Override
  DataSource pool() {
    return pool;
  }

  @Override
  protected Claims create(InstantSource time, Duration retention) {
    JdbcClaims fresh =
        server.claimsOn(vertx, pool, clock).retention(retention).timeout(PATIENCE).build();
    empty(fresh, "TRUNCATE");
    return fresh;
  }

  @Test
  void claim_uncommittedElsewhere_isInFlightAndWaitsForNobody() throws SQLException {
    JdbcClaims jdbc = (JdbcClaims) claims;
    try (Connection connection = begin()) {
      TransactionClaims mine = jdbc.within(connection);
      Claim.New fresh = (Claim.New) mine.claim(key("d1"), content("a"), LEASE);

      assertThat(claim(key("d1"), content("a"))).isInstanceOf(Claim.InFlight.class);
      claimNew(key("d2"), content("a"));
      mine.complete(key("d1"), fresh.fence(), ANSWER);
      assertThat(claim(key("d1"), content("a"))).isInstanceOf(Claim.InFlight.class);
      connection.commit();
    }
    assertThat(claim(key("d1"), content("a"))).isEqualTo(new Claim.Duplicate(ANSWER));
  }

  @Test
  void claim_completionUncommittedWhenTheLeaseEnds_waitsAndIsDuplicate() throws Exception {
    JdbcClaims jdbc = (JdbcClaims) claims;
    Claim.New fresh = claimNew(key("d1"), content("a"));
    try (Connection connection = begin()) {
      jdbc.within(connection).complete(key("d1"), fresh.fence(), ANSWER);
      clock.advance(LEASE);
      var waiting = jdbc.claim(key("d1"), content("a"), LEASE);
      connection.commit();

      assertThat(await(waiting)).isEqualTo(new Claim.Duplicate(ANSWER));
    }
  }

  @Test
  void claim_rowLockedForTooLong_failsInTime() throws SQLException {
    JdbcClaims impatient =
        server.claimsOn(vertx, pool, clock).timeout(Duration.ofMillis(300)).build();
    claimNew(key("d1"), content("a"));
    clock.advance(LEASE);
    try (Connection connection = begin()) {
      connection.createStatement().execute("SELECT * FROM gatehouse_claims FOR UPDATE");

      assertThatThrownBy(() -> await(impatient.claim(key("d1"), content("a"), LEASE)))
          .isInstanceOf(IllegalStateException.class)
          .hasCauseInstanceOf(TimeoutException.class);
      connection.rollback();
    }
    // the claim that came too late was given back
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!(claim(key("d1"), content("a")) instanceof Claim.New)) {
      assertThat(System.nanoTime()).isLessThan(deadline);
    }
  }

  @Test
  void claim_tooManyWaiting_failsAtOnce() throws SQLException {
    JdbcClaims narrow = server.claimsOn(vertx, pool, clock).workers(1).maxPending(1).build();
    claimNew(key("d1"), content("a"));
    clock.advance(LEASE);
    try (Connection connection = begin()) {
      connection.createStatement().execute("SELECT * FROM gatehouse_claims FOR UPDATE");
      var waiting = narrow.claim(key("d1"), content("a"), LEASE);

      assertThatThrownBy(() -> await(narrow.claim(key("d2"), content("a"), LEASE)))
          .hasMessageContaining("wait for the claims' database");
      connection.rollback();
      assertThat(await(waiting)).isInstanceOf(Claim.New.class);
    }
  }

  @Test
  void claim_poolWithoutAutoCommit_isCommitted() {
    try (HikariDataSource manual = server.pool(2, pool -> pool.setAutoCommit(false))) {
      JdbcClaims own = JdbcClaims.postgresql(vertx, manual).build();
      await(own.claim(key("d1"), content("a"), LEASE));

      assertThat(count("gatehouse_claims")).isEqualTo(1);
    }
  }

  @Test
  void claim_serializablePool_isRightAllTheSame() throws InterruptedException {
    try (HikariDataSource strict =
        server.pool(8, pool -> pool.setTransactionIsolation("TRANSACTION_SERIALIZABLE"))) {
      JdbcClaims own = server.claimsOn(vertx, strict, clock).build();
      var answers =
          atOnce(
              200,
              i ->
                  own.claim(key("d1"), content("a"), LEASE)
                      .map(claim -> claim instanceof Claim.New)
                      .otherwise(false));

      assertThat(answers.stream().filter(isNew -> isNew).count()).isEqualTo(1);
    }
  }

  @Test
  void claim_serverTime_isTheServersAndNotOurs() throws SQLException {
    JdbcClaims own = JdbcClaims.postgresql(vertx, pool).build();
    Claim.New fresh = (Claim.New) await(own.claim(key("d1"), content("a"), LEASE));

    try (Connection connection = pool.getConnection();
        var row =
            connection
                .createStatement()
                .executeQuery("SELECT " + PostgresqlStatements.SERVER_TIME)) {
      row.next();
      assertThat(row.getLong(1) + LEASE.toMillis() - fresh.leaseEnds().toEpochMilli())
          .isBetween(0L, 5_000L);
    }
  }

  @Test
  void build_boundsNotPositive_areRefused() {
    assertThatThrownBy(() -> JdbcClaims.postgresql(vertx, pool).retention(Duration.ZERO).build())
        .hasMessageContaining("retention");
    assertThatThrownBy(() -> JdbcClaims.postgresql(vertx, pool).workers(0).build())
        .hasMessageContaining("workers");
  }
}
