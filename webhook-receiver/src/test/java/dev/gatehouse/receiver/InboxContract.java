package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.core.Secret;
import dev.gatehouse.receiver.Inbox.Ending;
import dev.gatehouse.webhook.ClaimKey;
import dev.gatehouse.webhook.Fingerprint;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every inbox must do, whichever database keeps it. */
abstract class InboxContract {
  static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");
  static final Duration DAY = Duration.ofDays(1);

  final Vertx vertx = Vertx.vertx();
  final ManualClock clock = new ManualClock(NOW);
  SqlInbox inbox;

  /** Opens the inbox of this test, which may have been opened before. */
  abstract SqlInbox open(Vault vault) throws Exception;

  /** Changes what a database holds, as somebody who got hold of it might. */
  abstract void tamper(String sql) throws Exception;

  /** Takes the database back to what it was before claims had another form. */
  abstract void takeBackTheForm() throws Exception;

  SqlInbox open() throws Exception {
    return open(Vault.open());
  }

  /** Moves the clock of this process, and the database's. */
  void advance(Duration by) {
    clock.advance(by);
  }

  @BeforeEach
  void openFirst() throws Exception {
    inbox = open();
  }

  @AfterEach
  void close() {
    await(inbox.close());
    await(vertx.close());
  }

  static <T> T await(Future<T> future) {
    return Awaited.get(future);
  }

  Incoming incoming(String id, String content, boolean deliver) {
    return incoming(id, content, deliver, null);
  }

