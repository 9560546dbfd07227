package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

class SqliteCheckpointsTest {
  private static final int PAGE_BYTES = 4096;
  private static final int DUE_PAGES = 1000;

  @TempDir Path folder;
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Logger log = (Logger) LoggerFactory.getLogger(SqliteCheckpoints.class);
  private Path path;
  private Connection writer;
  private SqliteCheckpoints checkpoints;

  @BeforeEach
  void open() throws SQLException {
    lines.start();
    log.setLevel(Level.DEBUG);
    log.addAppender(lines);
    path = folder.resolve("some.db");
    writer = DriverManager.getConnection("jdbc:sqlite:" + path);
    execute("PRAGMA journal_mode = WAL");
    execute("PRAGMA wal_autocheckpoint = 0");
    execute("CREATE TABLE rows (content)");
    checkpoints = new SqliteCheckpoints(path, PAGE_BYTES);
    checkpoints.start(writer);
  }

  @AfterEach
  void close() throws SQLException {
    log.detachAppender(lines);
    log.setLevel(null);
    writer.close();
    checkpoints.close();
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = writer.createStatement()) {
      statement.execute(sql);
    }
  }

  private void insert(int pages) throws SQLException {
    execute("INSERT INTO rows VALUES (randomblob(" + pages * PAGE_BYTES + "))");
  }

  private long fileBytes() {
    return path.toFile().length();
  }

  @Test
  void committed_ofMuch_isInTheFileWhileTheWriterIsOpen() throws Exception {
    insert(100);
    assertThat(fileBytes()).as("all of it is in the log").isLessThan(10 * PAGE_BYTES);

    checkpoints.committed(1, (long) DUE_PAGES * PAGE_BYTES);

    Awaited.until("the log is moved", () -> fileBytes() > 100 * PAGE_BYTES);
  }

  @Test
  void committed_ofManySmallPieces_countsEach() throws Exception {
    insert(100);
    for (int i = 0; i < DUE_PAGES; i++) {
      checkpoints.committed(1, 20);
    }

    Awaited.until("the log is moved", () -> fileBytes() > 100 * PAGE_BYTES);
  }

  @Test
  void committed_whileATransactionIsOpen_waitsForNobody() throws Exception {
    insert(100);
    execute("BEGIN IMMEDIATE");
    execute("INSERT INTO rows VALUES (1)");

    checkpoints.committed(DUE_PAGES, 0);

    Awaited.until("the log is moved", () -> fileBytes() > 100 * PAGE_BYTES);
    execute("COMMIT");
  }

  @Test
  void move_thatFails_makesNoFileIsSaidOnceAndTriedAgain() throws Exception {
    Path aside = folder.resolve("aside.db");
    insert(100);
    Files.move(path, aside);
    for (int i = 1; i <= 3; i++) {
      int failures = i;
      checkpoints.committed(DUE_PAGES, 0);
      Awaited.until("it has failed " + i + " times", () -> lines.list.size() == failures);
    }
    assertThat(path).doesNotExist();
    assertThat(lines.list)
        .extracting(ILoggingEvent::getLevel)
        .containsExactly(Level.WARN, Level.DEBUG, Level.DEBUG);
    Files.move(aside, path);

    checkpoints.committed(DUE_PAGES, 0);

    Awaited.until("the log is moved", () -> fileBytes() > 100 * PAGE_BYTES);
  }

  @ParameterizedTest
  @CsvSource({
    "3.51.2, false",
    "3.49.1, false",
    "3.7.0, false",
    "3.51.3, true",
    "3.53.0, true",
    "3.100.0, true",
    "4.0.0, true"
  })
  void isSafe_isWhatSqlitesPageSays(String version, boolean safe) {
    assertThat(SqliteCheckpoints.isSafe(version)).isEqualTo(safe);
  }

  @Test
  void start_onThePinnedVersion_begins() {
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .contains("gatehouse-inbox-checkpoints");
  }
}
