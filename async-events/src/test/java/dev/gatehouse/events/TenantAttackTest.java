package dev.gatehouse.events;

import static dev.gatehouse.events.Callers.ACME;
import static dev.gatehouse.events.Callers.GLOBEX;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.core.AuditEvent;
import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.events.filter.Filter;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Whatever is tried with tenants, an event reaches its own, or nobody. */
class TenantAttackTest extends HubTest {
  private static final List<Object> NO_TENANTS =
      Arrays.asList(
          null,
          "",
          " ",
          "\t",
          "acme ",
          " acme",
          "acme\n",
          "acme\u0000",
          List.of("acme"),
          List.of("acme", "globex"),
          new String[] {"acme"},
          Map.of("id", "acme"),
          new JsonObject().put("tenant", "acme"),
          7,
          7L,
          1.5,
          true,
          "acme.x",
          "acme/globex",
          "acme:globex",
          "acme,globex",
          "*",
          ">",
          "acme*",
          "acme.>",
          "аcme",
          "acmе",
          "ａcme",
          "acme\u200b",
          "\u202eemca",
          "-acme",
          "a".repeat(65));

  @Test
  void event_whoseTenantIsAbsentOrNoTenantId_reachesNobodyAndIsCountedAndAudited() {
    Reader acme = Reader.of(hub, Callers.of(ACME, "ann"), ">");
    Reader globex = Reader.of(hub, Callers.of(GLOBEX, "bob"), ">");
    for (Object claimed : NO_TENANTS) {
      Event event = Event.builder("orders.paid").tenantFrom(claimed).build();
      assertThat(event.tenant()).as("%s", claimed).isEmpty();
      assertThat(refused(event)).isEqualTo(Refusal.Code.TENANT_REQUIRED);
    }
    publish(ACME, "orders.paid", "last");
    publish(GLOBEX, "orders.paid", "last");
    acme.awaitCount(1);
    globex.awaitCount(1);

    assertThat(acme.ids()).containsExactly("last");
    assertThat(globex.ids()).containsExactly("last");
    assertThat(hub.stats().refusedPublications().get(Refusal.Code.TENANT_REQUIRED))
        .isEqualTo(NO_TENANTS.size());
    assertThat(
            audit.events().stream()
                .filter(e -> e.action().equals("publish"))
                .filter(e -> e.outcome() == AuditEvent.Outcome.DENIED)
                .filter(e -> e.code().equals("tenant_required")))
        .hasSize(NO_TENANTS.size());
  }

  @Test
  void tenant_inAnotherCaseOrWithALikeName_isAnotherTenant() {
    List<String> likes = List.of("acme", "ACME", "Acme", "acme2", "acme-x", "acme_x", "a", "acm");
    List<Reader> readers = new ArrayList<>();
    for (String tenant : likes) {
      readers.add(Reader.of(hub, Callers.of(TenantId.of(tenant), "ann"), ">"));
    }
    for (String tenant : likes) {
      publish(Event.builder("orders.paid").tenantFrom(tenant).id("of-" + tenant).build());
    }
    for (int i = 0; i < likes.size(); i++) {
      readers.get(i).awaitCount(1);
      assertThat(readers.get(i).ids()).containsExactly("of-" + likes.get(i));
    }
  }

  @Test
  void principal_withoutATenant_isRefused() {
    Principal nobody =
        Callers.user("ann").claims(Map.of("tenant", "acme", "tenants", "acme,globex")).build();

    assertThat(refused(nobody)).isEqualTo(Refusal.Code.TENANT_REQUIRED);
    assertThat(
            ((Published.Refused)
                    Await.get(hub.publish(nobody, Event.builder("a").tenant(ACME).build())))
                .refusal()
                .code())
        .isEqualTo(Refusal.Code.TENANT_REQUIRED);
  }

