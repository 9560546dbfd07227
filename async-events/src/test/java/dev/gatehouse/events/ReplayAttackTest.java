package dev.gatehouse.events;

import static dev.gatehouse.events.Callers.ACME;
import static dev.gatehouse.events.Callers.GLOBEX;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.Decision;
import dev.gatehouse.core.Principal;
import dev.gatehouse.core.RateLimiter.Rate;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.events.Delivery.GapReason;
import dev.gatehouse.events.filter.Filter;
import io.vertx.core.Future;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Cursors that were not given to whoever shows them, and replays that ask for too much. */
class ReplayAttackTest extends HubTest {
  private static final Principal ANN = Callers.of(ACME, "ann");

  @Override
  protected EventLimits.Builder limits() {
    return EventLimits.builder()
        .operations(Rate.perSecond(10_000, 10_000))
        .queue(50_000, 64 << 20)
        .replay(Rate.perSecond(1, 5_000));
  }

  @Override
  protected MemoryLogOptions logOptions() {
    return new MemoryLogOptions().eventsPerTopic(200_000).bytesPerTopic(64 << 20).bytes(256 << 20);
  }

  private String cursorOf(Principal principal, String topics) {
    Reader reader = Reader.of(hub, principal, topics);
    publish(principal.tenant().orElseThrow(), "orders.paid", "seen");
    reader.awaitCount(1);
    reader.connection.close();
    return reader.got.get(0).cursor();
  }

  /** Starts live, after one gap, with nothing of the past; whatever the cursor is. */
  private void startsLiveAfterOneGap(Principal principal, String topics, String cursor) {
    publish(principal.tenant().orElseThrow(), "orders.paid", "past");
    Reader reader = Reader.of(hub, principal, SubscriptionRequest.of(topics).from(cursor));
    publish(principal.tenant().orElseThrow(), "orders.paid", "live");
    reader.awaitCount(2);
    assertThat(reader.ids()).as("cursor '%s'", cursor).containsExactly("gap", "live");
    assertThat(reader.gaps().get(0).reason()).isEqualTo(GapReason.UNKNOWN_CURSOR);
    assertThat(reader.gaps().get(0).missed()).isEqualTo(-1);
    reader.connection.close();
  }

  @Test
  void cursor_ofAnotherTenantUserOrTopic_isUnknown() {
    String cursor = cursorOf(ANN, "orders.*");

    startsLiveAfterOneGap(Callers.of(GLOBEX, "ann"), "orders.*", cursor);
    startsLiveAfterOneGap(Callers.of(ACME, "bob"), "orders.*", cursor);
    startsLiveAfterOneGap(ANN, "orders.>", cursor);
    startsLiveAfterOneGap(ANN, "orders.paid", cursor);
    startsLiveAfterOneGap(
        Principal.vouchedBy("test", Principal.Kind.SERVICE, "ann").tenant(ACME).build(),
        "orders.*",
        cursor);
    startsLiveAfterOneGap(
        Principal.vouchedBy("other", Principal.Kind.USER, "ann").tenant(ACME).build(),
        "orders.*",
        cursor);
  }

  @Test
  void cursor_guessedEarliestZeroOrHuge_isUnknown() {
    for (String guess :
        List.of(
            "",
            "0",
            "-1",
            "earliest",
            "latest",
            "*",
            "0-0",
            "1700000000000-0",
            "9".repeat(30),
            "A".repeat(44),
            "_".repeat(44),
            "=".repeat(44),
            "é".repeat(44),
            "x".repeat(1_000_000),
            "\r\nid: 0")) {
      startsLiveAfterOneGap(ANN, "orders.*", guess);
    }
  }

