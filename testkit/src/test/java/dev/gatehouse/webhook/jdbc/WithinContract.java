package dev.gatehouse.webhook.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.testkit.ClaimsContract;
import dev.gatehouse.webhook.Claim;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** The contract of claims, and of claims inside the user's own transaction. */
abstract class WithinContract extends ClaimsContract {
  /** What a call may take where that is not what is tested: a thousand wait for a few workers. */
  static final Duration PATIENCE = Duration.ofSeconds(30);

  abstract DataSource pool();

  private JdbcClaims jdbc() {
    return (JdbcClaims) claims;
  }

  @Test
  void within_effectAndCompletionCommitted_areThereTogether() throws SQLException {
    try (Connection connection = begin()) {
      TransactionClaims mine = jdbc().within(connection);
      Claim.New fresh = (Claim.New) mine.claim(key("d1"), content("a"), LEASE);
      effect(connection);
      assertThat(mine.complete(key("d1"), fresh.fence(), ANSWER)).isTrue();
      connection.commit();
    }

    assertThat(effects()).isEqualTo(1);
    assertThat(claim(key("d1"), content("a"))).isEqualTo(new Claim.Duplicate(ANSWER));
  }

  @Test
  void within_rolledBack_leavesNeither() throws SQLException {
    try (Connection connection = begin()) {
      TransactionClaims mine = jdbc().within(connection);
      Claim.New fresh = (Claim.New) mine.claim(key("d1"), content("a"), LEASE);
      effect(connection);
      mine.complete(key("d1"), fresh.fence(), ANSWER);
      connection.rollback();
    }

    assertThat(effects()).isZero();
    claimNew(key("d1"), content("a"));
  }

  @Test
  void within_connectionLost_leavesNeither() throws SQLException {
    Connection connection = begin();
    TransactionClaims mine = jdbc().within(connection);
    mine.claim(key("d1"), content("a"), LEASE);
    effect(connection);
    connection.close();

    assertThat(effects()).isZero();
    claimNew(key("d1"), content("a"));
  }

  @Test
  void within_claimMadeBefore_isCompletedWithTheEffect() throws SQLException {
    Claim.New fresh = claimNew(key("d1"), content("a"));
    try (Connection connection = begin()) {
      effect(connection);
      assertThat(jdbc().within(connection).complete(key("d1"), fresh.fence(), ANSWER)).isTrue();
      connection.commit();
    }

    assertThat(claim(key("d1"), content("a"))).isEqualTo(new Claim.Duplicate(ANSWER));
  }

  @Test
  void within_leaseLost_isToldBeforeTheCommit() throws SQLException {
    Claim.New late = claimNew(key("d1"), content("a"));
    clock.advance(LEASE);
    claimNew(key("d1"), content("a"));
    try (Connection connection = begin()) {
      effect(connection);
      assertThat(jdbc().within(connection).complete(key("d1"), late.fence(), ANSWER)).isFalse();
      connection.rollback();
    }

    assertThat(claim(key("d1"), content("a"))).isInstanceOf(Claim.InFlight.class);
  }

  @Test
  void within_released_letsTheRetryRun() throws SQLException {
    Claim.New fresh = claimNew(key("d1"), content("a"));
    try (Connection connection = begin()) {
      assertThat(jdbc().within(connection).release(key("d1"), fresh.fence())).isTrue();
      connection.commit();
    }

    claimNew(key("d1"), content("a"));
  }

  @Test
  void within_hundredTransactionsOfOneDelivery_haveOneEffect() throws InterruptedException {
    List<Boolean> effective =
        atOnce(100, number -> io.vertx.core.Future.succeededFuture(inTransaction()));

    assertThat(effective.stream().filter(done -> done)).hasSize(1);
    assertThat(effects()).isEqualTo(1);
  }

  private boolean inTransaction() {
    try (Connection connection = begin()) {
      TransactionClaims mine = jdbc().within(connection);
      Claim claim = mine.claim(key("d1"), content("a"), LEASE);
      if (!(claim instanceof Claim.New fresh)) {
        connection.rollback();
        return false;
      }
      effect(connection);
      mine.complete(key("d1"), fresh.fence(), ANSWER);
      connection.commit();
      return true;
    } catch (SQLException undecided) {
      return false;
    }
  }

  @Test
  void sweep_longAfterTheEnd_forgetsWhatEndedAndNothingElse() {
    complete("done", "a");
    Claim.New released = claimNew(key("released"), content("a"));
    await(claims.release(key("released"), released.fence()));
    claimNew(key("ended"), content("a"));
    clock.advance(LEASE.plus(Duration.ofMinutes(2)));
    Claim.New held = claimNew(key("held"), content("a"));

    assertThat(await(jdbc().sweep())).isEqualTo(2);
    assertThat(claim(key("done"), content("a"))).isInstanceOf(Claim.Duplicate.class);
    assertThat(claim(key("held"), content("a"))).isInstanceOf(Claim.InFlight.class);
    assertThat(claimNew(key("ended"), content("a")).fence()).isGreaterThan(held.fence());
    clock.advance(RETENTION.plus(Duration.ofMinutes(2)));
    assertThat(await(jdbc().sweep())).isEqualTo(3);
  }

  @Test
  void claim_manyOfThem_sweepWhatEndedByTheWay() throws InterruptedException {
    for (int i = 0; i < 300; i++) {
      claimNew(key("old" + i), content("a"));
    }
    clock.advance(Duration.ofHours(3));

    atOnce(300, i -> claims.claim(key("new" + i), content("a"), LEASE));

    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (count("gatehouse_claims") > 300 && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertThat(count("gatehouse_claims")).isEqualTo(300);
  }

  @Test
  void createTables_thereAlready_changesNothing() {
    complete("d1", "a");

    await(jdbc().createTables());

    assertThat(claim(key("d1"), content("a"))).isEqualTo(new Claim.Duplicate(ANSWER));
  }

  Connection begin() throws SQLException {
    Connection connection = pool().getConnection();
    connection.setAutoCommit(false);
    return connection;
  }

  static void effect(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("INSERT INTO effects VALUES (1)");
    }
  }

  private int effects() {
    return count("effects");
  }

  int count(String table) {
    try (Connection connection = pool().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM " + table)) {
      row.next();
      return row.getInt(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Empties the tables, made if they are not there. */
  void empty(JdbcClaims fresh, String truncate) {
    await(fresh.createTables());
    Stream.of(
            "CREATE TABLE IF NOT EXISTS effects (one integer)",
            truncate + " gatehouse_claims",
            truncate + " effects")
        .forEach(sql -> Postgresql.execute(pool(), sql));
  }
}
