package dev.gatehouse.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.AuditSink;
import dev.gatehouse.core.Decision;
import dev.gatehouse.core.KillSwitch;
import dev.gatehouse.core.Principal;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.events.Admission;
import dev.gatehouse.events.AsyncApi;
import dev.gatehouse.events.CursorKeys;
import dev.gatehouse.events.Delivery;
import dev.gatehouse.events.Event;
import dev.gatehouse.events.EventConnection;
import dev.gatehouse.events.EventData;
import dev.gatehouse.events.EventFacts;
import dev.gatehouse.events.EventHub;
import dev.gatehouse.events.EventLimits;
import dev.gatehouse.events.EventLog;
import dev.gatehouse.events.EventMetrics;
import dev.gatehouse.events.EventPolicy;
import dev.gatehouse.events.Mask;
import dev.gatehouse.events.MemoryEventLog;
import dev.gatehouse.events.MemoryLogOptions;
import dev.gatehouse.events.Published;
import dev.gatehouse.events.Subscribed;
import dev.gatehouse.events.Subscription;
import dev.gatehouse.events.SubscriptionRequest;
import dev.gatehouse.events.TopicCatalogue;
import dev.gatehouse.events.TopicDeclaration;
import dev.gatehouse.events.TopicPattern;
import dev.gatehouse.events.filter.Filter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The code of docs/events.md, run. */
class EventsGuideTest {
  private final Vertx vertx = Vertx.vertx();
  private final List<String> written = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() throws Exception {
    get(vertx.close());
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private void write(String line) {
    written.add(line);
  }

  private static Principal ann(String... scopes) {
    return Principal.vouchedBy("test", Principal.Kind.USER, "ann")
        .tenant(TenantId.of("acme"))
        .scopes(Set.of(scopes))
        .build();
  }

  private void awaitWritten(String line) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!written.contains(line) && System.nanoTime() - end < 0) {
      LockSupport.parkNanos(200_000);
    }
    assertThat(written).contains(line);
  }

  @Test
  void hub_withACatalogue_deliversToWhoMayHaveIt() throws Exception {
    Principal principal = ann("order:read");
    // region topics
    TopicCatalogue topics =
        TopicCatalogue.of(
            TopicDeclaration.of("orders.*")
                .title("What happens to orders")
                .scopes("order:read")
                .hiddenWithout("data.customer.email", "customer:pii")
                .build(),
            TopicDeclaration.of("prices.>").latestPer("subject").build());
    // endregion
    // region hub
    EventHub hub = EventHub.builder(vertx).topics(topics).log(EventLog.inMemory()).build();
    // endregion
    // region subscribe
    if (hub.admit(principal) instanceof Admission.Admitted in) {
      in.connection()
          .subscribe(SubscriptionRequest.of("orders.*"))
          .onSuccess(answer -> serve(answer));
    }
    // endregion
    awaitWritten("open");
    JsonObject order = new JsonObject().put("order", "o1");
    // region publish
    Future<Published> published = hub.publish(Event.of(TenantId.of("acme"), "orders.paid", order));
    // endregion
    assertThat(get(published).isAccepted()).isTrue();
    awaitWritten("orders.paid {\"order\":\"o1\"}");
    // region asyncapi
    JsonObject document = AsyncApi.of(topics, "Shop", "1.0.0").document();
    // endregion
    assertThat(document.getJsonObject("channels").fieldNames())
        .containsExactly("orders_any", "prices_all");
    get(hub.close());
    awaitWritten("end shutdown");
  }

  // region serve
  private void serve(Subscribed answer) {
    if (answer instanceof Subscribed.Refused refused) {
      write("no: " + refused.refusal().code().code());
    } else if (answer instanceof Subscribed.Open open) {
      Subscription subscription = open.subscription();
      subscription.ended().onSuccess(reason -> write("end " + reason.code()));
      subscription
          .handler(
              batch -> {
                batch.forEach(each -> write(line(each)));
                subscription.request(batch.size());
              })
          .request(64);
      write("open");
    }
  }

  private static String line(Delivery delivery) {
    return delivery instanceof Delivery.Message message
        ? message.event().topic() + " " + message.event().data().bytes()
        : "something is missing here";
  }

  // endregion

  @Test
  void policy_thatIsWrittenByHand_decides() throws Exception {
    Map<String, Set<String>> followers = Map.of("o1", Set.of("ann"));
    AtomicLong changes = new AtomicLong();
    // region policy
    EventPolicy policy =
        new EventPolicy() {
          @Override
          public long version() {
            return changes.get();
          }

          @Override
          public Future<Decision> maySubscribe(Principal principal, TopicPattern topics) {
            return Future.succeededFuture(Decision.allow());
          }

          @Override
          public Decision maySee(Principal principal, EventFacts event) {
            String order = event.text("subject").orElse("");
            return followers.getOrDefault(order, Set.of()).contains(principal.id())
                ? Decision.allow()
                : Decision.deny("not_following", "you do not follow this order");
          }

          @Override
          public Mask mask(Principal principal, EventFacts event) {
            return principal.scopes().contains("customer:pii")
                ? Mask.none()
                : Mask.hiding("data.customer.email");
          }
        };
    EventHub hub = EventHub.create(vertx, EventLog.inMemory(), policy);
    // endregion
    Admission.Admitted in = (Admission.Admitted) hub.admit(ann());
    serve(get(in.connection().subscribe(SubscriptionRequest.of(">"))));
    for (String subject : List.of("o2", "o1")) {
      get(
          hub.publish(
              Event.builder("orders.paid")
                  .tenant(TenantId.of("acme"))
                  .subject(subject)
                  .data(
                      EventData.json(
                          new JsonObject()
                              .put("order", subject)
                              .put("customer", new JsonObject().put("email", "x"))))
                  .build()));
    }
    awaitWritten("orders.paid {\"order\":\"o1\",\"customer\":{}}");
    assertThat(written).noneMatch(line -> line.contains("o2"));
    get(hub.close());
  }

  @Test
  void tenant_thatASourceNames_isTakenOrLeft() throws Exception {
    EventHub hub = EventHub.create(vertx, EventLog.inMemory(), EventPolicy.everyoneOfTheTenant());
    Map<String, Object> message = Map.of("tenant", List.of("acme"));
    // region tenant-from
    Event event = Event.builder("orders.paid").tenantFrom(message.get("tenant")).build();
    // endregion
    assertThat(get(hub.publish(event)).isAccepted()).isFalse();
    // region broadcast
    Future<Integer> tenants = hub.broadcast(Event.builder("news.maintenance").build());
    // endregion
    assertThat(get(tenants)).isZero();
    get(hub.close());
  }

  @Test
  void filter_inBothForms_isTheSame() {
    // region filter
    Filter text =
        Filter.parse("type = 'order.paid' and data.total >= 100 and not region in ('us')");
    Filter dialects =
        Filter.cloudEvents(
            new JsonArray()
                .add(new JsonObject().put("exact", new JsonObject().put("type", "order.paid"))));
    // endregion
    Map<String, Object> event = Map.of("type", "order.paid", "data.total", 100L, "region", "eu");
    assertThat(text.matches(path -> event.get(path.text()))).isTrue();
    assertThat(dialects.matches(path -> event.get(path.text()))).isTrue();
    assertThat(text.matches(path -> null)).isFalse();
  }

  @Test
  void settings_ofAHub_areTaken() throws Exception {
    InstantSource clock = InstantSource.system();
    SecretSource secrets = () -> List.of(dev.gatehouse.core.Secret.of("2026-11", "k".repeat(40)));
    KillSwitch killSwitch = KillSwitch.create(clock);
    TopicCatalogue topics = TopicCatalogue.of(TopicDeclaration.of("orders.*").build());
    // region settings
    EventHub hub =
        EventHub.builder(vertx)
            .topics(topics)
            .log(
                MemoryEventLog.create(
                    new MemoryLogOptions().eventsPerTopic(5_000).maxAge(Duration.ofMinutes(30)),
                    clock))
            .cursors(CursorKeys.load(secrets))
            .limits(
                EventLimits.builder().connections(20_000, 2_000, 20).queue(2_000, 4 << 20).build())
            .killSwitch(killSwitch)
            .audit(AuditSink.slf4j())
            .build();
    EventMetrics.of(hub).bindTo(new SimpleMeterRegistry());
    // endregion
    Admission.Admitted in = (Admission.Admitted) hub.admit(ann());
    EventConnection connection = in.connection();
    Principal fresh = ann();
    // region live
    Future<Decision> refreshed = connection.refresh(fresh);
    killSwitch.engage(KillSwitch.Kind.OPERATION, "orders.paid", "a leak is looked into");
    hub.revoke(principal -> principal.id().equals("ann"));
    // endregion
    assertThat(get(refreshed)).isNotNull();
    get(connection.ended());
    get(hub.close());
  }
}
