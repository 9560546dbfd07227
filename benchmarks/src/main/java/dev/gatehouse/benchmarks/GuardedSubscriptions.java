package dev.gatehouse.benchmarks;

import dev.gatehouse.core.Authentication;
import dev.gatehouse.core.Principal;
import dev.gatehouse.events.EventHub;
import dev.gatehouse.events.EventPublisher;
import dev.gatehouse.events.EventView;
import dev.gatehouse.events.SubscriptionRequest;
import dev.gatehouse.graphql.GraphQLGuard;
import dev.gatehouse.graphql.access.AccessRules;
import dev.gatehouse.graphql.access.SharedEvents;
import dev.gatehouse.graphql.http.GraphQLSocketHandler;
import dev.gatehouse.graphql.http.GuardedService;
import graphql.execution.DataFetcherResult;
import graphql.schema.DataFetchingEnvironment;
import graphql.schema.GraphQLSchema;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.reactivestreams.Publisher;

/** GraphQL subscriptions behind the guard, fed by the hub; each socket is a caller of its own. */
final class GuardedSubscriptions extends HubServer {
  // A socket that reads nothing answers no ping either, and must stay while it is measured.
  private static final Duration KEEP_ALIVE = Duration.ofMinutes(10);

  // nothing of an order is its subscriber's
  @SuppressWarnings("UnnecessaryLambda") // known by its instance
  private static final Function<EventView, DataFetcherResult<Map<String, Object>>> SHARED =
      event -> SharedEvents.of(new JsonObject(event.data().bytes()).getMap());

  private final boolean shares;

  /**
   * Serves at once.
   *
   * @param shares whether an event is executed once for all, instead of for each
   */
  GuardedSubscriptions(Vertx vertx, EventHub.Builder begun, boolean shares) {
    super(begun);
    this.shares = shares;
    Router router = Router.router(vertx);
    router
        .route(OrderSubscription.PATH)
        .handler(
            GraphQLSocketHandler.builder(service())
                .keepAlive(KEEP_ALIVE)
                .operations(PLENTY)
                .maxSockets(MANY, MANY, MANY)
                .build());
    FanoutServer.listen(
        vertx.createHttpServer(OrderSubscription.serverOptions()).requestHandler(router));
  }

  private GuardedService service() {
    GraphQLSchema schema = OrderSubscription.schema(this::orders);
    GraphQLGuard guard =
        GraphQLGuard.builder(schema)
            .access(
                AccessRules.builder()
                    .authenticated("Query")
                    .authenticated("Subscription")
                    .authenticated("Order")
                    .build())
            .killSwitch(switches)
            .build();
    return GuardedService.builder(guard)
        .authenticator(token -> Future.succeededFuture(Authentication.proven(caller())))
        .killSwitch(switches)
        .build();
  }

  private Publisher<?> orders(DataFetchingEnvironment env) {
    Principal principal = Objects.requireNonNull(env.getGraphQlContext().get(Principal.class));
    EventPublisher orders = EventPublisher.of(hub, principal, SubscriptionRequest.of("orders.*"));
    return shares
        ? orders.map(event -> event.once(SHARED))
        : orders.map(event -> new JsonObject(event.data().bytes()).getMap());
  }
}