  @Test
  void cursor_withAnyBitChangedOrAnyPieceOff_isUnknown() {
    String cursor = cursorOf(ANN, "orders.*");
    byte[] bytes = Base64.getUrlDecoder().decode(cursor);
    byte[] binding = CursorKeys.binding(ACME, ANN, TopicPattern.of("orders.*"));

    assertThat(cursors.open(binding, cursor, clock.instant())).isPresent();
    for (int bit = 0; bit < bytes.length * 8; bit++) {
      byte[] forged = bytes.clone();
      forged[bit / 8] ^= (byte) (1 << (bit % 8));
      String text = Base64.getUrlEncoder().withoutPadding().encodeToString(forged);
      assertThat(cursors.open(binding, text, clock.instant())).as("bit %s", bit).isEmpty();
    }
    for (int length = 0; length < cursor.length(); length++) {
      assertThat(cursors.open(binding, cursor.substring(0, length), clock.instant())).isEmpty();
    }
    assertThat(cursors.open(binding, cursor + "A", clock.instant())).isEmpty();
    String otherEnd = cursor.endsWith("-") ? "_" : "-";
    startsLiveAfterOneGap(ANN, "orders.*", cursor.substring(0, cursor.length() - 1) + otherEnd);
  }

  @Test
  void cursor_ofTheSameEvent_showsNothingThatTwoReadersCouldCompare() {
    Reader ann = Reader.of(hub, ANN, "orders.*");
    Reader bob = Reader.of(hub, Callers.of(ACME, "bob"), "orders.*");
    Reader wide = Reader.of(hub, ANN, "orders.>");
    publish(ACME, "orders.paid", "e");
    ann.awaitCount(1);
    bob.awaitCount(1);
    wide.awaitCount(1);

    List<String> all =
        List.of(ann.got.get(0).cursor(), bob.got.get(0).cursor(), wide.got.get(0).cursor());
    assertThat(all).doesNotHaveDuplicates();
    byte[][] bytes =
        all.stream().map(text -> Base64.getUrlDecoder().decode(text)).toArray(byte[][]::new);
    for (int i = 1; i < bytes[0].length; i += 8) {
      byte[] piece = java.util.Arrays.copyOfRange(bytes[0], i, i + 8);
      assertThat(java.util.Arrays.copyOfRange(bytes[1], i, i + 8)).isNotEqualTo(piece);
      assertThat(java.util.Arrays.copyOfRange(bytes[2], i, i + 8)).isNotEqualTo(piece);
    }
  }

  @Test
  void cursor_whoseEventsAreGone_startsAfterAGapAndGivesWhatIsLeft() {
    String cursor = cursorOf(ANN, "orders.*");
    clock.advance(logOptions().maxAge());

    startsWithGapOfTheLog(cursor);
  }

  private void startsWithGapOfTheLog(String cursor) {
    publish(ACME, "orders.paid", "kept");
    Reader reader = Reader.of(hub, ANN, SubscriptionRequest.of("orders.*").from(cursor));
    publish(ACME, "orders.paid", "live");
    reader.awaitCount(2);
    // The entry that the cursor names is gone, and nothing after it: no gap is due for it.
    assertThat(reader.ids()).endsWith("kept", "live");
  }

  @Test
  void replay_afterPermissionsShrank_isDecidedAnew() {
    Reader first = Reader.of(hub, ANN, ">");
    for (int i = 0; i < 10; i++) {
      publish(ACME, i % 2 == 0 ? "open" : "closed", "e" + i);
    }
    first.awaitCount(10);
    first.connection.close();
    policy.see =
        (principal, event) -> event.topic().equals("open") ? Decision.allow() : RulesPolicy.no();
    policy.mask = (principal, event) -> Mask.hiding("subject");
    policy.version.incrementAndGet();

    Reader second =
        Reader.of(hub, ANN, SubscriptionRequest.of(">").from(first.subscription.startCursor()));

    second.awaitCount(5);
    settle(ACME);
    assertThat(second.ids()).containsExactly("e0", "e2", "e4", "e6", "e8");
  }

  @Test
  void replay_duringWhichPermissionsShrink_givesNothingMoreOfThem() {
    Reader first = Reader.of(hub, ANN, ">");
    for (int i = 0; i < 900; i++) {
      publish(ACME, "closed", "e" + i);
    }
    Reader second =
        Reader.idle(hub, ANN, SubscriptionRequest.of(">").from(first.subscription.startCursor()));
    second.subscription.request(10);
    second.awaitCount(10);

    policy.see =
        (principal, event) -> event.topic().equals("open") ? Decision.allow() : RulesPolicy.no();
    policy.version.incrementAndGet();
    second.subscription.request(Long.MAX_VALUE);
    publish(ACME, "open", "end");

    second.awaitCount(11);
    assertThat(second.ids()).hasSize(11).endsWith("end");
  }

