package dev.gatehouse.samples.shop;

import dev.gatehouse.core.Decision;
import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.events.Event;
import dev.gatehouse.events.EventData;
import dev.gatehouse.events.EventFacts;
import dev.gatehouse.events.EventHub;
import dev.gatehouse.events.EventLog;
import dev.gatehouse.events.EventPolicy;
import dev.gatehouse.events.EventPublisher;
import dev.gatehouse.events.Published;
import dev.gatehouse.events.SubscriptionRequest;
import dev.gatehouse.events.TopicCatalogue;
import dev.gatehouse.events.TopicDeclaration;
import dev.gatehouse.events.TopicPattern;
import dev.gatehouse.events.filter.Filter;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;

/** What happens to orders: an order's events are seen by those who may see the order. */
final class ShopEvents {
  private static final TopicCatalogue TOPICS =
      TopicCatalogue.of(
          TopicDeclaration.of("orders.paid").title("An order was paid").build(),
          TopicDeclaration.of("orders.cancelled").title("An order was cancelled").build());

  private static final int MAX_ID = 64;

  private final EventHub hub;

  ShopEvents(Vertx vertx) {
    hub =
        EventHub.builder(vertx)
            .log(EventLog.inMemory())
            .topics(TOPICS)
            .policy(new OwnOrders())
            .build();
  }

  EventHub hub() {
    return hub;
  }

  Future<Void> paid(Order order) {
    return publish("orders.paid", order);
  }

  Future<Void> cancelled(Order order) {
    return publish("orders.cancelled", order);
  }

  /** The orders that change, as the caller may see them; only that one, if one is named. */
  Publisher<Order> changes(
      Principal caller, @Nullable String only, Function<String, @Nullable Order> find) {
    SubscriptionRequest all = SubscriptionRequest.of("orders.*");
    SubscriptionRequest wanted =
        only == null
            ? all
            : all.filtered(Filter.cloudEvents(Map.of("exact", Map.of("subject", subject(only)))));
    return EventPublisher.of(hub, caller, wanted)
        .map(event -> Objects.requireNonNull(find.apply(event.subject().orElse(""))));
  }

  // A filter's texts are bounded and never empty; what no id looks like is no order's.
  private static String subject(String id) {
    return id.isEmpty() || id.length() > MAX_ID ? "none" : id;
  }

  private Future<Void> publish(String topic, Order order) {
    return hub.publish(
            Event.builder(topic)
                .tenant(TenantId.of(order.tenantId()))
                .attribute("customer", order.customerId())
                .subject(order.id())
                .data(EventData.json(new JsonObject().put("order", order.id())))
                .build())
        .compose(ShopEvents::accepted);
  }

  // A refusal is an answer and no failure: who waits for the event must not take it for a yes.
  private static Future<Void> accepted(Published answer) {
    return answer instanceof Published.Refused no
        ? Future.failedFuture("the event was refused: " + no.refusal().code().code())
        : Future.succeededFuture();
  }

  /** The tenant is the hub's business, and cannot be got around; within it, the schema's rule. */
  private static final class OwnOrders implements EventPolicy {
    @Override
    public Future<Decision> maySubscribe(Principal principal, TopicPattern topics) {
      return Future.succeededFuture(Decision.allow());
    }

    @Override
    public Decision maySee(Principal principal, EventFacts event) {
      boolean own =
          event.text("customer").filter(c -> Caller.maySeeOrdersOf(principal, c)).isPresent();
      return own ? Decision.allow() : Decision.deny("not_yours", "the order is another customer's");
    }
  }
}
