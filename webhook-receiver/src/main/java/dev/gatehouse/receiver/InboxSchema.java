package dev.gatehouse.receiver;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The inbox's tables in SQLite, brought forward step by step and never back. Without Flyway, which
 * brings PostgreSQL's forward: it would take longer to start than all of the receiver.
 */
final class InboxSchema {
  // "GHse": tells our files from other people's databases
  private static final int APPLICATION_ID = 0x47487365;
  private static final long QUICK_CHECK_BELOW_PAGES = 4096;

  /**
   * The due time of what waits for an older delivery of its order key: later than every other, so
   * that it is at the end of the index and no lease comes across it.
   */
  static final long HELD = Long.MAX_VALUE;

  /** One step a version; a step that was released is never changed. */
  private static final List<List<String>> STEPS =
      List.of(
          List.of(
              """
              CREATE TABLE deliveries (
                id INTEGER PRIMARY KEY,
                claim_key BLOB UNIQUE,      -- see ClaimForm; null once a later delivery took the claim over
                fingerprint BLOB NOT NULL,
                dedupe_until INTEGER NOT NULL,
                state INTEGER NOT NULL,     -- DeliveryState's codes
                attempts INTEGER NOT NULL,
                fence INTEGER NOT NULL,
                next_attempt_at INTEGER,    -- due then; while delivering: the end of the lease
                last_status INTEGER,
                delivered_at INTEGER,
                received_at INTEGER NOT NULL,
                signed_at INTEGER,
                size INTEGER NOT NULL,
                source TEXT NOT NULL,
                tenant TEXT,
                scheme TEXT NOT NULL,
                key_id TEXT,
                sender_id TEXT,
                event_type TEXT,
                method TEXT NOT NULL,
                content_type TEXT,
                verdict TEXT,               -- why it would have been rejected; null if verified
                last_error TEXT,
                headers TEXT,
                body BLOB                   -- null once retention removed it
              )\
              """,
              """
              CREATE INDEX deliveries_due ON deliveries (source, next_attempt_at)
                WHERE next_attempt_at IS NOT NULL\
              """),
          List.of(
              "ALTER TABLE deliveries ADD COLUMN order_key TEXT",
              // the row's number, its id, ends every index
              "CREATE INDEX deliveries_listed ON deliveries (source, state)",
              """
              CREATE INDEX deliveries_ordered ON deliveries (source, order_key, next_attempt_at)
                WHERE order_key IS NOT NULL AND next_attempt_at IS NOT NULL\
              """),
          List.of(
              "ALTER TABLE deliveries ADD COLUMN sealed_with TEXT", // null: not sealed
              """
              CREATE INDEX deliveries_sealed ON deliveries (sealed_with)
                WHERE sealed_with IS NOT NULL\
              """),
          // what was stored before is to be known again
          List.of(
              "CREATE TABLE claim_form AS SELECT NOT EXISTS (SELECT 1 FROM deliveries) AS led"));

  private InboxSchema() {}

  static void migrate(Connection connection, Path path) throws SQLException {
    int version = version(connection, path);
    if (version > STEPS.size()) {
      throw new StoreException(
          "store.path: "
              + path
              + " was written by a newer Gatehouse: start that one, or give another path");
    }
    check(connection, path);
    connection.setAutoCommit(false);
    for (int step = version; step < STEPS.size(); step++) {
      apply(connection, step);
    }
    connection.commit();
  }

  private static int version(Connection connection, Path path) throws SQLException {
    boolean empty = number(connection, "SELECT count(*) FROM sqlite_schema") == 0;
    boolean ours = number(connection, "PRAGMA application_id") == APPLICATION_ID;
    if (!empty && !ours) {
      throw new StoreException(
          "store.path: "
              + path
              + " is a SQLite database of another program: give the path of an inbox, or of a new"
              + " file");
    }
    if (empty) {
      return 0;
    }
    return (int) number(connection, "SELECT max(version) FROM schema_version");
  }

  // A whole check reads the whole file, which a large one cannot afford at each start.
  private static void check(Connection connection, Path path) throws SQLException {
    if (number(connection, "PRAGMA page_count") > QUICK_CHECK_BELOW_PAGES) {
      return;
    }
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("PRAGMA quick_check(1)")) {
      if (result.next() && !"ok".equals(result.getString(1))) {
        throw new StoreException(
            "store.path: " + path + " is damaged: restore it from a backup, or move it away");
      }
    }
  }

  private static void apply(Connection connection, int step) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      if (step == 0) {
        statement.execute("PRAGMA application_id = " + APPLICATION_ID);
        statement.execute(
            "CREATE TABLE schema_version (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL)");
      }
      for (String sql : STEPS.get(step)) {
        statement.execute(sql);
      }
      statement.execute("INSERT INTO schema_version VALUES (" + (step + 1) + ", datetime('now'))");
    }
  }

  private static long number(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      return result.next() ? result.getLong(1) : 0;
    }
  }
}
