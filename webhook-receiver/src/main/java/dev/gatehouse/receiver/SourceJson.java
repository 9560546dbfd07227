package dev.gatehouse.receiver;

import dev.gatehouse.core.StrictJson;
import dev.gatehouse.receiver.ReceiverConfig.Source;
import dev.gatehouse.receiver.ReceiverConfig.Tenant;
import dev.gatehouse.receiver.RoutingTable.Route;
import dev.gatehouse.webhook.WebhookVerifier.KeyStatus;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Sources as the management API shows them: never a secret, nor a URL that may hold one. */
final class SourceJson {
  private SourceJson() {}

  static JsonObject of(Route route, Map<String, Long> outcomes) {
    Source source = route.source();
    JsonArray keys = new JsonArray();
    route.verifier().keyStatus().forEach(key -> keys.add(key(key, route.keyUse())));
    JsonObject counters = new JsonObject();
    outcomes.forEach(counters::put);
    return new JsonObject()
        .put("name", source.name())
        .put("enabled", source.enabled())
        .put("scheme", source.scheme().name())
        .put("path", source.path())
        .put("owner", source.owner().orElse(null))
        .put("classification", source.classification().orElse(null))
        .put("tenant", tenant(source.tenant()))
        .put("mode", StrictJson.nameOf(source.mode()))
        .put("delivers", source.deliver().isPresent())
        .put("keys", keys)
        .put("counters", counters);
  }

  private static JsonObject key(KeyStatus key, KeyUse use) {
    return new JsonObject()
        .put("id", key.id())
        .put("notBefore", text(key.notBefore()))
        .put("notAfter", text(key.notAfter()))
        .put("valid", key.valid())
        .put("lastUsed", use.lastUsed(key.id()).map(Instant::toString).orElse(null));
  }

  private static @Nullable Object tenant(Tenant tenant) {
    if (tenant instanceof Tenant.Fixed fixed) {
      return fixed.id().value();
    }
    return tenant instanceof Tenant.Pointer pointer
        ? new JsonObject().put("pointer", pointer.pointer())
        : null;
  }

  private static @Nullable String text(@Nullable Instant instant) {
    return instant == null ? null : instant.toString();
  }
}
