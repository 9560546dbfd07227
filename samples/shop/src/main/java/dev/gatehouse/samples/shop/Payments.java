package dev.gatehouse.samples.shop;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.webhook.Claims;
import dev.gatehouse.webhook.VerifiedWebhook;
import dev.gatehouse.webhook.WebhookHandler;
import dev.gatehouse.webhook.WebhookVerifier;
import dev.gatehouse.webhook.scheme.Schemes;
import io.vertx.core.Future;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.util.Optional;

/**
 * The payment provider's webhooks: a payment makes an order paid, and its tenant hears of it.
 *
 * <p>What we do not understand is acknowledged all the same: the provider would only send it again.
 */
final class Payments {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final ShopData data;
  private final ShopEvents events;
  private final WebhookVerifier provider;

  Payments(ShopData data, ShopEvents events, String secret) {
    this.data = data;
    this.events = events;
    this.provider =
        WebhookVerifier.builder(Schemes.named("standard-webhooks"))
            .source("payments")
            .secrets(SecretSource.of(Secret.of("development", secret)))
            .build();
  }

  void mountOn(Router router) {
    router
        .route("/hooks/payments")
        .handler(WebhookHandler.create(provider, Claims.inMemory(10_000)))
        .handler(this::take);
  }

  private void take(RoutingContext ctx) {
    paid(VerifiedWebhook.of(ctx).bodyBytes())
        .flatMap(order -> data.change(order.tenant(), order.id(), Order.Status.PAID))
        .map(events::paid)
        .orElseGet(Future::succeededFuture)
        .onSuccess(done -> ctx.response().setStatusCode(204).end())
        .onFailure(ctx::fail); // releases the claim: the provider's next attempt runs again
  }

  /** An order as the provider names it. */
  private record Named(String tenant, String id) {}

  private static Optional<Named> paid(byte[] body) {
    JsonNode event;
    try {
      event = JSON.readTree(body);
    } catch (IOException unreadable) {
      return Optional.empty();
    }
    JsonNode tenant = event.at("/data/tenant");
    JsonNode order = event.at("/data/order");
    boolean payment = event.at("/type").asText().equals("payment.succeeded");
    return payment && tenant.isTextual() && order.isTextual()
        ? Optional.of(new Named(tenant.asText(), order.asText()))
        : Optional.empty();
  }
}
