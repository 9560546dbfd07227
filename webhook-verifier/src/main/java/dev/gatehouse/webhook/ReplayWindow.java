package dev.gatehouse.webhook;

import dev.gatehouse.webhook.scheme.Scheme;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How far a signed time may be from now, on both sides: as configured, else the scheme's own. */
final class ReplayWindow {
  private static final Duration MAX = Duration.ofDays(30);

  private ReplayWindow() {}

  /**
   * Checks one that was configured.
   *
   * @throws IllegalArgumentException if it keeps no replay out, or there is no time to hold to it
   */
  static void check(Scheme scheme, Duration configured) {
    if (!scheme.signsTime()) {
      throw new IllegalArgumentException(
          "replayWindow: scheme " + scheme.name() + " signs no time; leave it out");
    }
    if (configured.isNegative() || configured.isZero()) {
      throw new IllegalArgumentException("replayWindow must be positive");
    }
    if (configured.compareTo(MAX) > 0) {
      throw new IllegalArgumentException(
          "replayWindow must be at most 30 days: a longer one keeps no replay out");
    }
  }

  /** The window of a source; null if its scheme signs no time. */
  static @Nullable Duration of(Scheme scheme, @Nullable Duration configured) {
    if (!scheme.signsTime()) {
      return null;
    }
    return configured != null ? configured : scheme.window().orElseThrow();
  }
}
