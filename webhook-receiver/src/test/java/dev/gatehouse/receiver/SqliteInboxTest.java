package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteInboxTest extends InboxContract {
  @TempDir Path folder;

  @Override
  SqlInbox open(Vault vault) {
    return open(folder.resolve("inbox.db"), vault);
  }

  private SqlInbox open(Path path) {
    return open(path, Vault.open());
  }

  private SqlInbox open(Path path, Vault vault) {
    return SqlInbox.sqlite(vertx, path, vault, InboxWriter.Limits.DEFAULT, clock);
  }

  @Override
  void tamper(String sql) throws Exception {
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("inbox.db"));
        var statement = connection.createStatement()) {
      statement.executeUpdate(sql);
    }
  }

  @Test
  void content_sealed_isNowhereInTheFiles() throws Exception {
    await(inbox.close());
    inbox = open(Vault.of(List.of(NEW)));
    stored("a very secret payload");

    for (String name : List.of("inbox.db", "inbox.db-wal")) {
      String file = Files.readString(folder.resolve(name), StandardCharsets.ISO_8859_1);
      assertThat(file.replace("a very secret payload", "").length())
          .as("the sender's id, which the test sets to the body, is the one place")
          .isGreaterThanOrEqualTo(file.length() - 2 * "a very secret payload".length());
      assertThat(file).doesNotContain("{\"user-agent\":\"x\"}");
    }
  }

  @Test
  void file_ofTheFirstVersion_isBroughtForwardAndKeepsItsDeliveries() throws Exception {
    Path path = folder.resolve("first.db");
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + path);
        var statement = connection.createStatement()) {
      for (String sql : FirstVersion.STATEMENTS) {
        statement.execute(sql);
      }
    }
    SqlInbox forward = open(path);

    Delivery kept = await(forward.list(new Inbox.Query("hook", null, 0, 10))).get(0);
    assertThat(kept.senderId()).isEqualTo("msg_1");
    assertThat(await(forward.content(kept.id())).orElseThrow().headers()).isEqualTo("{}");
    assertThat(await(forward.lease("hook", NOW, NOW.plusSeconds(9), 5)).deliveries())
        .extracting(Leased::id)
        .containsExactly(kept.id());
    await(forward.close());
  }

  @Test
  void store_pastTheQueue_isRefusedAtOnce() {
    Path path = folder.resolve("small.db");
    SqlInbox small =
        SqlInbox.sqlite(vertx, path, Vault.open(), new InboxWriter.Limits(4, 1 << 20), clock);
    List<Future<Stored>> all = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      all.add(small.store(incoming("d" + i, "x", false)));
    }
    Future<?> joined = Future.join(all).otherwiseEmpty();
    await(joined);
    long kept = all.stream().filter(Future::succeeded).count();

    assertThat(all)
        .filteredOn(Future::failed)
        .isNotEmpty()
        .allSatisfy(f -> assertThat(f.cause()).isInstanceOf(StoreException.class));
    assertThat(await(small.list(new Inbox.Query(null, null, 0, 10_000)))).hasSize((int) kept);
    await(small.close());
  }

  @Test
  void lease_ofAProcessThatDied_isDueAtTheNextStart() {
    stored("a");
    lease(1);
    await(inbox.close());
    inbox = open(folder.resolve("inbox.db"));

    assertThat(lease(1)).extracting(Leased::attempt).containsExactly(2);
  }

  @Test
  void list_byState_readsAnIndexAndNotTheTable() throws Exception {
    stored("a");
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("inbox.db"));
        var statement = connection.createStatement();
        var plan =
            statement.executeQuery(
                "EXPLAIN QUERY PLAN SELECT id FROM deliveries WHERE source = 'hook' AND state = 4"
                    + " AND id > 5 AND id <= 99 ORDER BY id LIMIT 10")) {
      StringBuilder steps = new StringBuilder();
      while (plan.next()) {
        steps.append(plan.getString("detail")).append('\n');
      }
      assertThat(steps.toString())
          .contains("USING COVERING INDEX deliveries_listed (source=? AND state=? AND rowid>?")
          .doesNotContain("SCAN")
          .doesNotContain("TEMP B-TREE");
    }
  }

  @Test
  void file_inUse_isRefused() {
    assertThatThrownBy(() -> open(folder.resolve("inbox.db")))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("in use by another receiver: stop it");
  }

  @Test
  void file_thatIsNoDatabase_isRefused() throws Exception {
    Path path = folder.resolve("text.db");
    Files.writeString(path, "this is no database, but long enough to be looked at ".repeat(100));

    assertThatThrownBy(() -> open(path))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("is not a SQLite database");
  }

  @Test
  void file_ofAnotherProgram_isRefusedAndLeftAlone() throws Exception {
    Path path = folder.resolve("other.db");
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + path);
        var statement = connection.createStatement()) {
      statement.execute("CREATE TABLE theirs (x)");
    }

    assertThatThrownBy(() -> open(path))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("database of another program");
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + path);
        var statement = connection.createStatement();
        var names = statement.executeQuery("SELECT group_concat(name) FROM sqlite_schema")) {
      assertThat(names.getString(1)).isEqualTo("theirs");
    }
  }

  @Test
  void file_ofANewerVersion_isRefused() throws Exception {
    Path path = folder.resolve("newer.db");
    await(open(path).close());
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + path);
        var statement = connection.createStatement()) {
      statement.execute("INSERT INTO schema_version VALUES (99, 'tomorrow')");
    }

    assertThatThrownBy(() -> open(path))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("written by a newer Gatehouse");
  }

  @Test
  void file_thatIsDamaged_isRefused() throws Exception {
    Path path = folder.resolve("damaged.db");
    SqlInbox other = open(path);
    for (int i = 0; i < 50; i++) {
      await(other.store(incoming("d" + i, "x".repeat(20), false)));
    }
    await(other.close());
    byte[] bytes = Files.readAllBytes(path);
    java.util.Arrays.fill(bytes, 8192, bytes.length, (byte) 0x5A);
    Files.write(path, bytes);

    assertThatThrownBy(() -> open(path))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("is damaged");
  }

  @Test
  void file_inAFolderThatCannotBe_isRefused() throws Exception {
    Files.writeString(folder.resolve("plain"), "a file");

    assertThatThrownBy(() -> open(folder.resolve("plain/inbox.db")))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("check that its folder can be written");
  }

  @Test
  void file_thatIsRemovedMeanwhile_isNotWrittenOn() throws Exception {
    stored("a");
    for (String name : List.of("inbox.db", "inbox.db-wal", "inbox.db-shm")) {
      Files.deleteIfExists(folder.resolve(name));
    }
    assertThat(await(inbox.probe())).isFalse();
  }

  @Test
  void store_afterClose_fails() throws Exception {
    await(inbox.close());

    Future<Stored> late = inbox.store(incoming("late", "x", false));

    assertThatThrownBy(() -> late.await(5, TimeUnit.SECONDS)).isInstanceOf(StoreException.class);
    inbox = open(folder.resolve("inbox.db"));
  }
}
