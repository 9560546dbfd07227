package dev.gatehouse.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.Authentication;
import dev.gatehouse.core.Authenticator;
import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.events.Event;
import dev.gatehouse.events.EventBusSource;
import dev.gatehouse.events.EventHub;
import dev.gatehouse.events.EventLog;
import dev.gatehouse.events.EventPolicy;
import dev.gatehouse.events.EventPublisher;
import dev.gatehouse.events.EventView;
import dev.gatehouse.events.SseHandler;
import dev.gatehouse.events.SubscriptionRequest;
import dev.gatehouse.graphql.GraphQLGuard;
import dev.gatehouse.graphql.access.AccessDirectives;
import dev.gatehouse.graphql.access.SharedEvents;
import dev.gatehouse.kafka.KafkaEventSource;
import dev.gatehouse.redis.RedisStore;
import graphql.ExecutionInput;
import graphql.ExecutionResult;
import graphql.GraphQL;
import graphql.execution.DataFetcherResult;
import graphql.schema.DataFetcher;
import graphql.schema.GraphQLSchema;
import graphql.schema.idl.RuntimeWiring;
import graphql.schema.idl.SchemaGenerator;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/** The code of docs/events.md about doors and stores. */
class EventDoorsGuideTest {
  private final Vertx vertx = Vertx.vertx();
  private final Principal principal =
      Principal.vouchedBy("guide", Principal.Kind.USER, "ann").tenant(TenantId.of("acme")).build();
  private final Authenticator authenticator =
      token -> Future.succeededFuture(Authentication.proven(principal));
  private final EventHub hub =
      EventHub.create(vertx, EventLog.inMemory(), EventPolicy.everyoneOfTheTenant());

