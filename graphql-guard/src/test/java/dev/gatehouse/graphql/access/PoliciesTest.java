package dev.gatehouse.graphql.access;

import static dev.gatehouse.graphql.access.Shop.ann;
import static dev.gatehouse.graphql.access.Shop.caller;
import static dev.gatehouse.graphql.access.Shop.codes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.AuditSink;
import dev.gatehouse.core.Decision;
import dev.gatehouse.core.KillSwitch;
import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import graphql.ExecutionResult;
import graphql.GraphQL;
import graphql.schema.GraphQLSchema;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class PoliciesTest {
  private final AtomicInteger asked = new AtomicInteger();

  private Shop shop(PolicyDecisionPoint point) {
    return new Shop(guard -> guard.policies(Policies.of(point).timeout(Duration.ofMillis(100))));
  }

  private PolicyDecisionPoint answering(Decision decision) {
    return question -> {
      asked.incrementAndGet();
      return Future.succeededFuture(Map.of("may-report", decision));
    };
  }

  @Test
  void policy_thatAllows_grants() {
    ExecutionResult result =
        shop(answering(Decision.allow())).ask(ann(), "{ a: report b: report }");

    assertThat(result.<Map<String, Object>>getData())
        .containsEntry("a", "the report")
        .containsEntry("b", "the report");
    assertThat(asked).hasValue(1);
  }

  @Test
  void policy_whoseRuleIsNotTouched_isNotAsked() {
    shop(answering(Decision.allow()))
        .ask(ann(), "query($b: Boolean = false) { me { id } report @include(if: $b) }");

    assertThat(asked).hasValue(0);
  }

  @Test
  void policy_thatSaysAnythingElse_denies() {
    List<PolicyDecisionPoint> others =
        List.of(
            answering(Decision.deny("no", "no")),
            answering(Decision.abstain()),
            question -> Future.succeededFuture(Map.of()),
            question -> Future.succeededFuture(null),
            question -> Future.failedFuture("down"),
            question -> {
              throw new IllegalStateException("broken");
            },
            question -> null,
            question -> Promise.<Map<String, Decision>>promise().future(),
            PolicyDecisionPoint.of(Map.of()),
            PolicyDecisionPoint.of(Map.of("may-report", question -> null)),
            PolicyDecisionPoint.of(
                Map.of(
                    "may-report",
                    question -> {
                      throw new IllegalStateException("broken");
                    })));
    for (PolicyDecisionPoint point : others) {
      Shop shop = shop(point);
      ExecutionResult result = shop.ask(ann(), "{ report }");
      assertThat(codes(result)).containsExactly("FORBIDDEN");
      assertThat(shop.ran).isEmpty();
    }
    Shop none = new Shop();
    assertThat(codes(none.ask(ann(), "{ report }"))).containsExactly("FORBIDDEN");
  }

  @Test
  void policy_thatAnswersLater_isWaitedForBeforeAnythingRuns() throws Exception {
    Promise<Map<String, Decision>> answer = Promise.promise();
    Shop shop =
        new Shop(
            guard ->
                guard.policies(
                    Policies.of(question -> answer.future()).timeout(Duration.ofSeconds(30))));

    CompletableFuture<ExecutionResult> result =
        shop.graphql.executeAsync(Shop.input(ann(), "{ me { id } report }", Map.of()));
    assertThat(result).isNotDone();
    assertThat(shop.ran).isEmpty();
    answer.complete(Map.of("may-report", Decision.allow()));

    assertThat(result.get(10, TimeUnit.SECONDS).getErrors()).isEmpty();
    assertThat(shop.ran).containsExactly("me", "report");
  }

  @Test
  void policy_thatCannotAnswerAtOnceBehindAnInstrumentationAlone_denies() {
    GraphQLSchema schema = new Shop().schema;
    var guard =
        dev.gatehouse.graphql.GraphQLGuard.builder(schema)
            .policies(Policies.of(question -> Promise.<Map<String, Decision>>promise().future()))
            .access(AccessRules.builder().dangerouslyActsUnasked("Mutation.cancelOrder").build())
            .build();
    GraphQL graphql = GraphQL.newGraphQL(schema).instrumentation(guard.instrumentation()).build();

    assertThat(codes(graphql.execute(Shop.input(ann(), "{ report }", Map.of()))))
        .containsExactly("FORBIDDEN");
  }

  @Test
  void policy_broken_isRecordedAsBroken() {
    AuditSink.InMemory audit = AuditSink.inMemory(5);
    Shop shop =
        new Shop(
            guard ->
                guard.audit(audit).policies(Policies.of(question -> Future.failedFuture("down"))));
    shop.ask(ann(), "{ report }");

    assertThat(audit.events()).hasSize(1);
    assertThat(audit.events().get(0).toString())
        .contains("BROKEN", "refused=Query.report")
        .doesNotContain("down");
  }

  @Test
  void decision_kept_isForAllThatItWasReadFrom() {
    AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
    InstantSource clock = now::get;
    List<String> reads = new CopyOnWriteArrayList<>();
    PolicyDecisionPoint point =
        PolicyDecisionPoint.of(
            Map.of(
                "may-report",
                question -> {
                  reads.add(question.tenant().map(TenantId::value).orElse("-"));
                  boolean may =
                      question.claim("team").filter("finance"::equals).isPresent()
                          && question
                              .variable("year")
                              .filter(Integer.valueOf(2026)::equals)
                              .isPresent();
                  return Future.succeededFuture(may ? Decision.allow() : Decision.deny("no", "no"));
                }));
    Shop shop =
        new Shop(
            guard -> guard.policies(Policies.of(point).cache(100, Duration.ofSeconds(10), clock)));
    List<Asked> all = new ArrayList<>();
    for (String tenant : List.of("acme", "globex")) {
      for (String team : List.of("finance", "sales")) {
        for (int year : List.of(2025, 2026)) {
          all.add(new Asked(tenant, team, year));
        }
      }
    }
    for (int round = 0; round < 3; round++) {
      all.forEach(each -> assertThat(granted(shop, each)).isEqualTo(each.isGranted()));
    }
    // a claim that does not fit is read alone: the year is not asked for
    assertThat(reads).hasSize(6);
    now.set(Instant.EPOCH.plusSeconds(11));
    granted(shop, all.get(0));
    assertThat(reads).hasSize(7);
  }

  private record Asked(String tenant, String team, int year) {
    boolean isGranted() {
      return team.equals("finance") && year == 2026;
    }
  }

  private static boolean granted(Shop shop, Asked asked) {
    Principal caller =
        Principal.vouchedBy("test", Principal.Kind.USER, "one")
            .tenant(TenantId.of(asked.tenant()))
            .claims(Map.of("team", asked.team()))
            .build();
    ExecutionResult result =
        shop.ask(caller, "query($year: Int) { report(year: $year) }", Map.of("year", asked.year()));
    return result.getErrors().isEmpty();
  }

  @Test
  void version_ofThePolicies_isPartOfWhatIsKept() {
    AtomicReference<String> version = new AtomicReference<>("1");
    PolicyDecisionPoint point =
        new PolicyDecisionPoint() {
          @Override
          public Future<Map<String, Decision>> decide(PolicyQuestion question) {
            asked.incrementAndGet();
            Decision decision =
                version.get().equals("1") ? Decision.allow() : Decision.deny("no", "no");
            return Future.succeededFuture(Map.of("may-report", decision));
          }

          @Override
          public String version() {
            return version.get();
          }
        };
    Shop shop =
        new Shop(
            guard ->
                guard.policies(
                    Policies.of(point).cache(10, Duration.ofHours(1), InstantSource.system())));
    assertThat(codes(shop.ask(ann(), "{ report }"))).isEmpty();
    assertThat(codes(shop.ask(ann(), "{ report }"))).isEmpty();
    assertThat(asked).hasValue(1);
    version.set("2");

    assertThat(codes(shop.ask(ann(), "{ report }"))).containsExactly("FORBIDDEN");
  }

  @Test
  void credential_thatHasEnded_isNone() {
    AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
    Shop shop = new Shop(guard -> guard.clock(now::get));
    Principal soon =
        Principal.vouchedBy("test", Principal.Kind.USER, "acme-c1")
            .tenant(TenantId.of("acme"))
            .expiry(Instant.EPOCH.plusSeconds(5))
            .build();
    assertThat(codes(shop.ask(soon, "{ me { id } }"))).isEmpty();
    now.set(Instant.EPOCH.plusSeconds(5));

    assertThat(codes(shop.ask(soon, "{ me { id } }"))).containsOnly("UNAUTHENTICATED");
  }

  @Test
  void killSwitch_ofCallerTenantAndOperation_stopsFromTheNextOperationOn() {
    KillSwitch switches = KillSwitch.create(InstantSource.system());
    Shop shop = new Shop(guard -> guard.killSwitch(switches));
    Map<KillSwitch.Target, String> targets =
        Map.of(
            new KillSwitch.Target(KillSwitch.Kind.PRINCIPAL, "acme-c1"), "FORBIDDEN",
            new KillSwitch.Target(KillSwitch.Kind.TENANT, "acme"), "FORBIDDEN",
            new KillSwitch.Target(KillSwitch.Kind.OPERATION, "Mine"), "OPERATION_NOT_ALLOWED",
            new KillSwitch.Target(KillSwitch.Kind.OPERATION, "Query.me"), "OPERATION_NOT_ALLOWED");
    targets.forEach(
        (target, code) -> {
          switches.engage(target.kind(), target.name(), "test");
          shop.ran.clear();
          ExecutionResult result =
              shop.graphql.execute(
                  Shop.input(ann(), "query Mine { x: me { id } }", Map.of())
                      .transform(input -> input.operationName("Mine")));
          assertThat(codes(result)).as("%s", target).containsExactly(code);
          assertThat(shop.ran).isEmpty();
          switches.release(target.kind(), target.name());
        });
    assertThat(codes(shop.ask(ann(), "query Mine { me { id } }"))).isEmpty();
    switches.engage(KillSwitch.Kind.TENANT, "acme", "test");
    assertThat(codes(shop.ask(caller("globex-c1", "globex"), "{ me { id } }"))).isEmpty();
    assertThat(Set.copyOf(codes(shop.ask(null, "{ product(id: \"p1\") { id } }")))).isEmpty();
  }
}
