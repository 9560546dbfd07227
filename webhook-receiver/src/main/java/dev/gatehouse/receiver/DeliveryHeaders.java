package dev.gatehouse.receiver;

import dev.gatehouse.receiver.Deliver.Sign;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.WebhookSigner;
import io.vertx.core.MultiMap;
import java.time.InstantSource;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What goes with a delivery besides its body, the same to every kind of destination: the headers
 * that were kept, what says which delivery it is, and the new signature over id, time and body.
 */
final class DeliveryHeaders {
  private final String source;
  private final String url;
  private final InstantSource clock;
  private final @Nullable WebhookSigner signer;

  /**
   * The headers of a source's deliveries.
   *
   * @param url the URL that is signed, where the scheme signs one
   * @throws IllegalArgumentException if the secret to sign with is refused
   */
  DeliveryHeaders(String source, Deliver deliver, String url, InstantSource clock) {
    this.source = source;
    this.url = url;
    this.clock = clock;
    this.signer = deliver.sign().map(DeliveryHeaders::signer).orElse(null);
  }

  private static WebhookSigner signer(Sign sign) {
    return WebhookSigner.create(sign.scheme(), sign.secret().load(), Map.of());
  }

  private static boolean setContentType(MultiMap headers, @Nullable String type) {
    try {
      if (type != null) {
        headers.set("Content-Type", type);
      }
      return true;
    } catch (IllegalArgumentException refused) {
      return false;
    }
  }

  /**
   * Adds them. What came with the webhook and cannot be sent on is left out: it is no fault of the
   * destination's, and would keep the delivery from it for ever.
   *
   * @throws IllegalArgumentException if the delivery cannot be signed
   */
  void addTo(MultiMap headers, Leased delivery) {
    String id = DeliveryId.format(delivery.id());
    int refused = KeptHeaders.addTo(headers, delivery.headers());
    refused += setContentType(headers, delivery.contentType()) ? 0 : 1;
    if (refused > 0) {
      AttemptLog.leftOut(source, delivery, refused);
    }
    headers.set("Gatehouse-Delivery", id);
    headers.set("Gatehouse-Source", source);
    headers.set("Gatehouse-Attempt", Integer.toString(delivery.attempt()));
    if (delivery.verdict() != null) {
      headers.set("Gatehouse-Verdict", "observed; reason=" + delivery.verdict());
    }
    if (signer == null) {
      return;
    }
    WebhookSigner.Outgoing outgoing =
        new WebhookSigner.Outgoing(
            "POST", url, Headers.of(headers), delivery.body(), id, clock.instant());
    for (Header header : signer.sign(outgoing)) {
      headers.set(header.name(), header.value());
    }
  }
}
