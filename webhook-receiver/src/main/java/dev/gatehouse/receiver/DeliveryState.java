package dev.gatehouse.receiver;

import java.util.Locale;
import java.util.Optional;

/** Where a delivery stands. */
enum DeliveryState {
  /** Stored; waits for its first attempt, or for a reader where nothing is delivered. */
  RECEIVED(0),
  /** An attempt is under way. */
  DELIVERING(1),
  /** The destination answered with a success. */
  DELIVERED(2),
  /** An attempt failed; another follows. */
  RETRYING(3),
  /** Given up: no attempts left, or the destination said that it is gone. */
  DEAD(4),
  /** Kept as evidence, never delivered. */
  QUARANTINED(5);

  private static final DeliveryState[] ALL = values();

  private final int code;

  DeliveryState(int code) {
    this.code = code;
  }

  /** The state that the database holds as that number. */
  static DeliveryState of(int code) {
    for (DeliveryState state : ALL) {
      if (state.code == code) {
        return state;
      }
    }
    throw new IllegalArgumentException("no delivery state has the code " + code);
  }

  static Optional<DeliveryState> named(String name) {
    for (DeliveryState state : ALL) {
      if (state.text().equals(name)) {
        return Optional.of(state);
      }
    }
    return Optional.empty();
  }

  /** What the database holds for it; never changes. */
  int code() {
    return code;
  }

  /** Whether nothing more happens to it by itself. */
  boolean isEnded() {
    return this == DELIVERED || this == DEAD || this == QUARANTINED;
  }

  String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
