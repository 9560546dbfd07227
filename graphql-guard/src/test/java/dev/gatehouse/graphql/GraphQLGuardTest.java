package dev.gatehouse.graphql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.KillSwitch;
import dev.gatehouse.core.Principal;
import dev.gatehouse.core.RateLimiter.Rate;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.graphql.cost.CostBucket;
import dev.gatehouse.graphql.cost.CostDirectives;
import graphql.ExecutionInput;
import graphql.ExecutionResult;
import graphql.ExperimentalApi;
import graphql.GraphQL;
import graphql.GraphQLError;
import graphql.execution.preparsed.PreparsedDocumentEntry;
import graphql.execution.preparsed.PreparsedDocumentProvider;
import graphql.language.OperationDefinition.Operation;
import graphql.schema.DataFetcher;
import graphql.schema.GraphQLSchema;
import graphql.schema.idl.RuntimeWiring;
import graphql.schema.idl.SchemaGenerator;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GraphQLGuardTest {
  private static final String SDL =
      """
      type Query {
        users(first: Int): [User] @listSize(slicingArguments: ["first"], requireOneSlicingArgument: false)
        broken: String @cost(weight: "1")
      }
      type User { name: String friends: [User] @listSize(assumedSize: 2) }
      type Mutation { login(name: String): Boolean @cost(weight: "1") }
      type Subscription { ticks: User }
      """;

  private final AtomicInteger calls = new AtomicInteger();
  private int returned = 1;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void limit_queryMutationAndSubscription_isJudgedColdAndWarm(boolean prepared) {
    GraphQL graphql = graphql(guard().limits(Limits.builder().aliases(0).build()), prepared);
    for (String document :
        List.of(
            "{ a: users(first: 1) { name } }",
            "mutation { a: login }",
            "subscription { a: ticks { name } }")) {
      for (int round = 0; round < 3; round++) {
        assertThat(codes(graphql.execute(document))).as(document).containsExactly("ALIAS_LIMIT");
      }
    }
    assertThat(calls).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void limits_ofTwoCallers_areEachTheirOwnWithOneDocument(boolean prepared) {
    GraphQL graphql =
        graphql(
            guard()
                .limits(
                    context -> Limits.builder().depth(context.getOrDefault("depth", 1)).build()),
            prepared);
    String document = "{ users(first: 1) { name } }";
    for (int round = 0; round < 2; round++) {
      assertThat(codes(execute(graphql, document, Map.of("depth", 1))))
          .containsExactly("DEPTH_LIMIT");
      assertThat(codes(execute(graphql, document, Map.of("depth", 2)))).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void tokens_ofTwoCallers_areJudgedBeforeParsingAndNeverCached(boolean prepared) {
    GraphQL graphql =
        graphql(
            guard()
                .limits(
                    context -> Limits.builder().tokens(context.getOrDefault("tokens", 3)).build()),
            prepared);
    String document = "{ users(first: 1) { name } }";
    for (int round = 0; round < 2; round++) {
      assertThat(codes(execute(graphql, document, Map.of("tokens", 3))))
          .containsExactly("TOKEN_LIMIT");
      assertThat(codes(execute(graphql, document, Map.of("tokens", 30)))).isEmpty();
    }
  }

  @Test
  void document_thatAPersistedQueryStandsFor_isJudgedByItself() {
    GraphQL.Builder builder =
        GraphQL.newGraphQL(schema()).preparsedDocumentProvider(new Prepared());
    GraphQL graphql =
        guard().limits(Limits.builder().tokens(5).build()).build().applyTo(builder).build();

    // the cache was filled by another GraphQL, and what is sent is a mark
    assertThat(codes(graphql.execute("mark"))).containsExactly("TOKEN_LIMIT");
  }

  @Test
  void strict_isTheDefault() {
    GraphQL graphql = graphql(guard(), false);

    assertThat(codes(graphql.execute("{ users(first: 5000) { name } }"))).contains("COST_LIMIT");
    assertThat(codes(graphql.execute("{ users(first: -5) { name } }")))
        .containsExactly("SLICING_ARGUMENT_REQUIRED");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void document_thatValidationWouldNotSurvive_isRefusedBeforeIt(boolean prepared) {
    GraphQL graphql = graphql(guard().limits(Limits.none()), prepared);
    StringBuilder chain = new StringBuilder("{ users(first: 1) { ...F0 } }");
    for (int i = 0; i < 10_000; i++) {
      chain.append(" fragment F" + i + " on User { ...F" + (i + 1) + " }");
    }
    chain.append(" fragment F10000 on User { name }");

    for (int round = 0; round < 2; round++) {
      assertThat(codes(graphql.execute(chain.toString()))).containsExactly("DEPTH_LIMIT");
    }
  }

  @Test
  void variables_tooDeepOrLarge_areRefusedBeforeTheyAreCoerced() {
    GraphQL graphql = graphql(guard().limits(Limits.builder().variableBytes(100).build()), false);
    Object deep = 1;
    for (int i = 0; i < 5_000; i++) {
      deep = List.of(deep);
    }
    String document = "query($n: Int) { users(first: $n) { name } }";

    assertThat(
            codes(graphql.execute(input(document, Map.of()).variables(Map.of("n", deep)).build())))
        .containsExactly("DEPTH_LIMIT");
    assertThat(
            codes(
                graphql.execute(
                    input(document, Map.of()).variables(Map.of("x", "y".repeat(200))).build())))
        .containsExactly("TOKEN_LIMIT");
  }

  @Test
  void dryRun_pricesAndRunsNothing() {
    GraphQL graphql = graphql(guard().reportCost(true), false);

    ExecutionResult result =
        execute(graphql, "{ users(first: 3) { name } }", Map.of(GraphQLGuard.DRY_RUN, true));

    assertThat(result.getErrors()).isEmpty();
    assertThat(result.<Object>getData()).isNull();
    assertThat(cost(result)).containsEntry("requestedQueryCost", 4L);
    assertThat(calls).hasValue(0);
  }

  @Test
  void bucket_chargesTheEstimateAndRefundsWhatWasNotUsed() {
    GraphQL graphql = graphql(guard().bucket(bucket(10)).reportCost(true), false);

    ExecutionResult first = execute(graphql, "{ users(first: 7) { name } }", caller("ann", "acme"));

    // estimated 1 + 7, used 1 + 1
    assertThat(cost(first))
        .containsEntry("requestedQueryCost", 8L)
        .containsEntry("actualQueryCost", 2L);
    assertThat(cost(first).get("throttleStatus"))
        .isEqualTo(Map.of("maximumAvailable", 10L, "currentlyAvailable", 8L, "restoreRate", 1L));
  }

  @Test
  void bucket_thatHoldsTooLittle_refusesThatCallerOfThatTenantOnly() {
    GraphQL graphql = graphql(guard().bucket(bucket(10)).reportCost(true), false);
    returned = 5;
    String document = "{ users(first: 5) { name } }";
    assertThat(codes(execute(graphql, document, caller("ann", "acme")))).isEmpty();
    int before = calls.get();

    ExecutionResult refused = execute(graphql, document, caller("ann", "acme"));

    assertThat(codes(refused)).containsExactly("RATE_LIMITED");
    assertThat(refused.getErrors().get(0).getExtensions()).containsEntry("retryAfter", 2L);
    assertThat(cost(refused)).containsKey("throttleStatus");
    assertThat(calls).hasValue(before);
    assertThat(codes(execute(graphql, document, caller("ann", "globex")))).isEmpty();
    assertThat(codes(execute(graphql, document, caller("bob", "acme")))).isEmpty();
  }

  @Test
  void bucket_smallerThanThePrice_refusesForGood() {
    GraphQL graphql = graphql(guard().bucket(bucket(10)), false);

    assertThat(codes(graphql.execute("{ users(first: 20) { name } }")))
        .containsExactly("COST_LIMIT");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void bucket_thatAnswersLater_isAskedBeforeAnythingRuns(boolean grant) {
    Promise<CostBucket.Charge> answer = Promise.promise();
    GraphQL graphql = graphql(guard().bucket(new LateBucket(answer.future())), false);

    CompletableFuture<ExecutionResult> result =
        graphql.executeAsync(input("{ users(first: 1) { name } }", Map.of()).build());
    assertThat(result).isNotDone();
    assertThat(calls).hasValue(0);
    answer.complete(new CostBucket.Charge(grant, 1, Duration.ofSeconds(grant ? 0 : 3)));

    assertThat(codes(result.join())).isEqualTo(grant ? List.of() : List.of("RATE_LIMITED"));
    assertThat(calls.get() > 0).isEqualTo(grant);
  }

  @Test
  void bucket_thatCannotBeAsked_refuses() {
    GraphQL graphql =
        graphql(guard().bucket(new LateBucket(Future.failedFuture("store is down"))), false);

    assertThat(codes(graphql.execute("{ users(first: 1) { name } }"))).containsExactly("INTERNAL");
    assertThat(calls).hasValue(0);
  }

  @Test
  void bucket_thatAnswersLater_isNotChargedForAKindThatMayNotRunThisWay() {
    SpentBucket bucket = new SpentBucket(Future.succeededFuture());
    GraphQL graphql = graphql(guard().bucket(bucket), false);

    for (String document : List.of("mutation { login }", "subscription { ticks { name } }")) {
      ExecutionInput.Builder input = ExecutionInput.newExecutionInput(document);
      input.graphQLContext(
          Map.of(AllowedOperations.class, AllowedOperations.of(Set.of(Operation.QUERY))));
      assertThat(codes(graphql.execute(input.build()))).containsExactly("OPERATION_NOT_ALLOWED");
    }
    assertThat(bucket.charges).hasValue(0);
    assertThat(calls).hasValue(0);
  }

  @Test
  void bucket_thatAnswersLater_isNotChargedForWhatDoesNotRun() {
    SpentBucket bucket = new SpentBucket(Future.succeededFuture());
    KillSwitch switches = KillSwitch.create(() -> Instant.ofEpochSecond(1_800_000_000));
    switches.engage(KillSwitch.Kind.OPERATION, "Query.broken", "test");
    GraphQL graphql = graphql(guard().bucket(bucket).killSwitch(switches), false);

    for (ExecutionInput.Builder input :
        List.of(
            ExecutionInput.newExecutionInput("{ users(first: 1) { name "),
            ExecutionInput.newExecutionInput("{ users(first: 1) { nowhere } }"),
            ExecutionInput.newExecutionInput("{ users(first: 5000) { name } }"),
            ExecutionInput.newExecutionInput("{ users(first: -1) { name } }"),
            ExecutionInput.newExecutionInput("query($n: Int!) { users(first: $n) { name } }"),
            ExecutionInput.newExecutionInput("query A { users { name } } query B { broken }"),
            ExecutionInput.newExecutionInput("query A { users(first: 1) { name } }")
                .operationName("B"),
            ExecutionInput.newExecutionInput("{ broken }"))) {
      assertThat(graphql.execute(input.build()).isDataPresent()).isFalse();
    }
    assertThat(bucket.charges).hasValue(0);
    assertThat(calls).hasValue(0);
  }

  @Test
  void price_ofAnOperationThatIsStoppedWhileItIsTaken_comesBack() {
    Promise<Void> answer = Promise.promise();
    SpentBucket bucket = new SpentBucket(answer.future());
    KillSwitch switches = KillSwitch.create(() -> Instant.ofEpochSecond(1_800_000_000));
    GraphQL graphql = graphql(guard().bucket(bucket).killSwitch(switches), false);

    CompletableFuture<ExecutionResult> result =
        graphql.executeAsync(input("{ users(first: 1) { name } }", Map.of()).build());
    switches.engage(KillSwitch.Kind.OPERATION, "Query.users", "test");
    answer.complete();

    assertThat(codes(result.join())).containsExactly("OPERATION_NOT_ALLOWED");
    assertThat(bucket.charges).hasValue(1);
    assertThat(bucket.spent).hasValue(0);
  }

  @Test
  void price_ofAnOperationThatIsCancelledWhileItIsTaken_comesBack() {
    Promise<Void> answer = Promise.promise();
    SpentBucket bucket = new SpentBucket(answer.future());
    GraphQL graphql = graphql(guard().bucket(bucket), false);

    ExecutionInput input = input("{ users(first: 1) { name } }", Map.of()).build();
    CompletableFuture<ExecutionResult> result = graphql.executeAsync(input);
    input.cancel();
    answer.complete();

    assertThat(result.join().isDataPresent()).isFalse();
    assertThat(calls).hasValue(0);
    assertThat(bucket.charges).hasValue(1);
    assertThat(bucket.spent).hasValue(0);
  }

  @Test
  void price_ofASubscriptionWhoseSourceDoesNotOpen_comesBack() {
    SpentBucket bucket = new SpentBucket(Future.succeededFuture());
    GraphQL graphql = graphql(guard().bucket(bucket), false);
    sourceFailure = new IllegalStateException("jdbc:secret");

    ExecutionResult refused = graphql.execute("subscription { ticks { friends { name } } }");

    assertThat(codes(refused)).containsExactly("INTERNAL");
    assertThat(bucket.charges).hasValue(1);
    long failed = bucket.spent.getAndSet(0);
    sourceFailure = null;
    ExecutionResult begun = graphql.execute("subscription { ticks { friends { name } } }");
    assertThat(begun.getErrors()).isEmpty();
    // one that has begun has its price: each of its events may cost as much
    assertThat(bucket.spent.get()).isGreaterThan(failed);
    assertThat(failed).isEqualTo(1);
  }

  @Test
  void actualCost_pastItsFactor_endsTheOperationWithoutData() {
    GraphQL graphql = graphql(guard().actualCost(2).reportCost(true), false);
    returned = 500;

    ExecutionResult result = graphql.execute("{ users(first: 2) { friends { name } } }");

    assertThat(codes(result)).containsExactly("COST_LIMIT");
    assertThat(result.<Object>getData()).isNull();
    assertThat(calls.get()).isLessThan(500);
  }

  @Test
  void actualCost_ofEachEvent_beginsAnew() {
    GraphQL graphql = graphql(guard().actualCost(1).reportCost(true), false);

    ExecutionResult started = graphql.execute("subscription { ticks { name } }");
    List<ExecutionResult> events = new ArrayList<>();
    CompletableFuture<Void> done = collect(started.getData(), events);
    for (int i = 0; i < 3; i++) {
      ticks.submit(Map.of("name", "tick"));
    }
    ticks.close();
    done.join();

    assertThat(events).hasSize(3).allSatisfy(event -> assertThat(event.getErrors()).isEmpty());
    assertThat(cost(events.get(2))).containsEntry("actualQueryCost", 2L);
  }

  @Test
  void exception_ofAResolver_isMaskedAndToldWithItsId() {
    Map<String, Throwable> told = new ConcurrentHashMap<>();
    GraphQL graphql = graphql(guard().onInternalError(told::put), false);

    ExecutionResult result = graphql.execute("{ broken }");

    assertThat(codes(result)).containsExactly("INTERNAL");
    assertThat(result.toSpecification().toString()).doesNotContain("jdbc");
    Object id = result.getErrors().get(0).getExtensions().get("correlationId");
    assertThat(told).containsOnlyKeys(String.valueOf(id));
    assertThat(told.values())
        .singleElement()
        .extracting(Throwable::getMessage)
        .isEqualTo("jdbc:secret");
  }

  @Test
  void errors_moreThanAHundred_areCutOff() {
    GraphQL graphql = graphql(guard().limits(Limits.none()), false);
    StringBuilder document = new StringBuilder("{");
    for (int i = 0; i < 150; i++) {
      document.append(" a" + i + ": broken");
    }

    ExecutionResult result = graphql.execute(document.append(" }").toString());

    assertThat(result.getErrors()).hasSize(100);
    assertThat(result.getErrors().get(99).getExtensions()).containsEntry("leftOut", 51);
  }

  @Test
  void instrumentation_ofTheUser_isKept() {
    AtomicInteger seen = new AtomicInteger();
    GraphQL.Builder builder =
        GraphQL.newGraphQL(schema())
            .instrumentation(
                new graphql.execution.instrumentation.SimplePerformantInstrumentation() {
                  @Override
                  public DataFetcher<?> instrumentDataFetcher(
                      DataFetcher<?> fetcher,
                      graphql.execution.instrumentation.parameters
                              .InstrumentationFieldFetchParameters
                          parameters,
                      graphql.execution.instrumentation.InstrumentationState state) {
                    seen.incrementAndGet();
                    return fetcher;
                  }
                });

    guard().build().applyTo(builder).build().execute("{ users(first: 1) { name } }");

    assertThat(seen).hasValue(2);
  }

  private volatile @Nullable RuntimeException sourceFailure;
  private final SubmissionPublisher<Object> ticks = new SubmissionPublisher<>(Runnable::run, 16);

  private GraphQLSchema schema() {
    RuntimeWiring wiring =
        RuntimeWiring.newRuntimeWiring()
            .type(
                "Query",
                type ->
                    type.dataFetcher("users", env -> users())
                        .dataFetcher(
                            "broken",
                            env -> {
                              throw new IllegalStateException("jdbc:secret");
                            }))
            .type("User", type -> type.dataFetcher("friends", env -> users()))
            .type("Mutation", type -> type.dataFetcher("login", env -> calls.incrementAndGet() > 0))
            .type(
                "Subscription",
                type ->
                    type.dataFetcher(
                        "ticks",
                        env -> {
                          calls.incrementAndGet();
                          RuntimeException failure = sourceFailure;
                          if (failure != null) {
                            throw failure;
                          }
                          return ticks;
                        }))
            .build();
    return new SchemaGenerator().makeExecutableSchema(CostDirectives.read(SDL), wiring);
  }

  private List<Map<String, Object>> users() {
    calls.incrementAndGet();
    return Collections.nCopies(returned, Map.of("name", "x"));
  }

  private GraphQLSchema made = schema();

  private GraphQLGuard.Builder guard() {
    made = schema();
    return GraphQLGuard.builder(made).dangerouslyWithoutAuthorization();
  }

  private GraphQL graphql(GraphQLGuard.Builder guard, boolean prepared) {
    GraphQL.Builder builder = GraphQL.newGraphQL(made);
    if (prepared) {
      builder.preparsedDocumentProvider(new Prepared());
    }
    return guard.build().applyTo(builder).build();
  }

  private static ExecutionInput.Builder input(String document, Map<String, ?> context) {
    return ExecutionInput.newExecutionInput(document).graphQLContext(new HashMap<>(context));
  }

  private static ExecutionResult execute(GraphQL graphql, String document, Map<String, ?> context) {
    ExecutionInput.Builder input = ExecutionInput.newExecutionInput(document);
    input.graphQLContext(
        of ->
            context.forEach(
                (key, value) -> of.of(value instanceof Principal ? Principal.class : key, value)));
    return graphql.execute(input.build());
  }

  private static Map<String, ?> caller(String id, String tenant) {
    return Map.of(
        "principal",
        Principal.vouchedBy("test", Principal.Kind.USER, id).tenant(TenantId.of(tenant)).build());
  }

  @Test
  void bucket_whereSomethingIsDeferred_keepsThePriceOfWhatHasNotRunYet() {
    GraphQLSchema deferring =
        CostDirectives.schema(
            """
            directive @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT
            type Query { n: String slow: Slow }
            type Slow @cost(weight: "50") { name: String }
            """);
    CostBucket bucket = bucket(100);
    GraphQL graphql =
        GraphQLGuard.builder(deferring)
            .dangerouslyWithoutAuthorization()
            .bucket(bucket)
            .dangerouslyAllowDeferred()
            .build()
            .applyTo(GraphQL.newGraphQL(deferring))
            .build();

    ExecutionResult result =
        graphql.execute(
            ExecutionInput.newExecutionInput("{ n ... @defer { slow { name } } }")
                .graphQLContext(Map.of(ExperimentalApi.ENABLE_INCREMENTAL_SUPPORT, true))
                .build());

    assertThat(result.getErrors()).isEmpty();
    assertThat(bucket.charge("anonymous", 0).result().available()).isEqualTo(100 - 51);
  }

  @Test
  void defer_notAllowed_sendsEverythingInOneMaskedAnswer() {
    GraphQLSchema deferring =
        CostDirectives.schema(
            """
            directive @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT
            type Query { n: String }
            """);
    GraphQL graphql =
        GraphQLGuard.builder(deferring)
            .dangerouslyWithoutAuthorization()
            .build()
            .applyTo(GraphQL.newGraphQL(deferring))
            .build();

    ExecutionResult result =
        graphql.execute(
            ExecutionInput.newExecutionInput("{ ... @defer { n } }")
                .graphQLContext(Map.of(ExperimentalApi.ENABLE_INCREMENTAL_SUPPORT, true))
                .build());

    assertThat(result).isNotInstanceOf(graphql.incremental.IncrementalExecutionResult.class);
    assertThat(result.toSpecification()).containsOnlyKeys("data");
  }

  private static CostBucket bucket(long burst) {
    return CostBucket.inMemory(
        new Rate(burst, 1, Duration.ofSeconds(1)), 100, () -> Instant.ofEpochSecond(1_800_000_000));
  }

  private static List<String> codes(ExecutionResult result) {
    return result.getErrors().stream().map(GraphQLGuardTest::code).toList();
  }

  private static String code(GraphQLError error) {
    return error.getExtensions() == null
        ? error.getMessage()
        : String.valueOf(error.getExtensions().get("code"));
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> cost(ExecutionResult result) {
    return (Map<String, Object>) result.getExtensions().get("cost");
  }

  private static CompletableFuture<Void> collect(
      org.reactivestreams.Publisher<ExecutionResult> events, List<ExecutionResult> into) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    org.reactivestreams.FlowAdapters.toFlowPublisher(events)
        .subscribe(
            new Flow.Subscriber<>() {
              @Override
              public void onSubscribe(Flow.Subscription subscription) {
                subscription.request(Long.MAX_VALUE);
              }

              @Override
              public void onNext(ExecutionResult item) {
                into.add(item);
              }

              @Override
              public void onError(Throwable throwable) {
                done.completeExceptionally(throwable);
              }

              @Override
              public void onComplete() {
                done.complete(null);
              }
            });
    return done;
  }

  /** Keeps what was parsed, and takes the text "mark" for a query that it knows. */
  private static final class Prepared implements PreparsedDocumentProvider {
    private final Map<String, PreparsedDocumentEntry> entries = new ConcurrentHashMap<>();

    @Override
    public CompletableFuture<PreparsedDocumentEntry> getDocumentAsync(
        ExecutionInput input,
        java.util.function.Function<ExecutionInput, PreparsedDocumentEntry> parse) {
      ExecutionInput known =
          input.getQuery().equals("mark")
              ? input.transform(builder -> builder.query("{ users(first: 1) { name } }"))
              : input;
      return CompletableFuture.completedFuture(
          entries.computeIfAbsent(known.getQuery(), text -> parse.apply(known)));
    }
  }

  /** A bucket in a store that takes its time. */
  private record LateBucket(Future<CostBucket.Charge> answer) implements CostBucket {
    @Override
    public Rate rate() {
      return new Rate(100, 1, Duration.ofSeconds(1));
    }

    @Override
    public Future<Charge> charge(String key, long cost) {
      return answer;
    }

    @Override
    public Future<Void> refund(String key, long cost) {
      return Future.succeededFuture();
    }
  }

  /** The same, with what was taken and not given back. */
  private static final class SpentBucket implements CostBucket {
    private final Future<Void> answers;
    private final AtomicInteger charges = new AtomicInteger();
    private final AtomicLong spent = new AtomicLong();

    SpentBucket(Future<Void> answers) {
      this.answers = answers;
    }

    @Override
    public Rate rate() {
      return new Rate(100, 1, Duration.ofSeconds(1));
    }

    @Override
    public Future<Charge> charge(String key, long cost) {
      charges.incrementAndGet();
      return answers.map(answer -> new Charge(true, 100 - spent.addAndGet(cost), Duration.ZERO));
    }

    @Override
    public Future<Void> refund(String key, long cost) {
      spent.addAndGet(-cost);
      return Future.succeededFuture();
    }
  }
}
