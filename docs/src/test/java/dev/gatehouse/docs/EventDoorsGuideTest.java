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
import dev.gatehouse.events.SseHandler;
import dev.gatehouse.events.SubscriptionRequest;
import dev.gatehouse.kafka.KafkaEventSource;
import dev.gatehouse.redis.RedisStore;
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
import java.util.concurrent.TimeUnit;
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
