package dev.gatehouse.receiver;

import dev.gatehouse.receiver.Inbox.Ending;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * What happened to deliveries, each line with the delivery's id, its source and the attempt as keys
 * of their own, so that a collector can follow one delivery; nothing in it came over the wire.
 */
final class AttemptLog {
  private static final Logger LOG = LoggerFactory.getLogger("gatehouse.deliveries");

  private AttemptLog() {}

  static void ended(String source, Leased delivery, Ending ending) {
    if (ending instanceof Ending.GiveUp dead) {
      of(LOG.atWarn(), source, delivery)
          .addKeyValue("state", "dead")
          .addKeyValue("status", dead.status())
          .log("given up: {}", dead.error());
    } else if (ending instanceof Ending.Retry retry) {
      of(LOG.atDebug(), source, delivery)
          .addKeyValue("state", "retrying")
          .addKeyValue("status", retry.status())
          .addKeyValue("next", retry.next())
          .log("tried in vain: {}", retry.error());
    } else if (ending instanceof Ending.Done done) {
      of(LOG.atDebug(), source, delivery)
          .addKeyValue("state", "delivered")
          .addKeyValue("status", done.status())
          .log("delivered");
    }
  }

  static void leftOut(String source, Leased delivery, int headers) {
    of(LOG.atWarn(), source, delivery)
        .addKeyValue("headers", headers)
        .log("headers of the webhook were left out: they cannot be sent on");
  }

  static void unrecorded(String source, Leased delivery) {
    of(LOG.atWarn(), source, delivery)
        .log("the end of an attempt could not be recorded; it is tried again when its lease ends");
  }

  /** What was stored, or known already. */
  static void stored(String source, long id, String outcome) {
    LOG.atDebug()
        .addKeyValue("delivery", () -> DeliveryId.format(id))
        .addKeyValue("source", source)
        .addKeyValue("state", outcome)
        .log("received");
  }

  private static LoggingEventBuilder of(LoggingEventBuilder line, String source, Leased delivery) {
    return line.addKeyValue("delivery", () -> DeliveryId.format(delivery.id()))
        .addKeyValue("source", source)
        .addKeyValue("attempt", delivery.attempt());
  }
}