  @Test
  void seam_betweenReplayAndLive_losesAndRepeatsNothing() throws InterruptedException {
    EventHub tight = hub;
    // How far a replay is behind is up to the machine; here its budget must not end it.
    hub = settings().limits(limits().replay(Rate.perSecond(1, 10_000_000)).build()).build();
    Await.get(tight.close());
    Reader first = Reader.of(hub, ANN, ">");
    AtomicBoolean stop = new AtomicBoolean();
    Thread publisher =
        new Thread(
            () -> {
              for (int i = 0; !stop.get() || i < 500; i++) {
                Event event = Event.builder("a").tenant(ACME).id("e" + i).build();
                Await.get(hub.publish(event));
                if (i % 10 == 0) {
                  java.util.concurrent.locks.LockSupport.parkNanos(200_000);
                }
              }
            });
    publisher.start();
    first.awaitCount(1);
    int resumed = 0;
    for (int round = 0; round < 30; round++) {
      int at = first.got.size() - 1;
      String cursor = first.got.get(at).cursor();
      Reader again = Reader.of(hub, ANN, SubscriptionRequest.of(">").from(cursor));
      again.awaitCount(50);
      again.connection.close();
      List<String> ids = again.ids().stream().takeWhile(id -> !id.equals("gap")).toList();
      int expected = at + 1;
      assertThat(again.gaps()).isEmpty();
      assertThat(ids)
          .containsExactlyElementsOf(
              IntStream.range(expected, expected + ids.size()).mapToObj(i -> "e" + i).toList());
      resumed += ids.size();
    }
    stop.set(true);
    publisher.join();

    assertThat(resumed).isGreaterThan(1_000);
  }

  @Test
  void amplification_byReplaysAgainAndAgain_isBounded() {
    Reader first = Reader.of(hub, ANN, ">");
    for (int i = 0; i < 1_000; i++) {
      publish(ACME, "a", "e" + i);
    }
    String cursor = first.subscription.startCursor();
    long replayed = 0;
    int cutShort = 0;
    for (int i = 0; i < 9; i++) {
      Reader again = Reader.of(hub, ANN, SubscriptionRequest.of(">").from(cursor));
      Await.until("replayed", () -> !again.gaps().isEmpty() || again.got.size() >= 1_000);
      settle(ACME);
      publish(ACME, "end", "end" + i);
      String end = "end" + i;
      Await.until("the live event", () -> again.ids().contains(end));
      cutShort += again.gaps().isEmpty() ? 0 : 1;
      replayed += again.got.size();
      again.gaps().forEach(gap -> assertThat(gap.reason()).isEqualTo(GapReason.REPLAY_BUDGET));
      again.connection.close();
    }

    assertThat(cutShort).isGreaterThanOrEqualTo(3);
    assertThat(replayed).isLessThan(6_500);
    Reader bob = Reader.of(hub, Callers.of(ACME, "bob"), ">");
    publish(ACME, "a", "other principals go on");
    bob.awaitCount(1);
  }

  @Test
  void replay_byAFilterThatWantsNothing_costsItsBudgetToo() {
    Reader first = Reader.of(hub, ANN, ">");
    for (int i = 0; i < 1_000; i++) {
      publish(ACME, "a", "e" + i);
    }
    SubscriptionRequest nothing =
        SubscriptionRequest.of(">")
            .filtered(Filter.parse("subject = 'end'"))
            .from(first.subscription.startCursor());
    int cutShort = 0;
    for (int i = 0; i < 9; i++) {
      Reader again = Reader.of(hub, ANN, nothing);
      // One that is published before the replay is cut short falls into the gap.
      Event end = Event.builder("a").tenant(ACME).subject("end").id("end" + i).build();
      Await.until(
          "the live event",
          () -> {
            publish(end);
            return again.ids().contains(end.id());
          });
      cutShort += again.gaps().isEmpty() ? 0 : 1;
      again.connection.close();
    }
    assertThat(cutShort).isGreaterThanOrEqualTo(3);
  }

