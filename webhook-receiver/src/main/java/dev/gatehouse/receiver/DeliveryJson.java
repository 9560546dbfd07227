package dev.gatehouse.receiver;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Deliveries as the management API shows them; keys that have nothing to say are null. */
final class DeliveryJson {
  private DeliveryJson() {}

  static JsonObject page(List<Delivery> found, int limit) {
    List<Delivery> shown = found.size() > limit ? found.subList(0, limit) : found;
    JsonArray deliveries = new JsonArray();
    shown.forEach(delivery -> deliveries.add(of(delivery)));
    String next = found.size() > limit ? DeliveryId.format(shown.get(shown.size() - 1).id()) : null;
    return new JsonObject().put("deliveries", deliveries).put("next", next);
  }

  static JsonObject of(Delivery delivery) {
    return new JsonObject()
        .put("id", DeliveryId.format(delivery.id()))
        .put("source", delivery.source())
        .put("tenant", delivery.tenant())
        .put("scheme", delivery.scheme())
        .put("key", delivery.keyId())
        .put("deliveryId", delivery.senderId())
        .put("eventType", delivery.eventType())
        .put("orderKey", delivery.orderKey())
        .put("method", delivery.method())
        .put("contentType", delivery.contentType())
        .put("size", delivery.size())
        .put("receivedAt", delivery.receivedAt().toString())
        .put("signedAt", text(delivery.signedAt()))
        .put("verdict", verdict(delivery))
        .put("reason", delivery.verdict())
        .put("state", delivery.state().text())
        .put("attempts", delivery.attempts())
        .put("nextAttemptAt", text(delivery.nextAttemptAt()))
        .put("held", delivery.held())
        .put("lastStatus", delivery.lastStatus())
        .put("lastError", delivery.lastError())
        .put("deliveredAt", text(delivery.deliveredAt()));
  }

  private static String verdict(Delivery delivery) {
    if (delivery.state() == DeliveryState.QUARANTINED) {
      return "rejected";
    }
    return delivery.verdict() == null ? "verified" : "observed";
  }

  static JsonObject withContent(JsonObject json, Optional<Inbox.Content> content) {
    return json.put("headers", content.map(c -> new JsonObject(c.headers())).orElse(null))
        .put(
            "bodyBase64",
            content.map(c -> Base64.getEncoder().encodeToString(c.body())).orElse(null));
  }

  private static @Nullable String text(@Nullable Instant instant) {
    return instant == null ? null : instant.toString();
  }
}
