package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteInboxTest extends InboxContract {
  private static final int CONNECTIONS_THAT_READ = 2;

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

  @Override
  void takeBackTheForm() throws Exception {
    tamper("DROP TABLE claim_form");
    tamper("DELETE FROM schema_version WHERE version = 4");
  }

  @Test
  void claims_ofIdsThatRise_areInTheOrderOfTheIds() throws Exception {
    for (int i = 100; i < 200; i++) {
      stored("msg_2KWPB" + i + "LlAfxdpx2AI54pPJ85f4W");
    }
    await(inbox.close());
    inbox = open();

    List<Long> ids = new ArrayList<>();
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("inbox.db"));
        var statement = connection.createStatement();
        var rows = statement.executeQuery("SELECT id FROM deliveries ORDER BY claim_key")) {
      while (rows.next()) {
        ids.add(rows.getLong(1));
      }
    }
    assertThat(ids).hasSize(100).isSorted();
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
  void file_thatIsGoneWhenItHasToBeOpenedAnew_isNotMadeAgain() throws Exception {
    stored("a");
    for (String name : List.of("inbox.db", "inbox.db-wal", "inbox.db-shm")) {
      Files.move(folder.resolve(name), folder.resolve("gone-" + name));
    }
    Future<Boolean> broken =
        inbox
            .writer()
            .submitOwn(
                statements -> {
                  throw new OutOfMemoryError("for once");
                });
    await(broken.otherwise(false));
    Future<Boolean> stored =
        inbox
            .store(incoming("a", "a", true))
            .transform(done -> Future.succeededFuture(done.succeeded()));

    assertThat((boolean) await(stored)).isFalse();
    assertThat(folder.resolve("inbox.db")).doesNotExist();
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
  void quarantine_whileMuchWaits_isRefusedBeforeDeliveriesAre() {
    Path path = folder.resolve("small.db");
    SqlInbox small =
        SqlInbox.sqlite(vertx, path, Vault.open(), new InboxWriter.Limits(160, 1 << 20), clock);
    CompletableFuture<Boolean> goesOn = new CompletableFuture<>();
    Future<Boolean> busy = small.writer().submitOwn(statements -> goesOn.join());
    ReceiverConfig.Quarantine bounds = new ReceiverConfig.Quarantine(List.of(), 100, 1 << 20);
    List<Future<Void>> rejected = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      rejected.add(small.quarantine(incoming("q" + i, "x", false), bounds));
    }
    Future<Stored> stored = small.store(incoming("d", "x", false));
    goesOn.complete(true);

    await(Future.join(rejected).otherwiseEmpty());
    await(busy);
    assertThat(rejected).filteredOn(Future::succeeded).hasSize(9);
    assertThat(await(stored)).isInstanceOf(Stored.Fresh.class);
    await(small.close());
  }

  @Test
  void store_ofMoreThanTheWholeQueueHolds_isTakenOneAtATime() {
    Path path = folder.resolve("small.db");
    SqlInbox small =
        SqlInbox.sqlite(vertx, path, Vault.open(), new InboxWriter.Limits(10, 1_000_000), clock);
    CompletableFuture<Boolean> goesOn = new CompletableFuture<>();
    Future<Boolean> busy = small.writer().submitOwn(statements -> goesOn.join());
    Future<Stored> little = small.store(incoming("little", "x", false));
    Future<Stored> large = small.store(incoming("large", "x".repeat(2_000_000), false));
    Future<Stored> another = small.store(incoming("another", "x".repeat(2_000_000), false));
    goesOn.complete(true);

    assertThat(await(Future.all(busy, little, large)).succeeded()).isTrue();
    assertThat(await(large)).isInstanceOf(Stored.Fresh.class);
    assertThatThrownBy(() -> another.await(20, TimeUnit.SECONDS))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("queue is full");
    await(small.close());
  }

  @Test
  void read_afterOnesThatFailed_seesWhatWasStoredMeanwhile() throws Exception {
    await(inbox.close());
    inbox = open(Vault.of(List.of(NEW)));
    long tampered = stored("a");
    tamper("UPDATE deliveries SET body = zeroblob(length(body))");
    for (int i = 0; i < CONNECTIONS_THAT_READ; i++) {
      assertThatThrownBy(() -> inbox.content(tampered).await(20, TimeUnit.SECONDS))
          .isInstanceOf(Vault.SealException.class);
    }
    long fresh = stored("b");

    for (int i = 0; i < CONNECTIONS_THAT_READ; i++) {
      assertThat(await(inbox.find(fresh))).isPresent();
    }
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
  void close_ofAWriterWhoseVertxIsGone_ends() {
    Vertx own = Vertx.vertx();
    SqliteFile file = SqliteFile.lock(folder.resolve("own.db"), clock, Vault.open());
    InboxWriter writer = new InboxWriter(own, file, Vault.open(), InboxWriter.Limits.DEFAULT, 1);
    writer.start();
    CompletableFuture<Boolean> goesOn = new CompletableFuture<>();
    Future<Boolean> unheard = writer.submitOwn(statements -> goesOn.join());
    await(own.close());
    goesOn.complete(true);

    await(writer.close());
    file.close();
    assertThat(unheard.isComplete()).as("nobody is there to be told").isFalse();
    assertThat(writer.isHealthy()).isFalse();
  }

  @Test
  void store_ofManyWhileTheLogIsMovedBesideIt_losesNoneAndBoundsTheLog() throws Exception {
    int rounds = 30;
    int each = 1_000;
    String body = "x".repeat(5_000);
    long longest = 0;
    for (int round = 0; round < rounds; round++) {
      List<Future<Stored>> all = new ArrayList<>();
      for (int i = 0; i < each; i++) {
        all.add(inbox.store(incoming(round + "-" + i, body, false)));
      }
      await(Future.all(all));
      longest = Math.max(longest, Files.size(folder.resolve("inbox.db-wal")));
    }
    await(inbox.close());

    assertThat(number("SELECT count(*) FROM deliveries")).isEqualTo(rounds * each);
    assertThat(number("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"))
        .isZero();
    assertThat(longest)
        .as("the log, which starts anew after 64 MiB and what the commit that ends it holds")
        .isLessThan(96 << 20);
    inbox = open(folder.resolve("inbox.db"));
  }

  @Test
  void shrink_ofSmallBodies_leavesTheNewestTheirsOnceTheStoreIsSmallEnough() throws Exception {
    List<Leased> stored = storeAndLease(1_000);
    List<Future<Boolean>> ended = new ArrayList<>();
    for (Leased one : stored) {
      Inbox.Ending ending =
          one.id() % 2 == 0
              ? new Inbox.Ending.Done(NOW, 200)
              : new Inbox.Ending.GiveUp(500, "no answer");
      ended.add(inbox.end(one.id(), one.fence(), ending));
    }
    await(Future.join(ended));
    long limit = usedBytes() * 2 / 3;

    shrinkTo(limit);
    List<Long> kept = withContent(stored);
    shrinkTo(limit);

    assertThat(usedBytes()).isLessThanOrEqualTo(limit);
    assertThat(kept)
        .as("a third of the file is half of the bodies")
        .hasSizeBetween(400, 600)
        .isEqualTo(stored.stream().map(Leased::id).skip(1_000 - kept.size()).toList());
    assertThat(withContent(stored)).as("of what is small enough nothing goes").isEqualTo(kept);
    assertThat(await(inbox.store(incoming("d0", body(0), true))))
        .as("its claim is needed still")
        .isEqualTo(new Stored.Duplicate(stored.get(0).id()));
  }

  @Test
  void sweep_ofSmallBodies_makesTheStoreSmaller() throws Exception {
    for (Leased one : storeAndLease(500)) {
      await(inbox.end(one.id(), one.fence(), new Inbox.Ending.Done(NOW, 200)));
    }
    long before = usedBytes();
    advance(Duration.ofHours(1));
    await(inbox.sweep(0, clock.instant().minusSeconds(60), clock.instant(), 500));

    assertThat(before - usedBytes()).isGreaterThan(500 * 1_000 * 9 / 10);
  }

  private List<Leased> storeAndLease(int count) {
    List<Future<Stored>> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(inbox.store(incoming("d" + i, body(i), true)));
    }
    await(Future.join(all));
    return lease(count).stream().sorted(Comparator.comparing(Leased::id)).toList();
  }

  private static String body(int i) {
    return (i + " ").repeat(1_000).substring(0, 1_000);
  }

  private void shrinkTo(long limit) {
    long after = 0;
    do {
      after = await(inbox.shrink(limit, after, 100));
    } while (after != 0);
  }

  private List<Long> withContent(List<Leased> of) {
    return of.stream().map(Leased::id).filter(id -> await(inbox.content(id)).isPresent()).toList();
  }

  private long usedBytes() throws Exception {
    return number(
        "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count(),"
            + " pragma_freelist_count(), pragma_page_size()");
  }

  private long number(String sql) throws Exception {
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("inbox.db"));
        var statement = connection.createStatement();
        var result = statement.executeQuery(sql)) {
      return result.getLong(1);
    }
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
  void file_thatIsAFolder_isRefusedAndLeavesNothingBesideIt() throws Exception {
    Path path = Files.createDirectory(folder.resolve("inbox"));

    assertThatThrownBy(() -> open(path))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("is a folder: give the path of a file");
    assertThat(folder.resolve("inbox.lock")).doesNotExist();
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
