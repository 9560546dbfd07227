package dev.gatehouse.benchmarks;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * What batched inserts reach in a table like the receiver's, in the same server: its columns and
 * indexes, one connection, the driver's own batches of many rows in one statement, one commit each.
 */
final class PostgresCommit implements Ceiling {
  // later than any that a receiver has stored
  private static final long FIRST_NUMBER = 1L << 30;

  private final Connection connection;
  private final PreparedStatement insert;
  private final int idAt;
  private final int claimAt;
  private final int fingerprintAt;
  private final int senderAt;
  private final IdOrder ids;
  private final Random random = new Random(1);
  private long firstId;
  private long inserted;

  private PostgresCommit(
      Connection connection, List<String> columns, PreparedStatement insert, IdOrder ids) {
    this.ids = ids;
    this.connection = connection;
    this.idAt = columns.indexOf("id") + 1;
    this.claimAt = columns.indexOf("claim_key") + 1;
    this.fingerprintAt = columns.indexOf("fingerprint") + 1;
    this.senderAt = columns.indexOf("sender_id") + 1;
    this.insert = insert;
  }

  /**
   * A new table like the receiver's, in a schema of its own.
   *
   * @param url a database in which a receiver stored at least one delivery
   */
  static PostgresCommit like(String url, IdOrder ids) throws SQLException {
    Connection own = open(url);
    try (Statement statement = own.createStatement()) {
      statement.execute("CREATE SCHEMA alone");
      statement.execute("CREATE TABLE alone.deliveries (LIKE gatehouse.deliveries INCLUDING ALL)");
      own.setAutoCommit(false);
      return copyRow(statement, own, "alone", ids);
    }
  }

  /** A receiver's own table, which holds a delivery or more. */
  static PostgresCommit into(String url, IdOrder ids) throws SQLException {
    Connection own = open(url);
    try (Statement statement = own.createStatement()) {
      own.setAutoCommit(false);
      PostgresCommit commit = copyRow(statement, own, "gatehouse", ids);
      try (ResultSet last = statement.executeQuery("SELECT max(id) FROM gatehouse.deliveries")) {
        last.next();
        commit.firstId = last.getLong(1);
      }
      return commit;
    }
  }

  private static Connection open(String url) throws SQLException {
    return DriverManager.getConnection(url + "?reWriteBatchedInserts=true", "postgres", "");
  }

  private static PostgresCommit copyRow(
      Statement statement, Connection own, String schema, IdOrder ids) throws SQLException {
    try (ResultSet row = statement.executeQuery("SELECT * FROM gatehouse.deliveries LIMIT 1")) {
      if (!row.next()) {
        throw new SQLException("the receiver has stored nothing");
      }
      List<String> columns = new ArrayList<>();
      for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
        columns.add(row.getMetaData().getColumnName(i));
      }
      PreparedStatement insert =
          own.prepareStatement(
              "INSERT INTO "
                  + schema
                  + ".deliveries ("
                  + String.join(", ", columns)
                  + ") VALUES ("
                  + String.join(", ", Collections.nCopies(columns.size(), "?"))
                  + ") ON CONFLICT (claim_key) DO NOTHING");
      // what is not set anew stays bound for all rows to come
      for (int i = 1; i <= columns.size(); i++) {
        insert.setObject(i, row.getObject(i), row.getMetaData().getColumnType(i));
      }
      return new PostgresCommit(own, columns, insert, ids);
    }
  }

  @Override
  public long rows() {
    return inserted;
  }

  @Override
  public long receiversRows() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet count = statement.executeQuery("SELECT count(*) FROM gatehouse.deliveries")) {
      count.next();
      return count.getLong(1);
    }
  }

  @Override
  public void insert(int batch) throws SQLException {
    for (int i = 0; i < batch; i++) {
      insert.setLong(idAt, firstId + ++inserted);
      insert.setBytes(claimAt, ids.claim(FIRST_NUMBER + inserted, random));
      insert.setBytes(fingerprintAt, digest());
      insert.setString(senderAt, "msg_2KWPBgLlAfxdpx2AI5_" + inserted);
      insert.addBatch();
    }
    insert.executeBatch();
    connection.commit();
  }

  private byte[] digest() {
    byte[] digest = new byte[16];
    random.nextBytes(digest);
    return digest;
  }

  @Override
  public void close() throws SQLException {
    insert.close();
    connection.close();
  }
}
