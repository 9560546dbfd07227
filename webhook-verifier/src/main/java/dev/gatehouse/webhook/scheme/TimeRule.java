package dev.gatehouse.webhook.scheme;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * Where the signed time stands, how it is written, and how far from now it may be.
 *
 * <p>The text itself is what is signed; a parsed copy is what is compared. Digits are the ASCII
 * ones, without sign, exponent or leading zero, whatever the JVM's locale.
 *
 * @param in where it stands
 * @param unit how it is written
 * @param window how far it may be from now, on both sides, inclusive
 */
public record TimeRule(ValueSource in, Unit unit, Duration window) {
  /** How a time is written. */
  public enum Unit {
    /** Seconds since the epoch. */
    S(11),
    /** Milliseconds since the epoch. */
    MS(14),
    /** RFC 3339, with an offset and up to nanoseconds. */
    RFC3339(40);

    private final int maxLength;

    Unit(int maxLength) {
      this.maxLength = maxLength;
    }

    /** A moment, cut to what this unit can tell. */
    public Instant truncate(Instant instant) {
      return switch (this) {
        case S -> Instant.ofEpochSecond(instant.getEpochSecond());
        case MS ->
            Instant.ofEpochSecond(
                instant.getEpochSecond(), instant.getNano() / 1_000_000 * 1_000_000L);
        case RFC3339 -> instant;
      };
    }

    /** Reads a time; empty if it is not written exactly so. */
    public Optional<Instant> parse(String text) {
      if (text.isEmpty() || text.length() > maxLength) {
        return Optional.empty();
      }
      if (this == RFC3339) {
        return parseRfc3339(text);
      }
      long number = parseNumber(text);
      if (number < 0) {
        return Optional.empty();
      }
      return Optional.of(this == S ? Instant.ofEpochSecond(number) : Instant.ofEpochMilli(number));
    }

    /** Writes a time. */
    public String format(Instant instant) {
      return switch (this) {
        case S -> Long.toString(instant.getEpochSecond());
        case MS -> Long.toString(instant.toEpochMilli());
        case RFC3339 -> instant.truncatedTo(ChronoUnit.SECONDS).toString();
      };
    }

    /** Reads a number of seconds or milliseconds; -1 if it is not written exactly so. */
    public long parseNumber(String text) {
      int length = text.length();
      if (length == 0 || length > maxLength || (length > 1 && text.charAt(0) == '0')) {
        return -1;
      }
      long value = 0;
      for (int i = 0; i < length; i++) {
        int digit = text.charAt(i) - '0';
        if (digit < 0 || digit > 9) {
          return -1;
        }
        value = value * 10 + digit;
      }
      return value;
    }

    private static Optional<Instant> parseRfc3339(String text) {
      // ISO_OFFSET_DATE_TIME also takes +18:00:30 and years of more digits; RFC 3339 does not.
      if (text.length() < 20 || text.charAt(10) != 'T') {
        return Optional.empty();
      }
      try {
        OffsetDateTime time = OffsetDateTime.parse(text, DateTimeFormatter.ISO_OFFSET_DATE_TIME);
        return time.getOffset().getTotalSeconds() % 60 == 0
            ? Optional.of(time.toInstant())
            : Optional.empty();
      } catch (DateTimeException notATime) {
        return Optional.empty();
      }
    }
  }
}
