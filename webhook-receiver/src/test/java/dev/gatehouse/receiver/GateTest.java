package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.receiver.Deliver.Rate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GateTest {
  private final ManualClock clock = new ManualClock(Fixture.NOW);
  private final List<String> turns = new ArrayList<>();

  private Gate gate(int concurrency, Optional<Rate> rate) {
    return gate(concurrency, rate, clock);
  }

  private static Gate gate(int concurrency, Optional<Rate> rate, InstantSource clock) {
    Circuit.Settings circuit =
        new Circuit.Settings(2, Duration.ofSeconds(2), Duration.ofMinutes(1));
    return new Gate(new Gate.Limits(concurrency, rate, circuit), clock, () -> 0L);
  }

  /** Each time it is looked at, it is that much later. */
  private InstantSource movingOn(Duration step) {
    return () -> {
      clock.advance(step);
      return clock.instant();
    };
  }

  private static Gate.Limits limits(int concurrency, long perSecond) {
    return new Gate.Limits(
        concurrency,
        Optional.of(new Rate(perSecond, Duration.ofSeconds(1))),
        Circuit.Settings.DEFAULT);
  }

  @Test
  void limits_ofTwoSources_areTheLowerOfBoth() {
    Gate.Limits both = limits(16, 100).and(limits(4, 500));

    assertThat(both.concurrency()).isEqualTo(4);
    assertThat(both.rate()).contains(new Rate(100, Duration.ofSeconds(1)));
    Rate hourly = new Rate(3600, Duration.ofHours(1));
    assertThat(hourly.isBelow(new Rate(2, Duration.ofSeconds(1)))).isTrue();
    assertThat(hourly.isBelow(new Rate(50, Duration.ofMinutes(1)))).isFalse();
  }

  @Test
  void places_taken_areNotGivenTwice() {
    Gate gate = gate(3, Optional.empty());

    assertThat(gate.take(() -> turns.add("a"))).isEqualTo(3);
    assertThat(gate.take(() -> turns.add("b"))).isZero();
    gate.putBack(2);

    assertThat(turns).containsExactly("b");
    assertThat(gate.take(() -> {})).isEqualTo(2);
  }

  @Test
  void sources_thatWait_takeTurns() {
    Gate gate = gate(1, Optional.empty());
    Runnable a = () -> turns.add("a");
    Runnable b = () -> turns.add("b");
    gate.take(a);
    gate.take(b);
    for (int i = 0; i < 4; i++) {
      gate.ended(new Sink.Answer.Taken(), i % 2 == 0 ? a : b);
      gate.take(i % 2 == 0 ? b : a);
    }

    assertThat(turns).containsExactly("b", "a", "b", "a");
  }

  @Test
  void attempt_ofASourceThatIsServedOtherwiseNow_spendsNoTurn() {
    Gate gate = gate(1, Optional.empty());
    Runnable a = () -> turns.add("a");
    Runnable b = () -> turns.add("b");
    gate.take(a);
    gate.take(a);
    gate.take(b);
    gate.ended(new Sink.Answer.Taken(), null);
    gate.take(a);
    gate.ended(new Sink.Answer.Taken(), a);
    gate.take(b);
    gate.ended(new Sink.Answer.Taken(), b);

    assertThat(turns).containsExactly("a", "b", "a");
  }

  @Test
  void rate_perPeriod_isKeptWithATenthOfBurst() {
    Gate gate = gate(1000, Optional.of(new Rate(100, Duration.ofSeconds(1))));
    int begun = 0;
    for (int i = 0; i < 100; i++) {
      begun += gate.take(() -> {});
      clock.advance(Duration.ofMillis(10));
    }

    assertThat(begun).isBetween(100, 110);
    gate.take(() -> {});
    assertThat(gate.take(() -> {})).isZero();
    assertThat(gate.retryIn())
        .hasValueSatisfying(w -> assertThat(w).isLessThan(Duration.ofMillis(20)));
  }

  @Test
  void rate_ofPlacesThatWerePutBack_isNotSpent() {
    Gate gate = gate(10, Optional.of(new Rate(10, Duration.ofHours(1))));

    assertThat(gate.take(() -> {})).isEqualTo(1);
    gate.putBack(1);
    assertThat(gate.take(() -> {})).isEqualTo(1);
    assertThat(gate.take(() -> {})).isZero();
  }

  @Test
  void circuit_open_tellsWhenToAskAndWakesAllWhenItCloses() {
    Gate gate = gate(2, Optional.empty());
    gate.take(() -> {});
    gate.ended(new Sink.Answer.None("down"), () -> turns.add("a"));
    gate.ended(new Sink.Answer.Status(503, Optional.empty()), () -> turns.add("a"));
    turns.clear();

    assertThat(gate.circuitState()).isEqualTo(Circuit.State.OPEN);
    assertThat(gate.take(() -> turns.add("b"))).isZero();
    assertThat(gate.retryIn()).contains(Duration.ofSeconds(1));
    clock.advance(Duration.ofSeconds(1));
    assertThat(gate.take(() -> turns.add("c"))).isEqualTo(1);
    assertThat(gate.take(() -> turns.add("d"))).isZero();
    gate.ended(new Sink.Answer.Status(404, Optional.empty()), () -> turns.add("c"));

    assertThat(gate.circuitState()).isEqualTo(Circuit.State.CLOSED);
    assertThat(turns).containsExactly("b", "d", "c");
  }

  @Test
  void circuit_whoseTimePassesWhileItRefuses_stillTellsWhenToAsk() {
    Gate gate = gate(2, Optional.empty(), movingOn(Duration.ofMillis(600)));
    gate.take(() -> {});
    gate.ended(new Sink.Answer.None("down"), null);
    gate.ended(new Sink.Answer.None("down"), null);

    assertThat(gate.take(() -> {})).as("opened 600 ms ago, for a second").isZero();
    assertThat(gate.retryIn()).contains(Duration.ofMillis(400));
    assertThat(gate.take(() -> {})).isEqualTo(1);
  }

  @Test
  void rate_thatAllowsAgainWhileItRefuses_isAskedAgainAtOnce() {
    Rate rate = new Rate(1, Duration.ofMillis(2500));
    Gate gate = gate(2, Optional.of(rate), movingOn(Duration.ofSeconds(1)));
    assertThat(gate.take(() -> {})).isEqualTo(1);

    assertThat(gate.take(() -> {})).as("two seconds after the last").isZero();
    assertThat(gate.retryIn()).contains(Duration.ZERO);
    assertThat(gate.take(() -> {})).isEqualTo(1);
  }

  private int begunIn(Gate gate, int tenMilliseconds) {
    int begun = 0;
    for (int i = 0; i < tenMilliseconds; i++) {
      clock.advance(Duration.ofMillis(10));
      begun += gate.take(() -> {});
    }
    return begun;
  }

  @Test
  void rate_whileTheClockIsSetBack_goesOn() {
    Gate gate = gate(10_000, Optional.of(new Rate(100, Duration.ofSeconds(1))));
    assertThat(gate.take(() -> {})).isEqualTo(10);
    clock.advance(Duration.ofHours(-1));

    assertThat(gate.take(() -> {})).isZero();
    assertThat(begunIn(gate, 100)).isEqualTo(100);
  }

  @Test
  void rate_whileTheClockGoesBackAndForth_isKept() {
    Gate gate = gate(10_000, Optional.of(new Rate(100, Duration.ofSeconds(1))));
    assertThat(gate.take(() -> {})).isEqualTo(10);
    int begun = 0;
    for (int i = 0; i < 20; i++) {
      clock.advance(Duration.ofHours(-1));
      begun += gate.take(() -> {});
      begun += begunIn(gate, 5);
      clock.advance(Duration.ofHours(1));
      begun += gate.take(() -> {});
      begun += begunIn(gate, 5);
      clock.advance(Duration.ofMillis(-50));
      begun += gate.take(() -> {});
      clock.advance(Duration.ofMillis(50));
      begun += gate.take(() -> {});
    }

    assertThat(begun).as("two seconds").isEqualTo(200);
  }

  @Test
  void probe_underWay_isWaitedForWithoutATime() {
    Gate gate = gate(4, Optional.of(new Rate(100, Duration.ofSeconds(1))));
    gate.take(() -> {});
    gate.ended(new Sink.Answer.None("down"), null);
    gate.ended(new Sink.Answer.None("down"), null);
    clock.advance(Duration.ofSeconds(2));
    assertThat(gate.take(() -> {})).as("the probe").isEqualTo(1);

    assertThat(gate.take(() -> turns.add("waits"))).isZero();
    assertThat(gate.retryIn()).isEmpty();
    gate.ended(new Sink.Answer.Taken(), null);

    assertThat(turns).containsExactly("waits");
  }

  @Test
  void places_allTaken_areWaitedForWithoutATime() {
    Gate gate = gate(2, Optional.of(new Rate(100, Duration.ofSeconds(1))));
    gate.take(() -> {});

    assertThat(gate.take(() -> {})).isZero();
    assertThat(gate.retryIn()).isEmpty();
  }

  @Test
  void wait_ofAPartOfAMillisecond_isAWholeOne() {
    Gate gate = gate(1, Optional.of(new Rate(3, Duration.ofSeconds(1))));
    gate.take(() -> {});
    gate.ended(new Sink.Answer.Taken(), null);

    assertThat(gate.take(() -> {})).isZero();
    assertThat(gate.retryIn()).contains(Duration.ofMillis(334));
    clock.advance(Duration.ofMillis(334));
    assertThat(gate.take(() -> {})).isEqualTo(1);
  }

  @Test
  void answer_thatSaysNothingOfTheDestination_leavesTheCircuitAsItIs() {
    Gate gate = gate(2, Optional.empty());
    gate.take(() -> {});
    gate.ended(new Sink.Answer.None("down"), () -> {});
    gate.ended(new Sink.Answer.None("down"), () -> {});
    clock.advance(Duration.ofSeconds(1));
    gate.take(() -> {});
    gate.ended(new Sink.Answer.Never("too large"), () -> {});

    assertThat(gate.circuitState()).isEqualTo(Circuit.State.HALF_OPEN);
    assertThat(gate.take(() -> {})).isEqualTo(1);
  }

  @Test
  void places_putBackWhileAProbeIsUnderWay_letNoSecondOneBegin() {
    Gate gate = gate(4, Optional.empty());
    gate.take(() -> {});
    gate.ended(new Sink.Answer.None("down"), null);
    gate.ended(new Sink.Answer.None("down"), null);
    clock.advance(Duration.ofSeconds(2));
    assertThat(gate.take(() -> {})).as("the probe").isEqualTo(1);

    gate.putBack(1);
    assertThat(gate.take(() -> {})).isZero();
    gate.ended(new Sink.Answer.Never("too large"), null);
    assertThat(gate.take(() -> {})).isZero();
    gate.ended(new Sink.Answer.Never("too large"), null);

    assertThat(gate.take(() -> {})).as("the probe is back").isEqualTo(1);
  }

  @Test
  void places_putBackOfTheProbeItself_letAnotherBegin() {
    Gate gate = gate(2, Optional.empty());
    gate.take(() -> {});
    gate.ended(new Sink.Answer.None("down"), null);
    gate.ended(new Sink.Answer.None("down"), null);
    clock.advance(Duration.ofSeconds(2));
    assertThat(gate.take(() -> {})).isEqualTo(1);
    gate.putBack(1);

    assertThat(gate.take(() -> {})).isEqualTo(1);
  }

  @Test
  void answer_aboutOneDelivery_failsNoDestination() {
    for (int code : new int[] {200, 301, 400, 404, 410, 422}) {
      assertThat(new Sink.Answer.Status(code, Optional.empty()).health())
          .isEqualTo(Sink.Health.WORKS);
    }
    for (int code : new int[] {429, 500, 503}) {
      assertThat(new Sink.Answer.Status(code, Optional.empty()).health())
          .isEqualTo(Sink.Health.FAILS);
    }
    assertThat(new Sink.Answer.Never("too large").health()).isEqualTo(Sink.Health.UNKNOWN);
    assertThat(new Sink.Answer.None("timeout").health()).isEqualTo(Sink.Health.FAILS);
  }
}
