package dev.gatehouse.samples.shop;

import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import graphql.schema.DataFetchingEnvironment;
import graphql.schema.idl.RuntimeWiring;
import java.util.concurrent.CompletionStage;
import org.reactivestreams.Publisher;

/** What changes orders, and what tells of changes. */
final class ShopChanges {
  private final ShopData data;
  private final ShopEvents events;

  ShopChanges(ShopData data, ShopEvents events) {
    this.data = data;
    this.events = events;
  }

  void addTo(RuntimeWiring.Builder wiring) {
    wiring
        .type("Mutation", mutation -> mutation.dataFetcher("cancelOrder", this::cancel))
        .type(
            "Subscription",
            subscription -> subscription.dataFetcher("orderChanged", this::changed));
  }

  private CompletionStage<Order> cancel(DataFetchingEnvironment env) {
    String tenant = ShopQueries.caller(env).tenant().map(TenantId::value).orElse("");
    String id = ShopQueries.id(env);
    return data.change(tenant, id, Order.Status.CANCELLED)
        .map(order -> events.cancelled(order).map(order))
        .orElseGet(io.vertx.core.Future::succeededFuture)
        .toCompletionStage();
  }

  private Publisher<Order> changed(DataFetchingEnvironment env) {
    Principal caller = ShopQueries.caller(env);
    String only = env.getArgument("orderId");
    return events.changes(caller, only, data::order);
  }
}
