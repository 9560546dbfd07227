package dev.gatehouse.events;

import static dev.gatehouse.events.Callers.ACME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.core.AuditEvent;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What follows from the declarations of topics: policy, masks, overflow, audit and document. */
class TopicCatalogueTest extends HubTest {
  private static final TopicCatalogue TOPICS =
      TopicCatalogue.of(
          TopicDeclaration.of("orders.*")
              .title("Orders")
              .description("What happens to orders")
              .schema(new JsonObject().put("type", "object"))
              .scopes("order:read")
              .hiddenWithout("data.email", "customer:pii")
              .audited()
              .build(),
          TopicDeclaration.of("orders.secret").scopes("order:internal").build(),
          TopicDeclaration.of("prices.>").latestPer("subject").build(),
          TopicDeclaration.of("ticks").dropOldest().build());

  @Override
  protected EventHub.Builder settings() {
    return EventHub.builder(vertx)
        .log(log)
        .topics(TOPICS)
        .audit(audit)
        .clock(clock)
        .killSwitch(killSwitch)
        .limits(EventLimits.builder().queue(4, 1 << 20).build());
  }

  @Test
  void hub_withoutAPolicyOrACatalogue_isRefused() {
    assertThatThrownBy(() -> EventHub.builder(vertx).build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("policy");
  }

  @Test
  void topic_thatIsNotDeclared_cannotBePublishedNorSubscribedTo() {
    assertThat(refused(Event.builder("unheard.of").tenant(ACME).build()))
        .isEqualTo(Refusal.Code.UNDECLARED_TOPIC);
    EventConnection ann = Reader.connect(hub, Callers.of(ACME, "ann", "order:read"));
    for (String topics : List.of("unheard.of", ">", "*", "orders.>", "orders.*.x")) {
      assertThat(Reader.refused(ann, SubscriptionRequest.of(topics)).code())
          .as(topics)
          .isEqualTo(Refusal.Code.FORBIDDEN);
    }
  }

  @Test
  void scopes_ofTheNarrowestDeclaration_decide() {
    EventConnection none = Reader.connect(hub, Callers.of(ACME, "eve"));
    assertThat(Reader.refused(none, SubscriptionRequest.of("orders.paid")).code())
        .isEqualTo(Refusal.Code.FORBIDDEN);
    Reader reader = Reader.of(hub, Callers.of(ACME, "ann", "order:read"), "orders.*");
    Reader insider =
        Reader.of(hub, Callers.of(ACME, "bob", "order:read", "order:internal"), "orders.*");

    publish(ACME, "orders.secret", "secret");
    publish(ACME, "orders.paid", "paid", new JsonObject().put("email", "x").put("n", 1));

    insider.awaitCount(2);
    reader.awaitCount(1);
    assertThat(reader.ids()).containsExactly("paid");
    assertThat(reader.message(0).event().data().bytes().toString()).isEqualTo("{\"n\":1}");
  }

  @Test
  void overflow_ofATopic_isAsDeclared() {
    Reader slow = Reader.idle(hub, Callers.of(ACME, "ann"), SubscriptionRequest.of("ticks"));
    for (int i = 0; i < 10; i++) {
      publish(ACME, "ticks", "t" + i);
    }
    settle(ACME);
    slow.subscription.request(100);
    slow.awaitCount(5);
    assertThat(slow.ids()).containsExactly("gap", "t6", "t7", "t8", "t9");
    assertThat(slow.gaps().get(0).missed()).isEqualTo(6);

    Reader prices = Reader.idle(hub, Callers.of(ACME, "bob"), SubscriptionRequest.of("prices.>"));
    for (int i = 0; i < 10; i++) {
      publish(Event.builder("prices.eu").tenant(ACME).subject("s" + i % 2).id("p" + i).build());
    }
    settle(ACME);
    prices.subscription.request(100);
    prices.awaitCount(3);
    assertThat(prices.ids()).containsExactly("gap", "p8", "p9");
  }

  @Test
  void audit_ofATopicThatAsksForIt_hasEachDeliveryAndDenial_andCountsAreAlwaysKept() {
    Reader reader = Reader.of(hub, Callers.of(ACME, "ann", "order:read"), "orders.*");
    Reader ticks = Reader.of(hub, Callers.of(ACME, "ann"), "ticks");
    publish(ACME, "orders.paid", "paid", new JsonObject().put("email", "s3cret"));
    publish(ACME, "orders.secret", "hidden");
    publish(ACME, "ticks", "tick");
    reader.awaitCount(1);
    ticks.awaitCount(1);
    reader.connection.close();
    assertThat(reader.end()).isEqualTo(EndReason.COMPLETED);

    List<AuditEvent> all = audit.events();
    assertThat(all.stream().filter(e -> e.action().equals("deliver")).map(AuditEvent::toString))
        .singleElement()
        .asString()
        .isEqualTo(
            "events deliver ALLOWED code=ok subject=ann tenant=acme topic=orders.paid event=paid");
    assertThat(all.stream().map(AuditEvent::action)).contains("subscribe", "end");
    assertThat(all.toString()).doesNotContain("s3cret");
    assertThat(count(Count.DELIVERED)).isEqualTo(2);
    assertThat(count(Count.DENIED)).isEqualTo(1);
    assertThat(count(Count.PUBLISHED)).isEqualTo(3);
  }

  @Test
  void metrics_ofAHub_haveTagsFromClosedSetsOnly() {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    EventMetrics.of(hub).bindTo(registry);
    Reader reader = Reader.of(hub, Callers.of(ACME, "ann"), "ticks");
    publish(ACME, "ticks", "t");
    reader.awaitCount(1);
    refused(Event.builder("ticks").build());

    assertThat(registry.get("gatehouse_event_subscriptions").gauge().value()).isEqualTo(1);
    assertThat(
            registry.get("gatehouse_events").tag("outcome", "delivered").functionCounter().count())
        .isEqualTo(1);
    assertThat(
            registry
                .get("gatehouse_event_refusals")
                .tags("what", "publication", "reason", "tenant_required")
                .functionCounter()
                .count())
        .isEqualTo(1);
    assertThat(registry.getMeters().stream().map(Meter::getId).map(Object::toString))
        .noneMatch(id -> id.contains("acme") || id.contains("ann") || id.contains("ticks"));
  }

  @Test
  void document_ofTheTopics_saysWhatIsDeclared() {
    JsonObject document = AsyncApi.of(TOPICS, "Shop", "1.2.0").document();

    assertThat(document.getString("asyncapi")).isEqualTo("3.0.0");
    assertThat(document.getJsonObject("info").getString("title")).isEqualTo("Shop");
    JsonObject channels = document.getJsonObject("channels");
    assertThat(channels.fieldNames())
        .containsExactly("orders_any", "orders_secret", "prices_all", "ticks");
    JsonObject orders = channels.getJsonObject("orders_any");
    assertThat(orders.getString("address")).isEqualTo("orders.{segment}");
    assertThat(orders.getJsonObject("parameters").fieldNames()).containsExactly("segment");
    JsonObject message = orders.getJsonObject("messages").getJsonObject("event");
    assertThat(message.getJsonObject("payload")).isEqualTo(new JsonObject().put("type", "object"));
    assertThat(message.getJsonObject("x-gatehouse-hidden-without"))
        .isEqualTo(new JsonObject().put("data.email", "customer:pii"));
    JsonObject operation = document.getJsonObject("operations").getJsonObject("send_orders_any");
    assertThat(operation.getString("action")).isEqualTo("send");
    assertThat(operation.getJsonArray("x-gatehouse-scopes"))
        .isEqualTo(new JsonArray().add("order:read"));
    assertThat(operation.getJsonObject("channel").getString("$ref"))
        .isEqualTo("#/channels/orders_any");
  }

  @Test
  void document_forAPrincipal_namesNothingThatItMayNotHave() {
    JsonObject document =
        AsyncApi.of(TOPICS, "Shop", "1").documentFor(Callers.of(ACME, "ann", "order:read"));

    assertThat(document.getJsonObject("channels").fieldNames())
        .containsExactly("orders_any", "prices_all", "ticks");
    assertThat(document.encode()).doesNotContain("secret");
  }

  @Test
  void catalogue_withAPatternTwice_isRefused() {
    assertThatThrownBy(
            () ->
                TopicCatalogue.of(
                    TopicDeclaration.of("a").build(), TopicDeclaration.of("a").build()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
