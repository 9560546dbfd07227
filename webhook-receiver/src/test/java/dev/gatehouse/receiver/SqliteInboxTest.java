package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.receiver.Inbox.Ending;
import dev.gatehouse.webhook.ClaimKey;
import dev.gatehouse.webhook.Fingerprint;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteInboxTest {
  private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");
  private static final Duration DAY = Duration.ofDays(1);

  @TempDir Path folder;
  private final Vertx vertx = Vertx.vertx();
  private final ManualClock clock = new ManualClock(NOW);
  private SqliteInbox inbox;

  @BeforeEach
  void open() {
    inbox = open(folder.resolve("inbox.db"));
  }

  private SqliteInbox open(Path path) {
    return SqliteInbox.open(vertx, path, SqliteInbox.Limits.DEFAULT, clock);
  }

  @AfterEach
  void close() {
    await(inbox.close());
    await(vertx.close());
  }

  private static <T> T await(Future<T> future) {
    return Awaited.get(future);
  }

  private Incoming incoming(String id, String content, boolean deliver) {
    return new Incoming(
        ClaimKey.of("acme", "hook", id.getBytes(StandardCharsets.UTF_8)),
        Fingerprint.of(java.util.Arrays.copyOf(content.getBytes(StandardCharsets.UTF_8), 32)),
        "hook",
        "acme",
        "standard-webhooks",
        "k1",
        id,
        "a.b",
        "POST",
        "application/json",
        "{\"user-agent\":\"x\"}",
        content.getBytes(StandardCharsets.UTF_8),
        clock.instant(),
        clock.instant(),
        null,
        clock.instant().plus(DAY),
        deliver);
  }

  private long stored(String id) {
    return ((Stored.Fresh) await(inbox.store(incoming(id, id, true)))).id();
  }

  private List<Leased> lease(int limit) {
    Instant now = clock.instant();
    return await(inbox.lease("hook", now, now.plusSeconds(60), limit)).deliveries();
  }

  @Test
  void delivery_storedAgain_isADuplicateOfTheFirst() {
    Stored first = await(inbox.store(incoming("a", "x", false)));
    Stored second = await(inbox.store(incoming("a", "x", false)));

    assertThat(second).isEqualTo(new Stored.Duplicate(((Stored.Fresh) first).id()));
  }

  @Test
  void delivery_sameIdOtherContent_isAConflict() {
    await(inbox.store(incoming("a", "x", false)));

    assertThat(await(inbox.store(incoming("a", "y", false)))).isEqualTo(new Stored.Conflict());
  }

  @Test
  void delivery_afterItsDedupeLifetime_isFreshAgain() {
    long first = stored("a");
    clock.advance(DAY.plusSeconds(1));

    assertThat(stored("a")).isGreaterThan(first);
    assertThat(await(inbox.store(incoming("a", "a", true)))).isInstanceOf(Stored.Duplicate.class);
    assertThat(await(inbox.find(first))).isPresent();
  }

  @Test
  void duplicates_manyAtOnce_areStoredOnce() {
    List<Future<Stored>> all = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      all.add(inbox.store(incoming("same", "x", false)));
    }
    await(Future.join(all));

    assertThat(all).filteredOn(f -> f.result() instanceof Stored.Fresh).hasSize(1);
    assertThat(all).filteredOn(f -> f.result() instanceof Stored.Duplicate).hasSize(199);
  }

  @Test
  void ids_storedInTurn_ascendEvenIfTheClockGoesBack() {
    long first = stored("a");
    clock.advance(Duration.ofHours(-1));

    assertThat(stored("b")).isGreaterThan(first);
  }

  @Test
  void store_manyAtOnce_sharesCommits() {
    long before = inbox.writer().commits();
    List<Future<Stored>> all = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      all.add(inbox.store(incoming("d" + i, "x", false)));
    }
    await(Future.join(all));

    assertThat(inbox.writer().commits() - before).isBetween(1L, 1_000L);
    assertThat(await(inbox.list(new Inbox.Query("hook", null, 0, 10_000)))).hasSize(5_000);
  }

  @Test
  void store_pastTheQueue_isRefusedAtOnce() {
    Path path = folder.resolve("small.db");
    SqliteInbox small = SqliteInbox.open(vertx, path, new SqliteInbox.Limits(4, 1 << 20), clock);
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
  void store_thatIsReopened_keepsWhatItKnew() {
    long id = stored("a");
    await(inbox.close());
    inbox = open(folder.resolve("inbox.db"));

    assertThat(await(inbox.store(incoming("a", "a", true)))).isEqualTo(new Stored.Duplicate(id));
    assertThat(stored("b")).isGreaterThan(id);
  }

  @Test
  void lease_ofWhatIsDue_countsAnAttemptAndHidesIt() {
    long id = stored("a");

    assertThat(lease(10)).extracting(Leased::id, Leased::attempt).containsExactly(tuple(id, 1));
    assertThat(lease(10)).isEmpty();
  }

  private static org.assertj.core.groups.Tuple tuple(Object... values) {
    return org.assertj.core.groups.Tuple.tuple(values);
  }

  @Test
  void lease_thatEnded_isTakenAgainAndTheLateOneIsFencedOff() {
    long id = stored("a");
    Leased first = lease(1).get(0);
    clock.advance(Duration.ofSeconds(61));
    Leased second = lease(1).get(0);

    assertThat(second.attempt()).isEqualTo(2);
    assertThat(await(inbox.end(id, first.fence(), new Ending.Done(NOW, 200)))).isFalse();
    assertThat(await(inbox.end(id, second.fence(), new Ending.Done(NOW, 200)))).isTrue();
    assertThat(await(inbox.end(id, second.fence(), new Ending.GiveUp(500, "late")))).isFalse();
    assertThat(await(inbox.find(id)).orElseThrow().state()).isEqualTo(DeliveryState.DELIVERED);
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
  void retry_untilItsTime_isNotDue() {
    long id = stored("a");
    Leased leased = lease(1).get(0);
    Instant next = NOW.plusSeconds(30);
    await(inbox.end(id, leased.fence(), new Ending.Retry(next, 500, "no")));

    Inbox.Lease none = await(inbox.lease("hook", NOW, NOW.plusSeconds(9), 1));
    clock.advance(Duration.ofSeconds(30));

    assertThat(none.deliveries()).isEmpty();
    assertThat(none.nextDue()).isEqualTo(next);
    assertThat(lease(1)).extracting(Leased::attempt).containsExactly(2);
  }

  @Test
  void replay_ofADelivered_keepsIdAndTimeAndCountsAnew() {
    long id = stored("a");
    Leased leased = lease(1).get(0);
    await(inbox.end(id, leased.fence(), new Ending.Done(NOW, 200)));
    clock.advance(Duration.ofHours(1));

    Delivery replayed = await(inbox.replay(id, clock.instant())).orElseThrow();

    assertThat(replayed.state()).isEqualTo(DeliveryState.RECEIVED);
    assertThat(replayed.receivedAt()).isEqualTo(NOW);
    assertThat(lease(1)).extracting(Leased::id, Leased::attempt).containsExactly(tuple(id, 1));
  }

  @Test
  void replay_duringAnAttempt_fencesThatAttemptOff() {
    long id = stored("a");
    Leased leased = lease(1).get(0);
    await(inbox.replay(id, NOW));

    assertThat(await(inbox.end(id, leased.fence(), new Ending.Done(NOW, 200)))).isFalse();
    assertThat(await(inbox.replay(999, NOW))).isEmpty();
  }

  @Test
  void list_byPages_givesEachOnceInOrder() {
    for (int i = 0; i < 25; i++) {
      stored("d" + i);
    }
    Set<Long> seen = new HashSet<>();
    long after = 0;
    List<Delivery> page;
    do {
      page = await(inbox.list(new Inbox.Query("hook", DeliveryState.RECEIVED, after, 10)));
      for (Delivery delivery : page) {
        assertThat(delivery.id()).isGreaterThan(after);
        after = delivery.id();
        seen.add(after);
      }
    } while (!page.isEmpty());

    assertThat(seen).hasSize(25);
    assertThat(await(inbox.list(new Inbox.Query("other", null, 0, 10)))).isEmpty();
  }

  @Test
  void sweep_ofWhatEndedLongAgo_removesItOnceItsClaimIsNotNeeded() {
    long id = stored("a");
    Leased leased = lease(1).get(0);
    await(inbox.end(id, leased.fence(), new Ending.Done(NOW, 200)));
    long waiting = stored("b");
    clock.advance(Duration.ofHours(2));
    Instant cutoff = clock.instant().minus(Duration.ofHours(1));

    await(inbox.sweep(0, cutoff, clock.instant(), 100));
    assertThat(await(inbox.content(id))).isEmpty();
    assertThat(await(inbox.find(id))).isPresent();
    assertThat(await(inbox.replay(id, clock.instant()))).isEmpty();

    clock.advance(DAY);
    await(inbox.sweep(0, clock.instant().minus(DAY), clock.instant(), 100));
    assertThat(await(inbox.find(id))).isEmpty();
    assertThat(await(inbox.content(waiting))).isPresent();
  }

  @Test
  void sweep_inSteps_looksAtABoundedNumberEach() {
    for (int i = 0; i < 10; i++) {
      await(inbox.store(incoming("d" + i, "x", false)));
    }
    clock.advance(Duration.ofDays(2));
    long next = 0;
    int steps = 0;
    do {
      next = await(inbox.sweep(next, clock.instant().minus(DAY), clock.instant(), 4));
      steps++;
    } while (next != 0);

    assertThat(steps).isEqualTo(4);
    assertThat(await(inbox.list(new Inbox.Query(null, null, 0, 100)))).isEmpty();
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
    SqliteInbox other = open(path);
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
