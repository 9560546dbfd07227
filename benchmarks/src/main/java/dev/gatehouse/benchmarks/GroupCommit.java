package dev.gatehouse.benchmarks;

import java.nio.file.Path;
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
import org.sqlite.SQLiteConfig;

/**
 * The most that SQLite itself can do for an inbox: the same tables, indexes, row and settings as a
 * receiver's database, one connection that inserts in batches, and nothing else.
 */
final class GroupCommit implements Ceiling {
  private static final int WAL_CHECKPOINT_PAGES = 8000;
  // later than any that a receiver has stored
  private static final long FIRST_NUMBER = 1L << 30;

  private final Path like;
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

  private GroupCommit(
      Path like,
      Connection connection,
      List<String> columns,
      PreparedStatement insert,
      IdOrder ids) {
    this.like = like;
    this.ids = ids;
    this.connection = connection;
    this.idAt = columns.indexOf("id") + 1;
    this.claimAt = columns.indexOf("claim_key") + 1;
    this.fingerprintAt = columns.indexOf("fingerprint") + 1;
    this.senderAt = columns.indexOf("sender_id") + 1;
    this.insert = insert;
  }

  /**
   * A new database like the receiver's.
   *
   * @param like a receiver's database that holds at least one delivery
   * @param path where the new one goes
   */
  static GroupCommit like(Path like, Path path, IdOrder ids) throws SQLException {
    try (Connection receivers = DriverManager.getConnection("jdbc:sqlite:" + like);
        Statement statement = receivers.createStatement()) {
      Connection own = open(path, (int) number(statement, "PRAGMA page_size"));
      try (Statement setUp = own.createStatement();
          ResultSet tables =
              statement.executeQuery(
                  "SELECT sql FROM sqlite_schema WHERE tbl_name = 'deliveries' AND sql NOT NULL")) {
        while (tables.next()) {
          setUp.execute(tables.getString(1));
        }
      }
      own.setAutoCommit(false);
      return copyRow(like, statement, own, ids);
    }
  }

  /** A receiver's own database, which no receiver has open and which holds a delivery or more. */
  static GroupCommit into(Path inbox, IdOrder ids) throws SQLException {
    try (Connection receivers = DriverManager.getConnection("jdbc:sqlite:" + inbox);
        Statement statement = receivers.createStatement()) {
      Connection own = open(inbox, (int) number(statement, "PRAGMA page_size"));
      own.setAutoCommit(false);
      GroupCommit commit = copyRow(inbox, statement, own, ids);
      commit.firstId = number(statement, "SELECT max(id) FROM deliveries");
      return commit;
    }
  }

  private static Connection open(Path path, int pageSize) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    config.setPageSize(pageSize);
    config.setCacheSize(-32 * 1024);
    config.setGetGeneratedKeys(false);
    Connection own = config.createConnection("jdbc:sqlite:" + path);
    try (Statement setUp = own.createStatement()) {
      setUp.execute("PRAGMA wal_autocheckpoint=" + WAL_CHECKPOINT_PAGES);
    }
    return own;
  }

  private static GroupCommit copyRow(Path like, Statement receivers, Connection own, IdOrder ids)
      throws SQLException {
    try (ResultSet row = receivers.executeQuery("SELECT * FROM deliveries LIMIT 1")) {
      if (!row.next()) {
        throw new SQLException("the receiver has stored nothing");
      }
      List<String> columns = new ArrayList<>();
      for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
        columns.add(row.getMetaData().getColumnName(i));
      }
      PreparedStatement insert =
          own.prepareStatement(
              "INSERT INTO deliveries ("
                  + String.join(", ", columns)
                  + ") VALUES ("
                  + String.join(", ", Collections.nCopies(columns.size(), "?"))
                  + ") ON CONFLICT (claim_key) DO NOTHING");
      // what is not set anew stays bound for all rows to come
      for (int i = 1; i <= columns.size(); i++) {
        insert.setObject(i, row.getObject(i));
      }
      return new GroupCommit(like, own, columns, insert, ids);
    }
  }

  private static long number(Statement statement, String sql) throws SQLException {
    try (ResultSet result = statement.executeQuery(sql)) {
      return result.getLong(1);
    }
  }

  @Override
  public long rows() {
    return inserted;
  }

  @Override
  public long receiversRows() throws SQLException {
    try (Connection receivers = DriverManager.getConnection("jdbc:sqlite:" + like);
        Statement statement = receivers.createStatement();
        ResultSet count = statement.executeQuery("SELECT count(*) FROM deliveries")) {
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
      insert.executeUpdate();
    }
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