  @Test
  void principal_withASecondTenantInItsClaimsOrScopes_getsItsOwnAlone() {
    Principal two =
        Callers.user("ann")
            .tenant(ACME)
            .claims(Map.of("tenant", "globex", "tenants", "acme globex"))
            .scopes(Set.of("tenant:globex", "globex"))
            .build();
    Reader reader = Reader.of(hub, two, ">");

    publish(GLOBEX, "orders.paid", "foreign");
    publish(ACME, "orders.paid", "own");

    reader.awaitCount(1);
    assertThat(reader.ids()).containsExactly("own");
  }

  @Test
  void request_forASubscription_hasNoPlaceForATenant() {
    assertThat(
            Arrays.stream(SubscriptionRequest.class.getRecordComponents())
                .map(component -> component.getName()))
        .containsExactly("topics", "filter", "cursor");
    for (String trick :
        List.of(
            "*.orders.*",
            "globex:orders",
            "/globex/orders",
            "../globex",
            "orders.*.>.x",
            "*.*",
            "orders.**",
            ">.orders",
            "orders.>>",
            "ord*",
            "",
            ".",
            "a..b",
            " orders",
            "orders\n",
            "a.b.c.d.e.f.g.h.i",
            "оrders")) {
      assertThatThrownBy(() -> TopicPattern.of(trick))
          .as(trick)
          .isInstanceOf(IllegalArgumentException.class);
    }
    for (String trick : List.of("orders.*", ">", "a..b", "", "x".repeat(65), "a/b", "a:b")) {
      assertThatThrownBy(() -> Topic.of(trick))
          .as(trick)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void topic_namedLikeATenant_leadsToNoTenant() {
    Reader acme = Reader.of(hub, Callers.of(ACME, "ann"), "globex.>");

    publish(GLOBEX, "orders.paid", "foreign");
    publish(GLOBEX, "globex.orders.paid", "foreign too");
    publish(ACME, "globex.orders.paid", "own");

    acme.awaitCount(1);
    assertThat(acme.ids()).containsExactly("own");
  }

  @Test
  void filter_thatNegatesATenant_isRefusedAndAnAttributeOfThatNameCannotBe() {
    for (String filter : List.of("not (tenant = 'acme')", "tenant != 'acme'", "exists(tenant)")) {
      assertThatThrownBy(() -> Filter.parse(filter)).isInstanceOf(IllegalArgumentException.class);
    }
    for (String name : List.of("tenant", "tenantid", "tenant_id")) {
      assertThatThrownBy(() -> Event.builder("a").attribute(name, "globex"))
          .isInstanceOf(IllegalArgumentException.class);
    }
    Reader acme =
        Reader.of(
            hub,
            Callers.of(ACME, "ann"),
            SubscriptionRequest.of(">").filtered(Filter.parse("not (data.tenant = 'acme')")));

    publish(GLOBEX, "a", "foreign", new JsonObject().put("tenant", "globex"));
    publish(ACME, "a", "own", new JsonObject().put("tenant", "globex"));

    acme.awaitCount(1);
    assertThat(acme.ids()).containsExactly("own");
  }

  @Test
  void policy_thatAllowsEverythingToEverybody_doesNotOpenAnotherTenant() {
    policy.see = (principal, event) -> dev.gatehouse.core.Decision.allow();
    List<Reader> readers = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      readers.add(Reader.of(hub, Callers.of(TenantId.of("t" + i), "same-user"), ">"));
    }
    for (int i = 0; i < 50; i++) {
      publish(TenantId.of("t" + i), "orders.paid", "t" + i);
    }
    for (int i = 0; i < 50; i++) {
      readers.get(i).awaitCount(1);
      assertThat(readers.get(i).ids()).containsExactly("t" + i);
    }
  }

  @Test
  void decision_ofOneTenant_isNotKeptForTheSameUserOfAnother() {
    policy.see =
        (principal, event) ->
            principal.tenant().equals(Optional.of(ACME)) && event.topic().equals("a")
                ? dev.gatehouse.core.Decision.allow()
                : RulesPolicy.no();
    Reader acme = Reader.of(hub, Callers.of(ACME, "ann", "s"), "a");
    Reader globex = Reader.of(hub, Callers.of(GLOBEX, "ann", "s"), "a");

    for (int i = 0; i < 5; i++) {
      publish(ACME, "a", "e" + i);
      publish(GLOBEX, "a", "e" + i);
    }

    acme.awaitCount(5);
    settle(GLOBEX);
    Await.until("all denied", () -> count(Count.DENIED) == 5);
    assertThat(globex.got).isEmpty();
  }

  @Test
  void publisher_forAnotherTenant_isRefused() {
    Reader globex = Reader.of(hub, Callers.of(GLOBEX, "bob"), ">");
    Principal ann = Callers.of(ACME, "ann");

    Published foreign =
        Await.get(hub.publish(ann, Event.builder("a").tenant(GLOBEX).id("forged").build()));
    Published none = Await.get(hub.publish(ann, Event.builder("a").build()));
    Published own = Await.get(hub.publish(ann, Event.builder("a").tenant(ACME).build()));
    publish(GLOBEX, "a", "own");

    assertThat(((Published.Refused) foreign).refusal().code())
        .isEqualTo(Refusal.Code.FOREIGN_TENANT);
    assertThat(((Published.Refused) none).refusal().code()).isEqualTo(Refusal.Code.TENANT_REQUIRED);
    assertThat(own.isAccepted()).isTrue();
    globex.awaitCount(1);
    assertThat(globex.ids()).containsExactly("own");
  }

  @Test
  void broadcast_ofAnEventThatHasATenant_isRefused() {
    assertThatThrownBy(() -> hub.broadcast(Event.builder("a").tenant(ACME).build()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void log_thatGivesOutAnothersEntries_isNotBelieved() {
    EventLog broken =
        new PassedOnLog(log) {
          @Override
          public Future<LogPage> read(
              TenantId tenant, TopicPattern topics, Position after, int most, long bytes) {
            return log.read(tenant, topics, after, most, bytes)
                .map(
                    page -> {
                      List<LogEntry> mixed = new ArrayList<>();
                      for (LogEntry entry : page.entries()) {
                        mixed.add(
                            new LogEntry(
                                entry.position(), Event.builder("a").tenant(GLOBEX).build()));
                        mixed.add(entry);
                      }
                      return new LogPage(
                          mixed, page.upTo(), page.gap(), page.more(), page.scanned());
                    });
          }
        };
    EventHub over = settings().log(broken).build();
    Reader first = Reader.of(over, Callers.of(ACME, "ann"), ">");
    Await.get(over.publish(Event.builder("a").tenant(ACME).id("own").build()));
    first.awaitCount(1);

    Reader second =
        Reader.of(
            over,
            Callers.of(ACME, "ann"),
            SubscriptionRequest.of(">").from(first.subscription.startCursor()));
    // The cursor is of the same principal, but of another subscription's topics only if they
    // differ.
    second.awaitCount(1);

    assertThat(first.ids()).containsExactly("own");
    assertThat(second.ids()).containsExactly("own");
    assertThat(over.stats().count(Count.FOREIGN_ENTRIES)).isEqualTo(2);
    Await.get(over.close());
  }

  @Test
  void refusalsEndsAuditAndCounts_ofOneTenant_nameNothingOfAnother() {
    Reader.of(hub, Callers.of(GLOBEX, "secret-user"), "secret-topic");
    publish(GLOBEX, "secret-topic", "secret-id", new JsonObject().put("secret-field", 1));
    policy.subscribe = (principal, topics) -> Future.succeededFuture(RulesPolicy.no());
    EventConnection ann = Reader.connect(hub, Callers.of(ACME, "ann"));

    Refusal forbidden = Reader.refused(ann, SubscriptionRequest.of("secret-topic"));
    Refusal unheardOf = Reader.refused(ann, SubscriptionRequest.of("unheard-of"));

    assertThat(forbidden).isEqualTo(unheardOf);
    for (AuditEvent event : audit.events()) {
      if (!event.tenant().equals(Optional.of(GLOBEX))) {
        assertThat(event.toString()).doesNotContain("globex", "secret-user", "secret-id");
      }
      assertThat(event.toString()).doesNotContain("secret-field");
    }
    assertThat(hub.stats().toString()).doesNotContain("globex", "acme", "secret");
  }
}
