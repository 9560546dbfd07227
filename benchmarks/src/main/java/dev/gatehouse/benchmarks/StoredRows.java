package dev.gatehouse.benchmarks;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Fills a receiver's table with rows that were delivered long ago: copies of one of its own, each
 * with its own id, claim and fingerprint, and 64 bytes of body.
 */
final class StoredRows {
  private static final long PIECE = 100_000;

  private StoredRows() {}

  /** Adds rows until there are that many, in a database that no receiver has open. */
  static void fill(String url, StoreKind kind, IdOrder ids, long wanted) throws SQLException {
    boolean postgres = kind == StoreKind.POSTGRES;
    try (Connection connection =
            postgres
                ? DriverManager.getConnection(url + "?currentSchema=gatehouse", "postgres", "")
                : DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      if (!postgres) {
        statement.execute("PRAGMA synchronous = OFF");
        statement.execute("PRAGMA cache_size = -524288");
      }
      String insert = insertion(statement, postgres, ids);
      // ids of ours are small numbers, those of a receiver begin with the time
      long have = number(statement, "SELECT count(*) FROM deliveries");
      long id =
          number(statement, "SELECT coalesce(max(id), 0) FROM deliveries WHERE id < " + (1L << 40));
      while (have < wanted) {
        long piece = Math.min(PIECE, wanted - have);
        try (PreparedStatement rows = connection.prepareStatement(insert)) {
          rows.setLong(1, id + 1);
          rows.setLong(2, id + piece);
          rows.executeUpdate();
        }
        id += piece;
        have += piece;
      }
      statement.execute(postgres ? "VACUUM ANALYZE deliveries" : "PRAGMA wal_checkpoint(TRUNCATE)");
    }
  }

  private static String insertion(Statement statement, boolean postgres, IdOrder ids)
      throws SQLException {
    List<String> names = new ArrayList<>();
    List<String> values = new ArrayList<>();
    try (ResultSet row = statement.executeQuery("SELECT * FROM deliveries LIMIT 1")) {
      for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
        String name = row.getMetaData().getColumnName(i);
        names.add(name);
        values.add(value(name, postgres, ids));
      }
    }
    String series =
        postgres
            ? "generate_series(?, ?) AS n (i)"
            : "(WITH RECURSIVE n (i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
                + " SELECT i FROM n) AS n";
    return "INSERT INTO deliveries ("
        + String.join(", ", names)
        + ") SELECT "
        + String.join(", ", values)
        + " FROM "
        + series
        + ", (SELECT * FROM deliveries ORDER BY id DESC LIMIT 1) AS one";
  }

  private static String value(String column, boolean postgres, IdOrder ids) {
    return switch (column) {
      case "id" -> "n.i";
      case "claim_key" -> claim(postgres, ids);
      case "fingerprint" -> digest(postgres);
      case "state" -> "2";
      case "next_attempt_at" -> "NULL";
      case "delivered_at" -> "one.received_at";
      case "body" -> "substr(one.body, 1, 64)";
      default -> "one." + column;
    };
  }

  // A hundred rows share the part of their ids that stands in the index, or any.
  private static String claim(boolean postgres, IdOrder ids) {
    String digits =
        switch (ids) {
          case RISING -> "n.i / 100";
          case RANDOM -> postgres ? "(random() * 99999999)::int8" : "abs(random() % 100000000)";
        };
    String lead =
        "'"
            + IdOrder.BEGINNING
            + "' || "
            + (postgres
                ? "lpad((" + digits + ")::text, 8, '0')"
                : "printf('%08d', " + digits + ")");
    return postgres
        ? "convert_to(" + lead + ", 'UTF8') || " + digest(true)
        : "CAST(" + lead + " || " + digest(false) + " AS BLOB)";
  }

  private static String digest(boolean postgres) {
    return postgres ? "decode(md5(n.i || 'x'), 'hex')" : "randomblob(16)";
  }

  private static long number(Statement statement, String sql) throws SQLException {
    try (ResultSet result = statement.executeQuery(sql)) {
      return result.next() ? result.getLong(1) : 0;
    }
  }
}
