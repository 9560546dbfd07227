package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CircuitTest {
  private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");
  private static final Circuit.Settings SETTINGS =
      new Circuit.Settings(3, Duration.ofSeconds(2), Duration.ofSeconds(5));

  private final Circuit circuit = new Circuit(SETTINGS, () -> 0L);

  private void open() {
    for (int i = 0; i < 3; i++) {
      circuit.failed(NOW, Duration.ZERO);
    }
  }

  @Test
  void failures_fewerThanTheLimitInARow_leaveItClosed() {
    circuit.failed(NOW, Duration.ZERO);
    circuit.failed(NOW, Duration.ZERO);
    circuit.succeeded();
    circuit.failed(NOW, Duration.ZERO);
    circuit.failed(NOW, Duration.ZERO);

    assertThat(circuit.state()).isEqualTo(Circuit.State.CLOSED);
    assertThat(circuit.admit(16, NOW)).isEqualTo(16);
  }

  @Test
  void circuit_open_admitsNothingUntilItsTimeAndThenOne() {
    open();

    assertThat(circuit.state()).isEqualTo(Circuit.State.OPEN);
    assertThat(circuit.admit(16, NOW)).isZero();
    assertThat(circuit.admit(16, NOW.plusMillis(999))).isZero();
    assertThat(circuit.admit(16, NOW.plusSeconds(1))).isEqualTo(1);
    assertThat(circuit.admit(16, NOW.plusSeconds(1))).isZero();
    assertThat(circuit.state()).isEqualTo(Circuit.State.HALF_OPEN);
  }

  @Test
  void probe_thatFails_opensForTwiceAsLongUpToTheLongest() {
    open();
    Instant at = NOW;
    for (long half : new long[] {1000, 2000, 2500, 2500}) {
      assertThat(circuit.until()).isEqualTo(at.plusMillis(half));
      at = circuit.until();
      assertThat(circuit.admit(1, at)).isEqualTo(1);
      circuit.failed(at, Duration.ZERO);
    }
  }

  @Test
  void probe_thatSucceeds_closesAndForgetsTheFailures() {
    open();
    circuit.admit(1, circuit.until());
    assertThat(circuit.succeeded()).isTrue();

    assertThat(circuit.admit(16, NOW)).isEqualTo(16);
    open();
    assertThat(circuit.until()).isEqualTo(NOW.plusSeconds(1));
  }

  @Test
  void probe_thatNeverBegan_leavesItsPlaceToAnother() {
    open();
    assertThat(circuit.admit(1, circuit.until())).isEqualTo(1);
    circuit.unused();

    assertThat(circuit.admit(1, circuit.until())).isEqualTo(1);
  }

  @Test
  void destination_askingForTime_getsItWithinBounds() {
    for (int i = 0; i < 3; i++) {
      circuit.failed(NOW, Duration.ofSeconds(4));
    }
    assertThat(circuit.until()).isEqualTo(NOW.plusSeconds(4));
    circuit.admit(1, circuit.until());
    circuit.failed(NOW, Duration.ofDays(1));

    assertThat(circuit.until()).isEqualTo(NOW.plusSeconds(5));
  }

  @Test
  void clock_setBackWhileItIsOpen_keepsItOpenNoLongerThanTheLongest() {
    open();

    assertThat(circuit.admit(16, NOW.minusSeconds(1))).as("two seconds early").isZero();
    assertThat(circuit.until()).isEqualTo(NOW.plusSeconds(1));
    assertThat(circuit.admit(16, NOW.minus(Duration.ofDays(1)))).isEqualTo(1);
    assertThat(circuit.until()).isEqualTo(NOW.minus(Duration.ofDays(1)));
  }

  @Test
  void waits_ofManyReceivers_spreadOverHalfTheTime() {
    SplittableRandom random = new SplittableRandom(3);
    long least = Long.MAX_VALUE;
    long most = 0;
    for (int i = 0; i < 1000; i++) {
      Circuit one =
          new Circuit(new Circuit.Settings(1, SETTINGS.openFor(), SETTINGS.maxOpenFor()), random);
      one.failed(NOW, Duration.ZERO);
      long wait = Duration.between(NOW, one.until()).toMillis();
      least = Math.min(least, wait);
      most = Math.max(most, wait);
    }
    assertThat(least).isBetween(1000L, 1050L);
    assertThat(most).isBetween(1950L, 2000L);
  }
}