  @AfterEach
  void close() {
    await(hub.close());
    await(vertx.close());
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError("it did not come about", e);
    }
  }

  private static Future<Authentication> sessionOf(RoutingContext ctx) {
    return Future.succeededFuture(
        Authentication.refused("unauthenticated", "sign in before " + ctx.normalizedPath()));
  }

  @Test
  void streams_areServedWithATokenOrASession() {
    Router router = Router.router(vertx);
    // region sse
    router.get("/events").handler(SseHandler.create(hub, authenticator));
    // endregion
    // region sse-cookie
    router
        .get("/page/events")
        .handler(
            SseHandler.builder(hub)
                .principals(ctx -> sessionOf(ctx))
                .heartbeat(Duration.ofSeconds(20))
                .build());
    // endregion
    HttpServer server = await(vertx.createHttpServer().requestHandler(router).listen(0));
    HttpClient client = vertx.createHttpClient();
    Promise<String> seen = Promise.promise();
    StringBuilder text = new StringBuilder();
    RequestOptions events =
        new RequestOptions()
            .setMethod(HttpMethod.GET)
            .setPort(server.actualPort())
            .setURI("/events?topic=orders.*")
            .putHeader("Authorization", "Bearer t");
    await(
        client
            .request(events)
            .compose(request -> request.send())
            .map(
                answer ->
                    answer.handler(
                        bytes -> {
                          text.append(bytes);
                          if (text.indexOf("o1") > 0) {
                            seen.tryComplete(text.toString());
                          }
                        })));
    await(
        hub.publish(
            Event.of(TenantId.of("acme"), "orders.paid", new JsonObject().put("order", "o1"))));

    assertThat(await(seen.future())).contains("\"type\":\"orders.paid\"");
    assertThat(
            await(
                    client
                        .request(new RequestOptions(events).setURI("/page/events?topic=orders.*"))
                        .compose(request -> request.send()))
                .statusCode())
        .isEqualTo(401);
  }

  @Test
  void publisher_givesEventsToASubscriber() {
    // region publisher
    Publisher<JsonObject> orders =
        EventPublisher.of(hub, principal, SubscriptionRequest.of("orders.*"))
            .map(event -> new JsonObject(event.data().bytes()));
    // endregion
    Promise<JsonObject> first = Promise.promise();
    orders.subscribe(
        new Subscriber<>() {
          @Override
          public void onSubscribe(Subscription subscription) {
            subscription.request(1);
          }

          @Override
          public void onNext(JsonObject order) {
            first.tryComplete(order);
          }

          @Override
          public void onError(Throwable cause) {
            first.tryFail(cause);
          }

          @Override
          public void onComplete() {
            first.tryFail("over");
          }
        });
    long source =
        vertx.setPeriodic(
            20,
            tick ->
                hub.publish(
                    Event.of(
                        TenantId.of("acme"), "orders.paid", new JsonObject().put("order", "o1"))));

    assertThat(await(first.future()).getString("order")).isEqualTo("o1");
    vertx.cancelTimer(source);
  }

  @Test
  void sharedEvents_areExecutedOnceInEachTenant() {
    AtomicInteger executed = new AtomicInteger();
    GraphQL graphql = sharing(executed);
    BlockingQueue<String> acme = new LinkedBlockingQueue<>();
    BlockingQueue<String> globex = new LinkedBlockingQueue<>();
    subscribe(graphql, principal, acme);
    subscribe(graphql, of("acme", "bob"), acme);
    subscribe(graphql, of("globex", "ann"), globex);
    while (hub.stats().subscriptions() < 3) {
      Thread.onSpinWait();
    }
    for (String tenant : List.of("acme", "globex")) {
      JsonObject order = new JsonObject().put("id", tenant + "-o1").put("total", 3);
      await(hub.publish(Event.of(TenantId.of(tenant), "orders.paid", order)));
    }

    String acmes = "{data={orderChanged={id=acme-o1, total=3}}}";
    assertThat(List.of(next(acme), next(acme))).containsExactly(acmes, acmes);
    assertThat(next(globex)).isEqualTo("{data={orderChanged={id=globex-o1, total=3}}}");
    assertThat(acme).isEmpty();
    assertThat(globex).isEmpty();
    assertThat(executed).hasValue(2);
  }

  private GraphQL sharing(AtomicInteger executed) {
    // region shared
    Function<EventView, DataFetcherResult<Map<String, Object>>> shared =
        event -> SharedEvents.of(new JsonObject(event.data().bytes()).getMap());
    DataFetcher<Publisher<DataFetcherResult<Map<String, Object>>>> orderChanged =
        env -> {
          Principal caller = env.getGraphQlContext().get(Principal.class);
          return EventPublisher.of(hub, caller, SubscriptionRequest.of("orders.*"))
              .map(event -> event.once(shared));
        };
    // endregion
    GraphQLSchema schema =
        new SchemaGenerator()
            .makeExecutableSchema(
                AccessDirectives.read(
                    "type Query { a: Int @public } type Order @authenticated { id: ID total: Int }"
                        + " type Subscription { orderChanged: Order @authenticated }"),
                RuntimeWiring.newRuntimeWiring()
                    .type("Subscription", type -> type.dataFetcher("orderChanged", orderChanged))
                    .type(
                        "Order",
                        type ->
                            type.dataFetcher(
                                "total",
                                env -> {
                                  executed.incrementAndGet();
                                  return env.<Map<String, Object>>getSource().get("total");
                                }))
                    .build());
    return GraphQLGuard.builder(schema).build().applyTo(GraphQL.newGraphQL(schema)).build();
  }

  private static Principal of(String tenant, String id) {
    return Principal.vouchedBy("guide", Principal.Kind.USER, id)
        .tenant(TenantId.of(tenant))
        .build();
  }

  private static void subscribe(GraphQL graphql, Principal caller, BlockingQueue<String> seen) {
    ExecutionInput input =
        ExecutionInput.newExecutionInput("subscription { orderChanged { id total } }")
            .graphQLContext(Map.of(Principal.class, caller))
            .build();
    Publisher<ExecutionResult> events = graphql.execute(input).getData();
    events.subscribe(
        new Subscriber<>() {
          @Override
          public void onSubscribe(Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
          }

          @Override
          public void onNext(ExecutionResult answer) {
            seen.add(answer.toSpecification().toString());
          }

          @Override
          public void onError(Throwable cause) {
            seen.add("failed: " + cause);
          }

          @Override
          public void onComplete() {
            seen.add("over");
          }
        });
  }

  private static String next(BlockingQueue<String> seen) {
    try {
      return String.valueOf(seen.poll(20, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void eventBus_becomesEvents() {
    JsonObject order = new JsonObject().put("order", "o1");
    // region event-bus
    EventBusSource source =
        EventBusSource.builder(vertx, hub)
            .address("orders.paid")
            .address("legacy-stock", "stock.changed")
            .tenantHeader("tenant")
            .start();
    vertx
        .eventBus()
        .publish("orders.paid", order, new DeliveryOptions().addHeader("tenant", "acme"));
    // endregion
    await(
        vertx
            .eventBus()
            .request("orders.paid", order, new DeliveryOptions().addHeader("tenant", "acme")));
    assertThat(source.accepted()).isEqualTo(2);
    await(source.close());
  }

  // The tests of redis-store and kafka-events run these with the real ones.
  static Future<EventHub> onRedis(Vertx vertx, String redis, EventPolicy policy) {
    // region redis
    Future<EventHub> hub =
        RedisStore.builder(vertx, redis)
            .connect()
            .compose(store -> store.eventLog().maxEvents(20_000).restartsLoseNothing().open())
            .map(log -> EventHub.create(vertx, log, policy));
    // endregion
    return hub;
  }

  static KafkaEventSource fromKafka(Vertx vertx, EventHub hub, String kafka) {
    // region kafka
    KafkaEventSource source =
        KafkaEventSource.builder(vertx, hub, kafka)
            .topic("order-changes", "orders.changed")
            .tenantFromKey()
            .group("events")
            .start();
    // endregion
    return source;
  }
}
