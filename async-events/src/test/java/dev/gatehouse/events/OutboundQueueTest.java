package dev.gatehouse.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.events.Delivery.GapReason;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OutboundQueueTest {
  private static final int MANY = 1_000;

  private final OutboundQueue queue =
      new OutboundQueue(3, 10_000, position -> "c" + position.minor());

  private static LogEntry entry(long place, int bytes) {
    Event event =
        Event.builder("a")
            .tenant(Callers.ACME)
            .id("e" + place)
            .data(EventData.of("text/plain", Buffer.buffer(new byte[bytes])))
            .build();
    return new LogEntry(new Position(1, place), event);
  }

  private static EventView view(LogEntry entry) {
    return EventView.of(entry.event(), Mask.none());
  }

  private boolean offer(long place, Overflow overflow, Object key) {
    LogEntry entry = entry(place, 1);
    return queue.offer(entry, view(entry), overflow, key);
  }

  private static List<String> names(List<Delivery> deliveries) {
    return deliveries.stream()
        .map(
            each ->
                each instanceof Delivery.Gap gap
                    ? gap.reason() + " " + gap.missed() + " " + gap.cursor()
                    : ((Delivery.Message) each).event().id())
        .toList();
  }

  private List<String> drain() {
    queue.request(MANY);
    return names(queue.take(MANY));
  }

  @Test
  void take_moreThanWasAskedFor_givesWhatWasAskedFor() {
    for (int i = 0; i < 3; i++) {
      offer(i, Overflow.DISCONNECT, null);
    }
    assertThat(queue.take(MANY)).isEmpty();
    queue.request(2);
    assertThat(names(queue.take(MANY))).containsExactly("e0", "e1");
    assertThat(queue.take(MANY)).isEmpty();
  }

  @Test
  void isLow_afterARefusal_onceWhatWasRefusedFits() {
    LogEntry large = entry(1, 9_700);
    offer(0, Overflow.DISCONNECT, null);
    assertThat(queue.isLow()).isTrue();

    assertThat(queue.offer(large, view(large), Overflow.DISCONNECT, null)).isFalse();
    assertThat(queue.isLow()).isFalse();

    queue.request(1);
    queue.take(1);
    assertThat(queue.isLow()).isTrue();
  }

  @Test
  void request_beyondAllNumbers_isWithoutEnd() {
    queue.request(Long.MAX_VALUE);
    queue.request(Long.MAX_VALUE);
    offer(0, Overflow.DISCONNECT, null);
    assertThat(names(queue.take(MANY))).containsExactly("e0");
    offer(1, Overflow.DISCONNECT, null);
    assertThat(names(queue.take(MANY))).containsExactly("e1");
  }

  @Test
  void offer_beyondTheCount_disconnects() {
    for (int i = 0; i < 3; i++) {
      assertThat(offer(i, Overflow.DISCONNECT, null)).isTrue();
    }
    assertThat(offer(3, Overflow.DISCONNECT, null)).isFalse();
  }

  @Test
  void offer_beyondTheBytes_disconnects() {
    LogEntry large = entry(0, 9_000);
    assertThat(queue.offer(large, view(large), Overflow.DISCONNECT, null)).isTrue();
    LogEntry more = entry(1, 2_000);
    assertThat(queue.offer(more, view(more), Overflow.DISCONNECT, null)).isFalse();
    assertThat(queue.bytes()).isLessThanOrEqualTo(10_000);
  }

  @Test
  void offer_whereTheOldestMayGo_dropsThemAndMarksOneGap() {
    for (int i = 0; i < 10; i++) {
      assertThat(offer(i, Overflow.DROP_OLDEST, null)).isTrue();
    }
    assertThat(drain()).containsExactly("OVERFLOW 7 c6", "e7", "e8", "e9");
  }

  @Test
  void offer_whereOnlySomeMayGo_dropsThoseAlone() {
    offer(0, Overflow.DISCONNECT, null);
    offer(1, Overflow.DROP_OLDEST, null);
    offer(2, Overflow.DISCONNECT, null);
    assertThat(offer(3, Overflow.DISCONNECT, null)).isTrue();
    assertThat(offer(4, Overflow.DROP_OLDEST, null)).isTrue();
    assertThat(offer(5, Overflow.DISCONNECT, null)).isFalse();
    assertThat(drain()).containsExactly("e0", "OVERFLOW 1 c1", "e2", "e3", "OVERFLOW 1 c4");
  }

  @Test
  void offer_withAKeyThatIsQueued_takesItsPlaceAndMarksTheGap() {
    offer(0, Overflow.LATEST_PER_KEY, "x");
    offer(1, Overflow.LATEST_PER_KEY, "y");
    offer(2, Overflow.LATEST_PER_KEY, "x");
    offer(3, Overflow.LATEST_PER_KEY, "y");
    offer(4, Overflow.LATEST_PER_KEY, "y");
    assertThat(drain()).containsExactly("SUPERSEDED 2 c1", "e2", "SUPERSEDED 1 c3", "e4");
  }

  @Test
  void offer_withAKeyThatWasTaken_supersedesNothing() {
    offer(0, Overflow.LATEST_PER_KEY, "x");
    assertThat(drain()).containsExactly("e0");
    offer(1, Overflow.LATEST_PER_KEY, "x");
    assertThat(drain()).containsExactly("e1");
  }

  @Test
  void hold_untilDecidedAgain_givesNothingAndDropsWithoutAMark() {
    LogEntry undecided = entry(0, 1);
    queue.hold();
    queue.offerUndecided(undecided, Overflow.DISCONNECT);
    offer(1, Overflow.DISCONNECT, null);
    assertThat(drain()).isEmpty();
    assertThat(queue.claimDrain()).isFalse();

    queue.decideAgain(entry -> entry.event().id().equals("e0") ? view(entry) : null);

    assertThat(queue.claimDrain()).isTrue();
    assertThat(names(queue.take(MANY))).containsExactly("e0");
    assertThat(queue.size()).isZero();
    assertThat(queue.bytes()).isZero();
  }

  @Test
  void decideAgain_whileItTakesItsTime_keepsNobodyWaitingAndGivesNothingOut() {
    offer(0, Overflow.DISCONNECT, null);
    offer(1, Overflow.DISCONNECT, null);
    List<List<String>> meanwhile = new ArrayList<>();

    queue.decideAgain(
        entry -> {
          meanwhile.add(
              CompletableFuture.supplyAsync(this::drain).orTimeout(10, TimeUnit.SECONDS).join());
          return view(entry);
        });

    assertThat(meanwhile).containsExactly(List.of(), List.of());
    assertThat(names(queue.take(MANY))).containsExactly("e0", "e1");
  }

  @Test
  void decideAgain_ofAQueueThatIsClosedMeanwhile_leavesItEmpty() {
    offer(0, Overflow.DISCONNECT, null);
    offer(1, Overflow.DISCONNECT, null);
    List<String> decided = new ArrayList<>();

    queue.decideAgain(
        entry -> {
          decided.add(entry.event().id());
          queue.close();
          return null;
        });

    assertThat(decided).containsExactly("e0");
    assertThat(queue.size()).isZero();
    assertThat(queue.bytes()).isZero();
    assertThat(drain()).isEmpty();
  }

  @Test
  void offerUndecided_withoutRoom_dropsNothingThatIsDecided() {
    for (int i = 0; i < 3; i++) {
      offer(i, Overflow.DROP_OLDEST, null);
    }
    queue.hold();

    assertThat(queue.offerUndecided(entry(3, 1), Overflow.DROP_OLDEST)).isFalse();

    queue.decideAgain(OutboundQueueTest::view);
    assertThat(drain()).containsExactly("e0", "e1", "e2");
  }

  @Test
  void offerUndecided_withoutRoom_throwsOutAllBehindTheFirstUndecidedOne() {
    offer(0, Overflow.DISCONNECT, null);
    queue.mark(GapReason.LOG, -1, new Position(1, 1));
    queue.hold();
    queue.offerUndecided(entry(2, 1), Overflow.DISCONNECT);
    queue.mark(GapReason.LOG, -1, new Position(1, 3));
    queue.offerUndecided(entry(4, 1), Overflow.DISCONNECT);

    assertThat(queue.offerUndecided(entry(5, 1), Overflow.DISCONNECT)).isFalse();

    queue.decideAgain(OutboundQueueTest::view);
    assertThat(queue.size()).isEqualTo(1);
    offer(6, Overflow.DISCONNECT, null);
    assertThat(drain()).containsExactly("e0", "LOG -1 c1", "e6");
  }

  @Test
  void close_withQueuedEvents_isEmptyAndStaysSo() {
    offer(0, Overflow.DISCONNECT, null);
    queue.request(MANY);
    queue.close();
    assertThat(offer(1, Overflow.DISCONNECT, null)).isTrue();
    queue.mark(GapReason.LOG, -1, new Position(1, 1));
    assertThat(queue.claimDrain()).isFalse();
    assertThat(queue.take(MANY)).isEmpty();
    assertThat(queue.bytes()).isZero();
  }

  @Test
  void claimDrain_twice_isGrantedOnce() {
    offer(0, Overflow.DISCONNECT, null);
    assertThat(queue.claimDrain()).isFalse();
    queue.request(1);
    assertThat(queue.claimDrain()).isTrue();
    assertThat(queue.claimDrain()).isFalse();
    queue.endDrain();
    assertThat(queue.claimDrain()).isTrue();
  }

  /** Random offers, takes and marks: bounds hold, order holds, and nothing is lost in silence. */
  @Test
  void queue_anyUse_keepsItsBoundsAndAccountsForEachEvent() {
    Random random = new Random(3);
    for (int round = 0; round < 300; round++) {
      OutboundQueue any = new OutboundQueue(8, 6_000, position -> "c" + position.minor());
      Deque<Long> expected = new ArrayDeque<>();
      List<Delivery> got = new ArrayList<>();
      boolean connected = true;
      long place = 0;
      for (int step = 0; step < 200 && connected; step++) {
        if (random.nextInt(3) > 0) {
          LogEntry entry = entry(++place, random.nextInt(1_500));
          Overflow overflow =
              random.nextInt(10) == 0
                  ? Overflow.DISCONNECT
                  : random.nextBoolean() ? Overflow.DROP_OLDEST : Overflow.LATEST_PER_KEY;
          Object key = overflow == Overflow.LATEST_PER_KEY ? (Object) random.nextInt(4) : null;
          connected = any.offer(entry, view(entry), overflow, key);
          if (connected) {
            expected.add(place);
          }
        } else {
          any.request(1 + random.nextInt(5));
          got.addAll(any.take(random.nextInt(6)));
        }
        assertThat(any.size()).isLessThanOrEqualTo(8);
        assertThat(any.bytes()).isLessThanOrEqualTo(6_000);
      }
      any.request(MANY);
      got.addAll(any.take(MANY));
      account(expected, got);
    }
  }

  private static void account(Deque<Long> expected, List<Delivery> got) {
    for (Delivery each : got) {
      if (each instanceof Delivery.Gap gap) {
        for (long i = 0; i < gap.missed(); i++) {
          expected.removeFirst();
        }
        continue;
      }
      assertThat(((Delivery.Message) each).event().id()).isEqualTo("e" + expected.removeFirst());
    }
    assertThat(expected).isEmpty();
  }
}
