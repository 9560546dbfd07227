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

  /** What an answer says of the destination as a whole. */
  enum Health {
    WORKS,
    FAILS,
    UNKNOWN
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
      public Health health() {
        return code >= 500 || code == 429 ? Health.FAILS : Health.WORKS;
      }
    }

    /** It took the delivery for good. */
    record Taken() implements Answer {
      @Override
      public Health health() {
        return Health.WORKS;
      }
    }

    /** It can never take this delivery; {@code why} is ours. */
    record Never(String why) implements Answer {
      @Override
      public Health health() {
        return Health.UNKNOWN;
      }
    }

    /** It did not answer; {@code why} is ours, and holds nothing that came over the wire. */
    record None(String why) implements Answer {
      @Override
      public Health health() {
        return Health.FAILS;
      }
    }

    /** What it says of the destination as a whole. */
    Health health();

    /** How long to leave it alone, if it said so. */
    default Optional<Duration> retryAfter() {
      return Optional.empty();
    }
  }
}
