package dev.gatehouse.receiver;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * One SQLite database that this process alone may open as an inbox.
 *
 * <p>The lock is a file of its own beside the database: SQLite's own locks end when any descriptor
 * of the database is closed, and would not keep a second receiver out between two transactions.
 */
final class SqliteFile implements InboxDatabase {
  private static final Logger LOG = LoggerFactory.getLogger(SqliteFile.class);
  private static final int READERS = 2;
  private static final int WAIT_SECONDS = 10;
  private static final int BUSY_MILLIS = 5_000;
  // Measured with 1 kB bodies: 8 kB pages take a third more rows a second than 4 kB ones.
  private static final int PAGE_BYTES = 8192;
  private static final int CHECKPOINT_PAGES = 8000;

  private final Path path;
  private final FileChannel lockChannel;
  private final InstantSource clock;
  private final Vault vault;
  private final SqliteCheckpoints checkpoints;
  private final BlockingQueue<Connection> readers = new LinkedBlockingQueue<>();
  private volatile int opened;
  // whether a connection has taken up what a process before this one left; the writer's thread's
  private boolean written;
  private @Nullable Object fileKey;

  private SqliteFile(Path path, FileChannel lockChannel, InstantSource clock, Vault vault) {
    this.path = path;
    this.lockChannel = lockChannel;
    this.clock = clock;
    this.vault = vault;
    this.checkpoints = new SqliteCheckpoints(path, PAGE_BYTES);
  }

  /**
   * Takes the lock, and makes the folder if there is none.
   *
   * @throws StoreException if another receiver holds it, the folder cannot be written, or the path
   *     is one of a folder
   */
  static SqliteFile lock(Path path, InstantSource clock, Vault vault) {
    if (Files.isDirectory(path)) {
      throw new StoreException("store.path: " + path + " is a folder: give the path of a file");
    }
    Path lockFile = path.resolveSibling(path.getFileName() + ".lock");
    try {
      createFolder(path.toAbsolutePath().getParent());
      FileChannel channel =
          FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!tryLock(channel)) {
        channel.close();
        throw new StoreException(
            "store.path: "
                + path
                + " is in use by another receiver: stop it, or give this one a path of its own");
      }
      return new SqliteFile(path, channel, clock, vault);
    } catch (IOException e) {
      throw new StoreException(
          "store.path: " + path + " cannot be opened: check that its folder can be written", e);
    }
  }

  private static void createFolder(@Nullable Path folder) throws IOException {
    if (folder == null || Files.isDirectory(folder)) {
      return;
    }
    if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      // payloads are nobody else's business
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } else {
      Files.createDirectories(folder);
    }
  }

  private static boolean tryLock(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  @Override
  public Connection openWriter() {
    if (fileKey != null && !isInPlace()) {
      // one that was made in its place would know nothing of what was stored
      throw new StoreException(name() + " was moved or removed: restart the receiver");
    }
    try {
      Connection connection = writer();
      try {
        InboxSchema.migrate(connection, path);
        checkpoints.start(connection);
      } catch (SQLException | StoreException e) {
        connection.close();
        throw e;
      }
      fileKey = keyOf(path);
      return connection;
    } catch (SQLException e) {
      throw refused(e);
    }
  }

  private Connection writer() throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    config.setBusyTimeout(BUSY_MILLIS);
    config.setPageSize(PAGE_BYTES);
    config.setCacheSize(-32 * 1024);
    // or the driver prepares a query for the row's number after each statement
    config.setGetGeneratedKeys(false);
    Connection connection = config.createConnection("jdbc:sqlite:" + path);
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA wal_autocheckpoint=" + CHECKPOINT_PAGES);
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
    return connection;
  }

  @Override
  public void committed(int entries, long bytes) {
    checkpoints.committed(entries, bytes);
  }

  @Override
  public Dialect dialect(Connection connection) throws SQLException {
    SqliteDialect dialect = new SqliteDialect(connection, clock, vault, !written);
    written = true;
    return dialect;
  }

  @Override
  public <T> T read(Question<T> question) throws SQLException, InterruptedException {
    Connection connection = readers.poll(WAIT_SECONDS, TimeUnit.SECONDS);
    if (connection == null) {
      throw new SQLException("no connection to read with is free");
    }
    try {
      return question.of(connection);
    } finally {
      readers.add(withoutSnapshot(connection));
    }
  }

  // Kept in its snapshot it would answer the next question with what was, and hold up the log.
  private Connection withoutSnapshot(Connection used) {
    try {
      used.rollback();
      return used;
    } catch (SQLException e) {
      LOG.warn("a connection that reads did not end its snapshot; another takes its place", e);
    }
    try {
      Connection fresh = openReader();
      closeQuietly(used);
      return fresh;
    } catch (SQLException e) {
      LOG.warn("nor could another be opened; it is tried again after the next question", e);
      return used;
    }
  }

  /** Opens what {@link #read} asks. */
  void openReaders() throws SQLException {
    for (int i = 0; i < READERS; i++) {
      readers.add(openReader());
      opened = i + 1;
    }
  }

  private Connection openReader() throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setReadOnly(true);
    config.setBusyTimeout(BUSY_MILLIS);
    Connection connection = config.createConnection("jdbc:sqlite:" + path);
    connection.setAutoCommit(false);
    return connection;
  }

  /**
   * Whether the path still leads to the file that was opened. SQLite goes on writing to a file that
   * was removed, and what it then calls durable is lost.
   */
  @Override
  public boolean isInPlace() {
    return Objects.equals(fileKey, keyOf(path));
  }

  private static @Nullable Object keyOf(Path path) {
    try {
      Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
      return key == null ? path : key;
    } catch (IOException e) {
      return null;
    }
  }

  private StoreException refused(SQLException e) {
    SQLiteErrorCode code =
        e instanceof SQLiteException sqlite
            ? sqlite.getResultCode()
            : SQLiteErrorCode.getErrorCode(e.getErrorCode());
    String why =
        switch (code) {
          case SQLITE_NOTADB -> "is not a SQLite database: give another path, or move it away";
          case SQLITE_CORRUPT -> "is damaged: restore it from a backup, or move it away";
          case SQLITE_BUSY, SQLITE_LOCKED ->
              "is locked by another program: close whatever has it open";
          case SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_IOERR ->
              "cannot be opened: check that it and its folder can be written";
          case SQLITE_FULL -> "cannot be written: the disk is full";
          default -> "cannot be opened (" + code + ")";
        };
    return new StoreException("store.path: " + path + " " + why, e);
  }

  @Override
  public String sizeQuery() {
    return "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count(),"
        + " pragma_freelist_count(), pragma_page_size()";
  }

  @Override
  public boolean isShared() {
    return false;
  }

  @Override
  public String name() {
    return "store.path: " + path;
  }

  @Override
  public void closeReaders() {
    try {
      for (int i = 0; i < opened; i++) {
        Connection reader = readers.poll(WAIT_SECONDS, TimeUnit.SECONDS);
        if (reader != null) {
          closeQuietly(reader);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    opened = 0;
  }

  /** Closes what reads, and gives the lock back. */
  @Override
  public void close() {
    closeReaders();
    checkpoints.close();
    try {
      lockChannel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void closeQuietly(Connection reader) {
    try {
      reader.close();
    } catch (SQLException e) {
      LOG.warn("a connection that only read did not close", e);
    }
  }
}
