package dev.gatehouse.receiver;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.ReplyException;
import java.time.Duration;
import java.util.Optional;

/**
 * Sends deliveries of one source to an address of the event bus. A delivery counts as taken when
 * its consumer replies; a consumer that fails it with a code from 400 to 599 is understood as that
 * status of HTTP.
 */
final class EventBusSink implements Sink {
  private final Vertx vertx;
  private final String address;
  private final Duration timeout;
  private final DeliveryHeaders headers;

  EventBusSink(Vertx vertx, String address, Duration timeout, DeliveryHeaders headers) {
    this.vertx = vertx;
    this.address = address;
    this.timeout = timeout;
    this.headers = headers;
  }

  @Override
  public Future<Answer> post(Leased delivery) {
    MultiMap all = MultiMap.caseInsensitiveMultiMap();
    try {
      headers.addTo(all, delivery);
    } catch (IllegalArgumentException e) {
      return Future.succeededFuture(new Answer.Never("the delivery could not be signed"));
    }
    DeliveryOptions options =
        new DeliveryOptions().setHeaders(all).setSendTimeout(Math.max(1, timeout.toMillis()));
    return vertx
        .eventBus()
        .<Object>request(address, Buffer.buffer(delivery.body()), options)
        .<Answer>map(reply -> new Answer.Taken())
        .recover(failure -> Future.succeededFuture(answer(failure)));
  }

  private Answer answer(Throwable failure) {
    if (!(failure instanceof ReplyException refused)) {
      return new Answer.None("the event bus failed (" + failure.getClass().getSimpleName() + ")");
    }
    int code = refused.failureCode();
    return switch (refused.failureType()) {
      case NO_HANDLERS -> new Answer.None("nobody consumes the address");
      case TIMEOUT -> new Answer.None("no reply within " + Durations.format(timeout));
      default ->
          code >= 400 && code <= 599
              ? new Answer.Status(code, Optional.empty())
              : new Answer.None("the consumer failed it");
    };
  }
}