  @Test
  void replay_ofTopicsThatHardlyOccur_looksAtNoMoreThanItsBudgetAndAPage() {
    AtomicInteger scanned = new AtomicInteger();
    EventLog counted =
        new PassedOnLog(log) {
          @Override
          public Future<LogPage> read(
              TenantId tenant, TopicPattern topics, Position after, int most, long bytes) {
            Future<LogPage> page = super.read(tenant, topics, after, most, bytes);
            scanned.addAndGet(topics.text().equals("rare") ? page.result().scanned() : 0);
            return page;
          }
        };
    EventHub rich = hub;
    hub = settings().log(counted).limits(limits().replay(Rate.perSecond(1, 100)).build()).build();
    Await.get(rich.close());
    Reader first = Reader.of(hub, ANN, "rare");
    String cursor = first.subscription.startCursor();
    for (int i = 0; i < 1_000; i++) {
      publish(ACME, "a", "e" + i);
    }

    Reader all = Reader.of(hub, ANN, SubscriptionRequest.of("rare").from(cursor));
    settle(ACME);
    assertThat(scanned).hasValue(1_000);
    for (int i = 0; i < 9; i++) {
      Reader again = Reader.of(hub, ANN, SubscriptionRequest.of("rare").from(cursor));
      again.awaitCount(1);
      assertThat(again.gaps().get(0).reason()).isEqualTo(GapReason.REPLAY_BUDGET);
      again.connection.close();
    }

    assertThat(scanned).hasValue(1_000);
    assertThat(all.got).isEmpty();
  }

  @Test
  void replay_bySlowReader_holdsNoMoreThanItsQueue() {
    EventHub wide = hub;
    hub = settings().limits(EventLimits.builder().queue(256, 1 << 20).build()).build();
    Await.get(wide.close());
    Reader first = Reader.of(hub, ANN, ">");
    for (int i = 0; i < 900; i++) {
      publish(ACME, "a", "e" + i);
    }
    Reader slow =
        Reader.idle(hub, ANN, SubscriptionRequest.of(">").from(first.subscription.startCursor()));
    settle(ACME);
    settle(ACME);
    publish(ACME, "a", "e900");
    settle(ACME);
    assertThat(slow.subscription.queued()).isLessThanOrEqualTo(hub.limits().queuedEvents());

    for (int i = 0; i < 901; i++) {
      slow.subscription.request(1);
    }
    slow.awaitCount(901);
    assertThat(slow.ids())
        .containsExactlyElementsOf(IntStream.range(0, 901).mapToObj(i -> "e" + i).toList());
  }

  @Test
  void cursor_sealedUnderAKeyThatRotatedOut_isUnknown_andOneStillInTheRingIsNot() {
    dev.gatehouse.core.Secret old = dev.gatehouse.core.Secret.of("old", "o".repeat(40));
    dev.gatehouse.core.Secret fresh = dev.gatehouse.core.Secret.of("new", "n".repeat(40));
    byte[] binding = CursorKeys.binding(ACME, ANN, TopicPattern.of("a"));
    Position position = new Position(5, 7);
    String cursor = CursorKeys.load(() -> List.of(old)).seal(binding, position, clock.instant());

    assertThat(CursorKeys.load(() -> List.of(fresh, old)).open(binding, cursor, clock.instant()))
        .contains(position);
    assertThat(CursorKeys.load(() -> List.of(fresh)).open(binding, cursor, clock.instant()))
        .isEmpty();
  }

  @Test
  void keys_ofTooShortASecret_areRefusedWithoutShowingIt() {
    org.assertj.core.api.Assertions.assertThatThrownBy(
            () ->
                CursorKeys.load(
                    () -> List.of(dev.gatehouse.core.Secret.of("weak", "s3cret-but-short"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("weak")
        .hasMessageNotContaining("s3cret");
  }
}
