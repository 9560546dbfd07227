package dev.gatehouse.cli;

import dev.gatehouse.webhook.scheme.TimeRule;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.Optional;

/** Reads a time as options and cases write it: seconds since the epoch, or RFC 3339. */
final class Moment {
  /** What a time must be, to end a message. */
  static final String FORM =
      "must be seconds since the epoch, or RFC 3339 such as 2026-01-01T00:00:00Z";

  private static final BigDecimal FIRST = BigDecimal.valueOf(-62_167_219_200L);
  private static final BigDecimal LAST = BigDecimal.valueOf(253_402_300_799L);

  private Moment() {}

  /** Reads either form. */
  static Optional<Instant> parse(String text) {
    if (text.matches("-?[0-9]{1,12}(\\.[0-9]{1,9})?")) {
      return ofSeconds(new BigDecimal(text));
    }
    return rfc3339(text);
  }

  /** Reads RFC 3339. */
  static Optional<Instant> rfc3339(String text) {
    return TimeRule.Unit.RFC3339.parse(text);
  }

  /** Seconds since the epoch, cut to nanoseconds; empty outside of the years 0 to 9999. */
  static Optional<Instant> ofSeconds(BigDecimal seconds) {
    // A number such as 1e-999999999 is short, and its digits would fill the memory.
    boolean reasonable = seconds.scale() >= -20 && seconds.scale() <= 1000;
    if (!reasonable || seconds.compareTo(FIRST) < 0 || seconds.compareTo(LAST) > 0) {
      return Optional.empty();
    }
    BigDecimal whole = seconds.setScale(0, RoundingMode.FLOOR);
    long nanos =
        seconds.subtract(whole).movePointRight(9).setScale(0, RoundingMode.FLOOR).longValue();
    return Optional.of(Instant.ofEpochSecond(whole.longValue(), nanos));
  }
}
