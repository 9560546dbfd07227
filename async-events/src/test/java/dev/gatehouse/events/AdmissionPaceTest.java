package dev.gatehouse.events;

import static dev.gatehouse.events.Callers.ACME;
import static dev.gatehouse.events.Callers.GLOBEX;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.RateLimiter.Rate;
import dev.gatehouse.core.TenantId;
import java.time.Duration;
import java.util.Random;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

class AdmissionPaceTest {
  private static final int MANY = 1_000;

  private final MovableClock clock = new MovableClock();
  private final AdmissionPace pace =
      new AdmissionPace(Rate.perSecond(100, 40), clock, new Random(1));

  /** How many of so many are let in. */
  private int admitted(TenantId tenant, int count, IntFunction<String> names) {
    int in = 0;
    for (int i = 0; i < count; i++) {
      Occupancy.Caller caller = Occupancy.Caller.of(tenant, Callers.of(tenant, names.apply(i)));
      in += pace.askedToWait(caller).isEmpty() ? 1 : 0;
    }
    return in;
  }

  @Test
  void caller_beyondItsShare_hasHalfOfThePlacesAndItsShareOfTheRest() {
    assertThat(admitted(ACME, MANY, i -> "ann")).isEqualTo(20 + 2);

    assertThat(admitted(ACME, 5, i -> "u" + i)).isEqualTo(5);
    assertThat(admitted(GLOBEX, 10, i -> "u" + i)).isEqualTo(10);
  }

  @Test
  void tenant_beyondItsShare_hasHalfOfThePlacesAndItsShareOfTheRest() {
    assertThat(admitted(ACME, MANY, i -> "u" + i)).isEqualTo(20 + 10);

    assertThat(admitted(GLOBEX, 10, i -> "u" + i)).isEqualTo(10);
    assertThat(admitted(TenantId.of("initech"), 1, i -> "u")).isZero();
  }

  @Test
  void caller_thatIsAlone_hasTheWholePaceInTheLongRun() {
    int first = admitted(ACME, MANY, i -> "ann");
    int in = 0;
    for (int i = 0; i < 100; i++) {
      clock.advance(Duration.ofMillis(100));
      in += admitted(ACME, MANY, each -> "ann");
    }

    assertThat(first).isEqualTo(22);
    assertThat(in).isBetween(998, 1_000);
  }

  @Test
  void caller_thatIsSentAway_isToldToComeOnceThereIsAPlaceForIt() {
    admitted(ACME, MANY, i -> "ann");
    Occupancy.Caller ann = Occupancy.Caller.of(ACME, Callers.of(ACME, "ann"));
    Duration wait = pace.askedToWait(ann).orElseThrow();

    clock.advance(wait);

    assertThat(pace.askedToWait(ann)).isEmpty();
  }

  @Test
  void pace_ofOneAtATime_letsInWhoComesFirst() {
    AdmissionPace narrow = new AdmissionPace(Rate.perSecond(1, 1), clock, new Random(1));
    Occupancy.Caller ann = Occupancy.Caller.of(ACME, Callers.of(ACME, "ann"));

    assertThat(narrow.askedToWait(ann)).isEmpty();
    assertThat(narrow.askedToWait(ann)).isPresent();
  }
}
