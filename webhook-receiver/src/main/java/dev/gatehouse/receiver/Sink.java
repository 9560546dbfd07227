package dev.gatehouse.receiver;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.Optional;

/** A place that takes deliveries of one source. */
interface Sink {
  /** Hands a delivery over once; never fails. */
  Future<Answer> post(Leased delivery);

  /** Lets go of what it holds; what is under way may fail. */
  default Future<Void> close() {
    return Future.succeededFuture();
  }

  /** How that ended. */
  sealed interface Answer {
    /** The destination answered over HTTP. */
    record Status(int code, Optional<Duration> retryAfter) implements Answer {
      boolean isSuccess() {
        return code >= 200 && code <= 299;
      }

      // 429 asks for less of everything; other 4xx are about this delivery.
      @Override
      public boolean failsDestination() {
        return code >= 500 || code == 429;
      }
    }

    /** It took the delivery for good. */
    record Taken() implements Answer {}

    /** It can never take this delivery; {@code why} is ours. */
    record Never(String why) implements Answer {}

    /** It did not answer; {@code why} is ours, and holds nothing that came over the wire. */
    record None(String why) implements Answer {
      @Override
      public boolean failsDestination() {
        return true;
      }
    }

    /** Whether it says that the destination as a whole does not work. */
    default boolean failsDestination() {
      return false;
    }

    /** How long to leave it alone, if it said so. */
    default Optional<Duration> retryAfter() {
      return Optional.empty();
    }
  }
}