  Incoming incoming(String id, String content, boolean deliver, String orderKey) {
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
        deliver,
        orderKey);
  }

  long stored(String id) {
    return ((Stored.Fresh) await(inbox.store(incoming(id, id, true)))).id();
  }

  List<Leased> lease(int limit) {
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
  void deliveries_whoseIdsBeginAlike_areKnownEachByItself() {
    List<String> ids =
        List.of("msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", "msg_2KWPBgLl", "msg_2KWPBgL", "m");
    List<Long> stored = ids.stream().map(this::stored).toList();

    for (int i = 0; i < ids.size(); i++) {
      assertThat(await(inbox.store(incoming(ids.get(i), ids.get(i), true))))
          .isEqualTo(new Stored.Duplicate(stored.get(i)));
    }
  }

  @Test
  void delivery_storedBeforeClaimsHadAnotherForm_isKnownAgain() throws Exception {
    long first = stored("msg_2KWPBgLlAfxdpx2AI54pPJ85f4W");
    await(inbox.close());
    takeBackTheForm();
    tamper("UPDATE deliveries SET claim_key = substr(claim_key, length(claim_key) - 15)");
    inbox = open();

    for (int restarts = 0; restarts < 2; restarts++) {
      String id = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W";
      assertThat(await(inbox.store(incoming(id, id, true)))).isEqualTo(new Stored.Duplicate(first));
      stored("msg_" + restarts);
      assertThat(await(inbox.store(incoming("msg_" + restarts, "other", true))))
          .isEqualTo(new Stored.Conflict());
      await(inbox.close());
      inbox = open();
    }
  }

  @Test
  void delivery_afterItsDedupeLifetime_isFreshAgain() {
    long first = stored("a");
    advance(DAY.plusSeconds(1));

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
  void delivery_thatCannotBecomeARow_keepsNoOtherOut() {
    Incoming good = incoming("good", "x", false);
    Incoming bad =
        new Incoming(
            incoming("bad", "y", false).claimKey(),
            good.fingerprint(),
            good.source(),
            good.tenant(),
            good.scheme(),
            good.keyId(),
            "bad",
            good.eventType(),
            good.method(),
            good.contentType(),
            good.headers(),
            good.body(),
            good.receivedAt(),
            Instant.MAX, // more milliseconds than a number holds
            null,
            good.dedupeUntil(),
            false,
            null);
    List<Future<Stored>> all = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      all.add(inbox.store(incoming("g" + i, "x", false)));
      all.add(inbox.store(bad));
    }
    await(Future.join(all).otherwiseEmpty());

    assertThat(all).filteredOn(Future::succeeded).hasSize(50);
    assertThat(inbox.isHealthy()).isTrue();
  }

  @Test
  void ids_storedInTurn_ascendEvenIfTheClockGoesBack() {
    long first = stored("a");
    advance(Duration.ofHours(-1));

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
  void close_rightAfterStores_writesThemAll() throws Exception {
    List<Future<Stored>> all = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      all.add(inbox.store(incoming("d" + i, "x", false)));
    }
    await(inbox.close());

    assertThat(all)
        .allSatisfy(stored -> assertThat(stored.result()).isInstanceOf(Stored.Fresh.class));
    inbox = open(Vault.open());
    assertThat(await(inbox.list(new Inbox.Query("hook", null, 0, 10_000)))).hasSize(3_000);
  }

  @Test
  void store_ofOneOrderKeyWithoutWaiting_keepsTheOrderInWhichItCame() {
    java.util.Map<String, List<Future<Stored>>> byKey = new java.util.HashMap<>();
    List<Future<Stored>> all = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      String key = "k" + i % 5;
      Future<Stored> stored = inbox.store(incoming("d" + i, "x", true, key));
      byKey.computeIfAbsent(key, k -> new ArrayList<>()).add(stored);
      all.add(stored);
    }
    await(Future.join(all));

    assertThat(byKey.values())
        .allSatisfy(
            ofKey ->
                assertThat(ofKey)
                    .extracting(stored -> ((Stored.Fresh) stored.result()).id())
                    .isSorted());
  }

  @Test
  void ids_ofManyStoredInTurn_ascend() {
    List<Long> ids = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      ids.add(stored("d" + i));
    }

    assertThat(ids).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void store_thatIsReopened_keepsWhatItKnew() throws Exception {
    long id = stored("a");
    await(inbox.close());
    inbox = open();

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
    advance(Duration.ofSeconds(61));
    Leased second = lease(1).get(0);

    assertThat(second.attempt()).isEqualTo(2);
    assertThat(await(inbox.end(id, first.fence(), new Ending.Done(NOW, 200)))).isFalse();
    assertThat(await(inbox.end(id, second.fence(), new Ending.Done(NOW, 200)))).isTrue();
    assertThat(await(inbox.end(id, second.fence(), new Ending.GiveUp(500, "late")))).isFalse();
    assertThat(await(inbox.find(id)).orElseThrow().state()).isEqualTo(DeliveryState.DELIVERED);
  }

  @Test
  void retry_untilItsTime_isNotDue() {
    long id = stored("a");
    Leased leased = lease(1).get(0);
    Instant next = NOW.plusSeconds(30);
    await(inbox.end(id, leased.fence(), new Ending.Retry(next, 500, "no")));

    Inbox.Lease none = await(inbox.lease("hook", NOW, NOW.plusSeconds(9), 1));
    advance(Duration.ofSeconds(30));

    assertThat(none.deliveries()).isEmpty();
    assertThat(none.nextDue()).isEqualTo(next);
    assertThat(lease(1)).extracting(Leased::attempt).containsExactly(2);
  }

  @Test
  void replay_ofADelivered_keepsIdAndTimeAndCountsAnew() {
    long id = stored("a");
    Leased leased = lease(1).get(0);
    await(inbox.end(id, leased.fence(), new Ending.Done(NOW, 200)));
    advance(Duration.ofHours(1));

    Delivery replayed = await(inbox.replay(id, clock.instant())).orElseThrow();

    assertThat(replayed.state()).isEqualTo(DeliveryState.RECEIVED);
    assertThat(replayed.receivedAt()).isEqualTo(NOW);
    assertThat(lease(1)).extracting(Leased::id, Leased::attempt).containsExactly(tuple(id, 1));
  }

  @Test
  void replay_duringAnAttempt_isRefusedAndLeavesThatAttemptAlone() {
    long id = stored("a");
    Leased leased = lease(1).get(0);

    assertThat(await(inbox.replay(id, NOW))).isEmpty();
    assertThat(lease(1)).isEmpty();
    assertThat(await(inbox.end(id, leased.fence(), new Ending.Done(NOW, 200)))).isTrue();
    assertThat(await(inbox.replay(id, NOW))).isPresent();
    assertThat(await(inbox.replay(999, NOW))).isEmpty();
  }

  private long keyed(String id, String orderKey) {
    return ((Stored.Fresh) await(inbox.store(incoming(id, id, true, orderKey)))).id();
  }

  @Test
  void lease_ofOneOrderKey_takesOnlyTheOldestThatHasNotEnded() {
    long a1 = keyed("a1", "a");
    long a2 = keyed("a2", "a");
    long b1 = keyed("b1", "b");
    long free = stored("free");

    List<Leased> first = lease(10);
    assertThat(first).extracting(Leased::id).containsExactlyInAnyOrder(a1, b1, free);
    assertThat(lease(10)).isEmpty();
    await(inbox.end(a1, fence(first, a1), new Ending.Retry(NOW.plusSeconds(5), 500, "no")));
    assertThat(lease(10)).isEmpty();
    advance(Duration.ofSeconds(5));
    Leased again = lease(10).get(0);
    assertThat(again.id()).isEqualTo(a1);
    await(inbox.end(a1, again.fence(), new Ending.GiveUp(500, "no")));

    assertThat(lease(10)).extracting(Leased::id, Leased::orderKey).containsExactly(tuple(a2, "a"));
  }

  private static long fence(List<Leased> leased, long id) {
    return leased.stream().filter(l -> l.id() == id).findFirst().orElseThrow().fence();
  }

  @Test
  void lease_besideAKeyWithManyHeld_findsTheOthersAtOnce() {
    for (int i = 0; i < 3_000; i++) {
      inbox.store(incoming("held" + i, "x", true, "stuck"));
    }
    long other = keyed("other", "free");
    List<Leased> leased = lease(10);

    assertThat(leased).hasSize(2).extracting(Leased::id).contains(other);
    Inbox.Lease none = await(inbox.lease("hook", clock.instant(), NOW.plusSeconds(60), 10));
    assertThat(none.deliveries()).isEmpty();
    assertThat(none.nextDue()).isEqualTo(NOW.plusSeconds(60));
  }

  @Test
  void lease_ofManyKeys_keepsEachKeysOrderThroughRetriesAndReplays() {
    java.util.SplittableRandom random = new java.util.SplittableRandom(7);
    java.util.Map<String, List<Long>> stored = new java.util.HashMap<>();
    for (int i = 0; i < 200; i++) {
      String key = "k" + random.nextInt(7);
      stored.computeIfAbsent(key, k -> new ArrayList<>()).add(keyed("d" + i, key));
    }
    java.util.Map<String, List<Long>> delivered = new java.util.HashMap<>();
    int left = 200;
    while (left > 0) {
      advance(Duration.ofSeconds(1));
      List<Leased> leased = lease(5);
      assertThat(leased.stream().map(Leased::orderKey).distinct()).hasSameSizeAs(leased);
      for (Leased one : leased) {
        if (random.nextInt(3) == 0) {
          Instant next = clock.instant().plusSeconds(random.nextInt(3));
          await(inbox.end(one.id(), one.fence(), new Ending.Retry(next, 500, "no")));
        } else {
          await(inbox.end(one.id(), one.fence(), new Ending.Done(clock.instant(), 200)));
          delivered.computeIfAbsent(one.orderKey(), k -> new ArrayList<>()).add(one.id());
          left--;
        }
      }
    }

    assertThat(delivered).isEqualTo(stored);
  }

  @Test
  void replay_ofAnOlderOneOfAKey_goesBeforeThoseThatWait() {
    long first = keyed("1", "k");
    Leased leased = lease(1).get(0);
    await(inbox.end(first, leased.fence(), new Ending.Done(NOW, 200)));
    long second = keyed("2", "k");
    await(inbox.replay(first, NOW));

    Delivery waiting = await(inbox.find(second)).orElseThrow();
    assertThat(waiting.held()).isTrue();
    assertThat(waiting.nextAttemptAt()).isNull();
    Leased again = lease(10).get(0);
    assertThat(again.id()).isEqualTo(first);
    await(inbox.end(first, again.fence(), new Ending.Done(NOW, 200)));
    assertThat(lease(10)).extracting(Leased::id).containsExactly(second);
  }

  @Test
  void replay_ofAnOlderOneDuringAnAttempt_waitsForThatAttempt() {
    long first = keyed("1", "k");
    await(inbox.end(first, lease(1).get(0).fence(), new Ending.Done(NOW, 200)));
    long second = keyed("2", "k");
    Leased under = lease(1).get(0);
    await(inbox.replay(first, NOW));
    assertThat(lease(10)).isEmpty();

    await(inbox.end(second, under.fence(), new Ending.Retry(NOW, 500, "no")));

    assertThat(lease(10)).extracting(Leased::id).containsExactly(first);
  }

  private void end(long id, Ending ending) {
    Leased leased = lease(1).get(0);
    assertThat(leased.id()).isEqualTo(id);
    await(inbox.end(id, leased.fence(), ending));
  }

  @Test
  void replay_byFilter_goesPieceByPieceAndLeavesTheRestAlone() {
    List<Long> dead = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      long id = stored("d" + i);
      end(id, i % 2 == 0 ? new Ending.GiveUp(500, "no") : new Ending.Done(NOW, 200));
      if (i % 2 == 0) {
        dead.add(id);
      }
      advance(Duration.ofMinutes(1));
    }
    Inbox.ReplayFilter filter =
        new Inbox.ReplayFilter(
            "hook", DeliveryState.DEAD, "a.b", 0, dead.get(3), NOW.plusSeconds(60), null);
    List<Inbox.Replayed> pieces = new ArrayList<>();
    long after = 0;
    do {
      pieces.add(await(inbox.replay(filter, after, 2, clock.instant())));
      after = pieces.get(pieces.size() - 1).next();
    } while (after != 0);

    assertThat(pieces.stream().mapToInt(Inbox.Replayed::count).sum()).isEqualTo(3);
    assertThat(pieces).hasSizeGreaterThan(1);
    assertThat(await(inbox.list(new Inbox.Query("hook", DeliveryState.RECEIVED, 0, 100))))
        .extracting(Delivery::id)
        .containsExactlyElementsOf(dead.subList(1, 4));
    assertThat(await(inbox.find(dead.get(1))).orElseThrow().receivedAt())
        .isEqualTo(NOW.plus(Duration.ofMinutes(2)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"2248-09-26T15:10:22Z", "2300-01-01T00:00:00Z", "+1000000000-12-31T23:59:59Z"})
  void replay_ofWhatWasReceivedBeforeAFarTime_isOfAll(String far) {
    end(stored("a"), new Ending.GiveUp(500, "no"));

    assertThat(await(inbox.replay(deadReceived(null, Instant.parse(far)), 0, 10, NOW)).count())
        .isEqualTo(1);
  }

  @Test
  void replay_ofWhatWasReceivedSinceTheFirstInstant_isOfAll() {
    end(stored("a"), new Ending.GiveUp(500, "no"));

    assertThat(await(inbox.replay(deadReceived(Instant.MIN, null), 0, 10, NOW)).count())
        .isEqualTo(1);
  }

  private static Inbox.ReplayFilter deadReceived(Instant from, Instant before) {
    return new Inbox.ReplayFilter(
        "hook", DeliveryState.DEAD, null, 0, Long.MAX_VALUE, from, before);
  }

  @Test
  void replay_byFilterWithoutAState_leavesWhatIsOnItsWayAlone() {
    long done = stored("done");
    end(done, new Ending.Done(NOW, 200));
    long kept = ((Stored.Fresh) await(inbox.store(incoming("kept", "k", false)))).id();
    stored("under way");
    Leased underWay = lease(1).get(0);
    stored("waiting");
    Inbox.ReplayFilter all =
        new Inbox.ReplayFilter(null, null, null, 0, Long.MAX_VALUE, null, null);

    assertThat(await(inbox.replay(all, 0, 100, NOW)).count()).isEqualTo(2);
    assertThat(await(inbox.end(underWay.id(), underWay.fence(), new Ending.Done(NOW, 200))))
        .isTrue();
    assertThat(lease(10)).extracting(Leased::id).contains(done, kept);
  }

  @Test
  void backlog_ofEachSource_countsByStateAndKnowsTheOldest() {
    long dead = stored("a");
    end(dead, new Ending.GiveUp(500, "no"));
    advance(Duration.ofMinutes(1));
    Instant oldest = clock.instant();
    end(stored("b"), new Ending.Retry(NOW.plusSeconds(900), 500, "no"));
    stored("c");
    stored("d");

    assertThat(await(inbox.backlog()))
        .containsExactly(
            java.util.Map.entry(
                "hook",
                new Inbox.Backlog(
                    java.util.Map.of(
                        DeliveryState.RECEIVED, 2L,
                        DeliveryState.RETRYING, 1L,
                        DeliveryState.DEAD, 1L),
                    oldest)));
  }

  @Test
  void backlog_afterAClockThatWasAYearAhead_isAsOldAsWhatWasReceivedSince() {
    advance(Duration.ofDays(365));
    end(stored("ahead"), new Ending.Done(NOW, 200));
    advance(Duration.ofDays(-365));
    Instant received = clock.instant();
    stored("a");
    advance(Duration.ofMinutes(5));

    assertThat(await(inbox.backlog()).get("hook").oldestOpen()).isEqualTo(received);
  }

  @Test
  void backlog_ofWhatIsKeptForReaders_hasNoAge() {
    await(inbox.store(incoming("kept", "kept", false)));
    assertThat(await(inbox.backlog()))
        .containsExactly(
            java.util.Map.entry(
                "hook", new Inbox.Backlog(java.util.Map.of(DeliveryState.RECEIVED, 1L), null)));

    advance(Duration.ofHours(1));
    stored("open");
    assertThat(await(inbox.backlog()).get("hook").oldestOpen()).isEqualTo(clock.instant());
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
    advance(Duration.ofHours(2));
    Instant cutoff = clock.instant().minus(Duration.ofHours(1));

    await(inbox.sweep(0, cutoff, clock.instant(), 100));
    assertThat(await(inbox.content(id))).isEmpty();
    assertThat(await(inbox.find(id))).isPresent();
    assertThat(await(inbox.replay(id, clock.instant()))).isEmpty();

    advance(DAY);
    await(inbox.sweep(0, clock.instant().minus(DAY), clock.instant(), 100));
    assertThat(await(inbox.find(id))).isEmpty();
    assertThat(await(inbox.content(waiting))).isPresent();
  }

  @Test
  void sweep_afterAClockThatWasAYearAhead_removesWhatEndedLongAgo() throws Exception {
    advance(Duration.ofDays(365));
    long ahead = stored("ahead");
    advance(Duration.ofDays(-365));
    long id = stored("a");
    await(inbox.store(incoming("kept", "kept", false)));
    for (Leased leased : lease(2)) {
      await(inbox.end(leased.id(), leased.fence(), new Ending.Done(NOW, 200)));
    }
    reopen(Vault.open());
    Inbox.ReplayFilter today =
        new Inbox.ReplayFilter(null, null, null, 0, Long.MAX_VALUE, null, NOW.plusSeconds(60));
    assertThat(await(inbox.replay(today, 0, 10, NOW)).count()).isEqualTo(2);
    for (Leased leased : lease(2)) {
      await(inbox.end(leased.id(), leased.fence(), new Ending.Done(NOW, 200)));
    }

    advance(Duration.ofDays(31));
    await(inbox.sweep(0, clock.instant().minus(DAY.multipliedBy(30)), clock.instant(), 100));
    assertThat(await(inbox.find(id))).isEmpty();
    assertThat(await(inbox.find(ahead))).isPresent();
  }

  @Test
  void sweep_inSteps_looksAtABoundedNumberEach() {
    for (int i = 0; i < 10; i++) {
      await(inbox.store(incoming("d" + i, "x", false)));
    }
    advance(Duration.ofDays(2));
    long next = 0;
    int steps = 0;
    do {
      next = await(inbox.sweep(next, clock.instant().minus(DAY), clock.instant(), 4));
      steps++;
    } while (next != 0);

    assertThat(steps).isEqualTo(4);
    assertThat(await(inbox.list(new Inbox.Query(null, null, 0, 100)))).isEmpty();
  }

  static final Secret OLD = Secret.of("old", "q83vEjRWeJq83vESNFZ4kKvN7xI0Vniau83vEjRWeJo=");
  static final Secret NEW =
      Secret.of("new", "00112233445566778899aabbccddeeff0123456789abcdeffedcba9876543210");

  private void reopen(Vault vault) throws Exception {
    await(inbox.close());
    inbox = open(vault);
  }

  private static String bodyOf(Inbox.Content content) {
    return new String(content.body(), StandardCharsets.UTF_8);
  }

  @Test
  void content_sealed_isReadBackAndDelivered() throws Exception {
    reopen(Vault.of(List.of(NEW)));
    long id = stored("a very secret payload");

    Inbox.Content content = await(inbox.content(id)).orElseThrow();
    assertThat(bodyOf(content)).isEqualTo("a very secret payload");
    assertThat(content.headers()).isEqualTo("{\"user-agent\":\"x\"}");
    assertThat(new String(lease(1).get(0).body(), StandardCharsets.UTF_8))
        .isEqualTo("a very secret payload");
  }

  @Test
  void content_movedToAnotherRow_isNotDelivered() throws Exception {
    reopen(Vault.of(List.of(NEW)));
    long first = stored("first");
    long second = stored("second");
    tamper(
        "UPDATE deliveries SET body = (SELECT body FROM deliveries WHERE id = "
            + first
            + ") WHERE id = "
            + second);

    assertThat(lease(10)).extracting(Leased::id).containsExactly(first);
    Delivery moved = await(inbox.find(second)).orElseThrow();
    assertThat(moved.state()).isEqualTo(DeliveryState.DEAD);
    assertThat(moved.lastError()).contains("does not open").doesNotContain("first");
    assertThat(inbox.content(second).otherwiseEmpty().await(20, TimeUnit.SECONDS)).isNull();
  }

  @Test
  void key_thatRowsNeed_missing_isRefusedAtTheStart() throws Exception {
    reopen(Vault.of(List.of(OLD)));
    stored("a");
    await(inbox.close());

    assertThatThrownBy(() -> open(Vault.of(List.of(NEW))))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("store.encryption.keys")
        .hasMessageContaining("sealed with old, which is not there");
    inbox = open(Vault.of(List.of(NEW, OLD)));
  }

  @Test
  void keys_rotated_sealEverythingAnewPieceByPiece() throws Exception {
    long plain = stored("plain");
    reopen(Vault.of(List.of(OLD)));
    long old = stored("old");
    reopen(Vault.of(List.of(NEW, OLD)));
    long fresh = stored("fresh");
    long after = 0;
    do {
      after = await(inbox.reseal(after, 2));
    } while (after != 0);
    reopen(Vault.of(List.of(NEW)));

    assertThat(bodyOf(await(inbox.content(plain)).orElseThrow())).isEqualTo("plain");
    assertThat(bodyOf(await(inbox.content(old)).orElseThrow())).isEqualTo("old");
    assertThat(bodyOf(await(inbox.content(fresh)).orElseThrow())).isEqualTo("fresh");
  }

  @Test
  void keys_rotatedOverLargeBodies_takeFewOfThemAtATime() throws Exception {
    String large = "x".repeat(5 << 20);
    long first = stored("1" + large);
    long second = stored("2" + large);
    long third = stored("small");
    reopen(Vault.of(List.of(NEW)));

    assertThat(await(inbox.reseal(0, 100))).isEqualTo(first);
    assertThat(await(inbox.reseal(first, 100))).isEqualTo(third);
    assertThat(await(inbox.reseal(third, 100))).isZero();
    assertThat(bodyOf(await(inbox.content(second)).orElseThrow())).isEqualTo("2" + large);
  }

  @Test
  void shrink_ofAStoreThatIsTooLarge_removesTheOldestThatEndedAndNothingOpen() {
    long open = stored("open");
    Leased held = lease(1).get(0);
    List<Long> ended = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      long id = stored("d" + i);
      end(id, i == 0 ? new Ending.GiveUp(500, "no") : new Ending.Done(NOW, 200));
      ended.add(id);
    }
    long after = await(inbox.shrink(0, 0, 3));

    assertThat(after).isEqualTo(ended.get(2));
    assertThat(await(inbox.content(ended.get(0)))).isEmpty();
    assertThat(await(inbox.find(ended.get(0)))).as("its claim is needed still").isPresent();
    assertThat(await(inbox.content(ended.get(3)))).isPresent();
    assertThat(await(inbox.shrink(Long.MAX_VALUE, after, 3))).isZero();
    assertThat(await(inbox.shrink(0, after, 3))).isEqualTo(ended.get(4));
    assertThat(await(inbox.content(open))).isPresent();
    assertThat(await(inbox.end(open, held.fence(), new Ending.Done(NOW, 200)))).isTrue();
  }

  @Test
  void shrink_ofLargeBodies_takesNoMoreOfThemThanItMust() {
    List<Long> ended = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      Incoming large = incoming("d" + i, (i + " ").repeat(50_000), true);
      long id = ((Stored.Fresh) await(inbox.store(large))).id();
      end(id, new Ending.Done(NOW, 200));
      ended.add(id);
    }
    await(inbox.shrink(450_000, 0, 500));

    assertThat(await(inbox.content(ended.get(0)))).isEmpty();
    assertThat(await(inbox.content(ended.get(3)))).isPresent();
    assertThat(await(inbox.content(ended.get(4)))).isPresent();
  }

  private static final ReceiverConfig.Quarantine BOUNDS =
      new ReceiverConfig.Quarantine(List.of(), 3, 100);

  @Test
  void quarantine_ofWhatWasRejected_isListedAndNothingElse() throws Exception {
    reopen(Vault.of(List.of(NEW)));
    await(inbox.quarantine(incoming("a", "evil", true), BOUNDS));

    List<Delivery> kept =
        await(inbox.list(new Inbox.Query("hook", DeliveryState.QUARANTINED, 0, 10)));
    assertThat(kept).hasSize(1);
    assertThat(lease(10)).isEmpty();
    assertThat(await(inbox.replay(kept.get(0).id(), NOW))).isEmpty();
    assertThat(bodyOf(await(inbox.content(kept.get(0).id())).orElseThrow())).isEqualTo("evil");
    assertThat(await(inbox.store(incoming("a", "evil", true))))
        .as("it claimed nothing")
        .isInstanceOf(Stored.Fresh.class);
  }

  @Test
  void quarantine_madeToLookVerified_isNotDelivered() throws Exception {
    reopen(Vault.of(List.of(NEW)));
    await(inbox.quarantine(incoming("a", "evil", true), BOUNDS));
    tamper("UPDATE deliveries SET state = 0, next_attempt_at = 1, verdict = NULL");

    assertThat(lease(10)).isEmpty();
  }

  @Test
  void quarantine_afterATransactionThatWasRolledBack_takesNothingOutForWhatIsNotThere() {
    quarantine("q0", 4);
    quarantine("q1", 4);
    rollBackAfterQuarantine(90);
    quarantine("q2", 4);

    assertThat(quarantined()).containsExactly("q0", "q1", "q2");
  }

  @Test
  void quarantine_afterATransactionThatWasRolledBack_staysWithinItsBounds() {
    for (int i = 0; i < 3; i++) {
      quarantine("q" + i, 30);
    }
    rollBackAfterQuarantine(100);
    quarantine("q3", 4);
    quarantine("q4", 4);

    assertThat(quarantined()).containsExactly("q2", "q3", "q4");
  }

  private void quarantine(String id, int bytes) {
    await(inbox.quarantine(incoming(id, "x".repeat(bytes), false), BOUNDS));
  }

  private void rollBackAfterQuarantine(int bytes) {
    Incoming lost = incoming("lost", "x".repeat(bytes), false);
    Future<Integer> work =
        inbox
            .steps()
            .submitOwn(
                statements -> {
                  statements.quarantine(lost, BOUNDS);
                  throw new IllegalStateException("to be rolled back");
                });
    boolean failed = await(work.transform(end -> Future.succeededFuture(end.failed())));
    assertThat(failed).isTrue();
  }

  private List<String> quarantined() {
    return await(inbox.list(new Inbox.Query("hook", DeliveryState.QUARANTINED, 0, 10))).stream()
        .map(Delivery::senderId)
        .toList();
  }

  @Test
  void quarantine_pastItsBounds_pushesOutTheOldest() {
    for (int i = 0; i < 5; i++) {
      await(inbox.quarantine(incoming("q" + i, "body " + i, false), BOUNDS));
    }
    Inbox.Query query = new Inbox.Query("hook", DeliveryState.QUARANTINED, 0, 10);
    List<Delivery> byCount = await(inbox.list(query));
    await(inbox.quarantine(incoming("large", "x".repeat(99), false), BOUNDS));
    await(inbox.quarantine(incoming("too large", "x".repeat(101), false), BOUNDS));

    assertThat(byCount).extracting(Delivery::senderId).containsExactly("q2", "q3", "q4");
    assertThat(await(inbox.list(query))).extracting(Delivery::senderId).containsExactly("large");
  }
}
