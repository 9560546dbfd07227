package dev.gatehouse.graphql.access;

import static dev.gatehouse.graphql.access.Shop.codes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.KillSwitch;
import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.graphql.GraphQLGuard;
import graphql.ExecutionInput;
import graphql.ExecutionResult;
import graphql.GraphQL;
import graphql.execution.DataFetcherResult;
import graphql.execution.SubscriptionExecutionStrategy;
import graphql.execution.instrumentation.Instrumentation;
import graphql.execution.instrumentation.InstrumentationState;
import graphql.execution.instrumentation.SimplePerformantInstrumentation;
import graphql.execution.instrumentation.parameters.InstrumentationExecutionParameters;
import graphql.execution.instrumentation.parameters.InstrumentationFieldFetchParameters;
import graphql.schema.DataFetcher;
import graphql.schema.DataFetchingEnvironment;
import graphql.schema.GraphQLSchema;
import graphql.schema.idl.RuntimeWiring;
import graphql.schema.idl.SchemaGenerator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

class SharedEventsTest {
  private static final String SDL =
      """
      type Query { a: Int @public }
      enum Size { SMALL BIG @requiresScopes(scopes: [["big"]]) }
      type Parcel @authenticated {
        id: ID
        plain(n: Int): String
        later: String
        failing: String
        size: Size
        secret: String @requiresScopes(scopes: [["secret"]])
        masked: String @masked(unlessScopes: ["clear"], with: "***")
        contents: Contents
      }
      type Contents @authenticated @tenant { tenantId: String }
      type Subscription { parcel: Parcel @authenticated }
      """;

  private static final String PLAIN = "subscription { parcel { id plain } }";

  /** A source of events, and a schema whose fetchers say that they ran. */
  private static final class World {
    final SubmissionPublisher<Object> source = new SubmissionPublisher<>(Runnable::run, 256);
    final List<String> ran = new CopyOnWriteArrayList<>();
    final BlockingQueue<CompletableFuture<String>> waiting = new LinkedBlockingQueue<>();
    final GraphQLSchema schema =
        new SchemaGenerator()
            .makeExecutableSchema(
                AccessDirectives.read(SDL),
                RuntimeWiring.newRuntimeWiring()
                    .type("Subscription", type -> type.dataFetcher("parcel", env -> source))
                    .type(
                        "Parcel",
                        type ->
                            type.dataFetcher("plain", this::plain)
                                .dataFetcher("later", env -> later())
                                .dataFetcher("failing", env -> failing())
                                .dataFetcher("size", env -> told("size", "SMALL"))
                                .dataFetcher("secret", env -> told("secret", "it"))
                                .dataFetcher("masked", env -> told("masked", "it"))
                                .dataFetcher(
                                    "contents",
                                    env -> told("contents", Map.of("tenantId", "acme"))))
                    .build());
    final GraphQLGuard guard;
    final GraphQL graphql;
    private final @Nullable DataFetcher<?> instead;

    World() {
      this(guard -> guard, null);
    }

    World(UnaryOperator<GraphQLGuard.Builder> further) {
      this(further, null);
    }

    static World fetchingPlain(DataFetcher<?> plain) {
      return new World(guard -> guard, plain);
    }

    private World(UnaryOperator<GraphQLGuard.Builder> further, @Nullable DataFetcher<?> plain) {
      instead = plain;
      guard = further.apply(GraphQLGuard.builder(schema)).build();
      graphql = guard.applyTo(GraphQL.newGraphQL(schema)).build();
    }

    private Object told(String name, Object value) {
      ran.add(name);
      return value;
    }

    private @Nullable Object plain(DataFetchingEnvironment env) throws Exception {
      return instead == null ? told("plain", "plain " + env.getArgument("n")) : instead.get(env);
    }

    private Object later() {
      CompletableFuture<String> answer = new CompletableFuture<>();
      waiting.add(answer);
      return told("later", answer);
    }

    private Object failing() {
      ran.add("failing");
      throw new IllegalStateException("it failed");
    }

    void publish(String id) {
      source.submit(SharedEvents.of(Map.of("id", id)));
    }

    static ExecutionInput.Builder input(@Nullable Principal caller, String document) {
      ExecutionInput.Builder input =
          ExecutionInput.newExecutionInput(document)
              .graphQLContext(
                  Map.of(SubscriptionExecutionStrategy.KEEP_SUBSCRIPTION_EVENTS_ORDERED, true));
      return caller == null ? input : input.graphQLContext(Map.of(Principal.class, caller));
    }

    ExecutionResult answer(
        @Nullable Principal caller,
        String document,
        UnaryOperator<ExecutionInput.Builder> further) {
      return graphql.execute(further.apply(input(caller, document)).build());
    }

    Received subscribe(Principal caller, String document) {
      return subscribe(caller, document, input -> input);
    }

    Received subscribe(
        Principal caller, String document, UnaryOperator<ExecutionInput.Builder> further) {
      return subscribe(caller, document, further, Long.MAX_VALUE);
    }

    Received subscribe(
        @Nullable Principal caller,
        String document,
        UnaryOperator<ExecutionInput.Builder> further,
        long first) {
      ExecutionResult result = answer(caller, document, further);
      assertThat(result.getErrors()).isEmpty();
      Received received = new Received(first);
      result.<Publisher<ExecutionResult>>getData().subscribe(received);
      return received;
    }
  }

  private static Principal of(String tenant, String id, String... scopes) {
    return Principal.vouchedBy("test", Principal.Kind.USER, id)
        .tenant(TenantId.of(tenant))
        .scopes(Set.of(scopes))
        .build();
  }

  @Test
  void event_ofManyWhoAskTheSame_isExecutedOnce() {
    World world = new World();
    List<Received> all = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      all.add(world.subscribe(of("acme", "c" + i), PLAIN));
    }
    world.publish("1");
    world.publish("2");

    assertThat(world.ran).hasSize(2);
    for (Received each : all) {
      assertThat(each.ids()).containsExactly("1", "2");
      assertThat(each.events.get(1).toSpecification())
          .isEqualTo(Map.of("data", Map.of("parcel", Map.of("id", "2", "plain", "plain null"))));
    }
    assertThat(all.get(0).events.get(0)).isInstanceOf(SharedAnswer.class);
    assertThat(all.get(49).events.get(0)).isSameAs(all.get(0).events.get(0));
  }

  @Test
  void event_thatIsNotMarked_isExecutedForEach() {
    World world = new World();
    world.subscribe(of("acme", "c1"), PLAIN);
    world.subscribe(of("acme", "c2"), PLAIN);
    world.source.submit(Map.of("id", "1"));
    world.source.submit(
        DataFetcherResult.newResult().data(Map.of("id", "2")).localContext("mine").build());

    assertThat(world.ran).hasSize(4);
  }

  @Test
  void sameEvent_twice_isAnsweredAsItWas() {
    World world = new World();
    Received one = world.subscribe(of("acme", "c1"), PLAIN);
    DataFetcherResult<Map<String, String>> event = SharedEvents.of(Map.of("id", "1"));
    world.source.submit(event);
    world.source.submit(event);

    assertThat(world.ran).hasSize(1);
    assertThat(one.ids()).containsExactly("1", "1");
  }

  @Test
  void event_forAnotherTenant_isExecutedForItself() {
    World world = new World();
    world.subscribe(of("acme", "c1"), PLAIN);
    world.subscribe(of("acme2", "c1"), PLAIN);
    world.subscribe(Principal.vouchedBy("test", Principal.Kind.USER, "c1").build(), PLAIN);
    world.publish("1");

    assertThat(world.ran).hasSize(3);
  }

  @Test
  void event_forOtherVariables_isExecutedForItself() {
    World world = new World();
    String document = "subscription ($n: Int) { parcel { id plain(n: $n) } }";
    List<Received> all = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      int n = i / 2;
      all.add(
          world.subscribe(of("acme", "c" + i), document, input -> input.variables(Map.of("n", n))));
    }
    world.publish("1");

    assertThat(world.ran).hasSize(3);
    for (int i = 0; i < 6; i++) {
      assertThat(all.get(i).said()).contains("plain " + i / 2);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "subscription { parcel { id plain } },subscription { parcel { id plain(n: 1) } }",
    "subscription { parcel { id plain } },subscription { parcel { id x: plain } }",
    "subscription { parcel { id plain } },subscription { p: parcel { id plain } }",
    "subscription { parcel { id plain } },subscription S { parcel { id plain } }",
  })
  void event_forAnotherDocument_isExecutedForItself(String one, String other) {
    World world = new World();
    Received first = world.subscribe(of("acme", "c1"), one);
    Received second = world.subscribe(of("acme", "c2"), other);
    world.publish("1");

    assertThat(world.ran).hasSize(2);
    assertThat(first.events).hasSize(1);
    assertThat(second.events).hasSize(1);
  }

  @Test
  void event_forAnotherOperationOfOneDocument_isExecutedForItself() {
    World world = new World();
    String both =
        "subscription A { parcel { id plain(n: 1) } } subscription B { parcel { id plain(n: 2) } }";
    Received a = world.subscribe(of("acme", "c1"), both, input -> input.operationName("A"));
    Received b = world.subscribe(of("acme", "c2"), both, input -> input.operationName("B"));
    world.publish("1");

    assertThat(a.said()).contains("plain 1");
    assertThat(b.said()).contains("plain 2");
  }

  @Test
  void event_forAnotherLocale_isExecutedForItself() {
    World world = new World();
    world.subscribe(of("acme", "c1"), PLAIN, input -> input.locale(Locale.ROOT));
    world.subscribe(of("acme", "c2"), PLAIN, input -> input.locale(Locale.GERMAN));
    world.publish("1");

    assertThat(world.ran).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({"size", "secret", "masked", "contents { tenantId }"})
  void event_ofWhichARuleAsksTheCaller_isExecutedForEach(String selection) {
    World world = new World();
    String document = "subscription { parcel { id plain " + selection + " } }";
    Received less = world.subscribe(of("acme", "c1", "big"), document);
    Received more = world.subscribe(of("acme", "c2", "big", "secret", "clear"), document);
    world.publish("1");

    assertThat(world.ran.stream().filter("plain"::equals)).hasSize(2);
    assertThat(less.said()).doesNotContain("secret=it").doesNotContain("masked=it");
    assertThat(more.events).hasSize(1);
  }

  @Test
  void event_ofWhichNothingIsRefused_isSharedByThoseWhoMay() {
    World world = new World();
    String document = "subscription { parcel { id secret } }";
    Received without = world.subscribe(of("acme", "c1"), document);
    Received one = world.subscribe(of("acme", "c2", "secret"), document);
    Received other = world.subscribe(of("acme", "c3", "secret", "more"), document);
    world.publish("1");

    assertThat(world.ran).containsExactly("secret");
    assertThat(codes(without.events.get(0))).containsExactly("FORBIDDEN");
    assertThat(one.said()).contains("secret=it");
    assertThat(other.events.get(0)).isSameAs(one.events.get(0));
  }

  @Test
  void answer_withErrors_isEachSubscribersOwn() {
    World world = new World();
    String document = "subscription { parcel { id failing } }";
    Received one = world.subscribe(of("acme", "c1"), document);
    Received other = world.subscribe(of("acme", "c2"), document);
    world.publish("1");

    assertThat(world.ran).hasSize(2);
    assertThat(codes(one.events.get(0))).containsExactly("INTERNAL");
    assertThat(one.events.get(0).getErrors()).isNotEqualTo(other.events.get(0).getErrors());
  }

  @Test
  void events_whoseExecutionIsCounted_areExecutedForEach() {
    World world = new World(guard -> guard.actualCost(2));
    world.subscribe(of("acme", "c1"), PLAIN);
    world.subscribe(of("acme", "c2"), PLAIN);
    world.publish("1");

    assertThat(world.ran).hasSize(2);
  }

  @Test
  void whoComesWhileTheFirstExecutes_waitsForIt() {
    World world = new World();
    String document = "subscription { parcel { id later } }";
    Received first = world.subscribe(of("acme", "c1"), document);
    Received second = world.subscribe(of("acme", "c2"), document);
    world.publish("1");
    world.publish("2");
    assertThat(world.ran).hasSize(1);
    assertThat(second.events).isEmpty();
    world.waiting.remove().complete("a");

    assertThat(second.ids()).containsExactly("1");
    assertThat(second.events.get(0)).isSameAs(first.events.get(0));
    assertThat(world.ran).hasSize(2);
    world.waiting.remove().complete("b");
    assertThat(first.ids()).containsExactly("1", "2");
    assertThat(second.ids()).containsExactly("1", "2");
  }

  @Test
  void first_whoLeavesBeforeTheAnswer_leavesTheOthersToThemselves() {
    World world = new World();
    String document = "subscription { parcel { id later } }";
    Received first = world.subscribe(of("acme", "c1"), document);
    Received second = world.subscribe(of("acme", "c2"), document);
    Received third = world.subscribe(of("acme", "c3"), document);
    world.publish("1");
    second.subscription.cancel();
    first.subscription.cancel();

    assertThat(world.ran).hasSize(2);
    world.waiting.remove();
    world.waiting.remove().complete("own");
    assertThat(third.said()).contains("later=own");
    assertThat(first.events).isEmpty();
    assertThat(second.events).isEmpty();
  }

  @Test
  void sharedEvent_waitsForThatWhichTheEngineHas() {
    World world = new World();
    String document = "subscription { parcel { id later } }";
    Received one = world.subscribe(of("acme", "c1"), document);
    world.source.submit(Map.of("id", "1"));
    world.source.submit(Map.of("id", "2"));
    world.publish("3");
    world.source.submit(Map.of("id", "4"));
    assertThat(world.waiting).hasSize(2);
    CompletableFuture<String> first = world.waiting.remove();
    world.waiting.remove().complete("b");
    first.complete("a");
    while (!world.waiting.isEmpty()) {
      world.waiting.remove().complete("c");
    }

    assertThat(one.ids()).containsExactly("1", "2", "3", "4");
  }

  @Test
  void eventOfOnesOwn_waitsWhileOthersWaitForTheAnswerBefore() {
    World world = new World();
    String document = "subscription { parcel { id later } }";
    Received first = world.subscribe(of("acme", "c1"), document);
    Received second = world.subscribe(of("acme", "c2"), document);
    world.publish("1");
    world.source.submit(Map.of("id", "2"));
    assertThat(world.waiting).hasSize(1);
    world.waiting.remove().complete("a");
    assertThat(second.ids()).containsExactly("1");
    while (!world.waiting.isEmpty()) {
      world.waiting.remove().complete("b");
    }

    assertThat(first.ids()).containsExactly("1", "2");
    assertThat(second.ids()).containsExactly("1", "2");
  }

  @Test
  void first_whoseExecutionHangs_holdsUpNobodyForEver() throws Exception {
    World world = new World();
    String document = "subscription { parcel { id later } }";
    Received first = world.subscribe(of("acme", "c1"), document);
    Received second = world.subscribe(of("acme", "c2"), document);
    world.publish("1");
    CompletableFuture<String> hangs = world.waiting.remove();
    CompletableFuture<String> own = world.waiting.poll(60, TimeUnit.SECONDS);
    assertThat(own).isNotNull();
    own.complete("own");

    // by the thread whose timer ended, if that has not come back yet
    assertThat(second.hasBegun()).isTrue();
    assertThat(second.said()).contains("later=own");
    assertThat(first.events).isEmpty();
    hangs.complete("late");
    assertThat(first.hasBegun()).isTrue();
    assertThat(first.said()).contains("later=late");
  }

  @Test
  void first_whoseExecutionBreaksBadly_endsAlone() {
    AtomicInteger runs = new AtomicInteger();
    World world =
        World.fetchingPlain(
            env -> {
              if (runs.incrementAndGet() == 1) {
                throw new StackOverflowError();
              }
              return "well";
            });
    Received first = world.subscribe(of("acme", "c1"), PLAIN);
    Received second = world.subscribe(of("acme", "c2"), PLAIN);
    world.publish("1");
    world.publish("2");

    assertThat(first.failure).isInstanceOf(StackOverflowError.class);
    assertThat(second.ids()).containsExactly("1", "2");
    assertThat(world.source.getNumberOfSubscribers()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void subscriber_thatThrows_endsAlone(boolean isFirst) {
    World world = new World();
    List<Received> others = new ArrayList<>();
    if (!isFirst) {
      others.add(world.subscribe(of("acme", "c1"), PLAIN));
    }
    Received throwing =
        new Received(Long.MAX_VALUE) {
          @Override
          public void onNext(ExecutionResult event) {
            throw new IllegalStateException("no");
          }
        };
    world
        .answer(of("acme", "c2"), PLAIN, input -> input)
        .<Publisher<ExecutionResult>>getData()
        .subscribe(throwing);
    others.add(world.subscribe(of("acme", "c3"), PLAIN));
    world.publish("1");
    world.publish("2");

    assertThat(others).allSatisfy(other -> assertThat(other.ids()).containsExactly("1", "2"));
    assertThat(throwing.failure).hasMessage("no");
    assertThat(world.source.getNumberOfSubscribers()).isEqualTo(others.size());
  }

  @Test
  void source_thatFails_takesWithItWhatWaits() {
    World world = new World();
    String document = "subscription { parcel { id later } }";
    world.subscribe(of("acme", "c1"), document);
    Received second = world.subscribe(of("acme", "c2"), document);
    world.publish("1");
    world.publish("2");
    world.source.closeExceptionally(new IllegalStateException("revoked"));
    world.waiting.forEach(each -> each.complete("a"));

    assertThat(second.events).isEmpty();
    assertThat(second.failure).hasMessage("revoked");
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void instrumentation_betweenGuardAndEvents_seesAllOfThem(boolean isOfTheSource) {
    AtomicInteger seen = new AtomicInteger();
    Instrumentation counting =
        new SimplePerformantInstrumentation() {
          @Override
          public DataFetcher<?> instrumentDataFetcher(
              DataFetcher<?> fetcher,
              InstrumentationFieldFetchParameters parameters,
              InstrumentationState state) {
            return env ->
                fetcher.get(env) instanceof Publisher<?> known && isOfTheSource
                    ? counted(known, seen)
                    : fetcher.get(env);
          }

          @Override
          public CompletableFuture<ExecutionResult> instrumentExecutionResult(
              ExecutionResult result,
              InstrumentationExecutionParameters parameters,
              InstrumentationState state) {
            return CompletableFuture.completedFuture(
                result.getData() instanceof Publisher<?> known && !isOfTheSource
                    ? result.transform(builder -> builder.data(counted(known, seen)))
                    : result);
          }
        };
    World world = new World();
    GraphQL graphql =
        world.guard.applyTo(GraphQL.newGraphQL(world.schema).instrumentation(counting)).build();
    for (int i = 0; i < 3; i++) {
      ExecutionResult result = graphql.execute(World.input(of("acme", "c" + i), PLAIN).build());
      result.<Publisher<ExecutionResult>>getData().subscribe(new Received(Long.MAX_VALUE));
    }
    world.publish("1");

    assertThat(seen).hasValue(3);
  }

  private static Publisher<Object> counted(Publisher<?> events, AtomicInteger seen) {
    return subscriber ->
        events.subscribe(
            new Subscriber<Object>() {
              @Override
              public void onSubscribe(Subscription subscription) {
                subscriber.onSubscribe(subscription);
              }

              @Override
              public void onNext(Object event) {
                seen.incrementAndGet();
                subscriber.onNext(event);
              }

              @Override
              public void onError(Throwable cause) {
                subscriber.onError(cause);
              }

              @Override
              public void onComplete() {
                subscriber.onComplete();
              }
            });
  }

  @Test
  void shared_isOnlyWhatWasAskedFor() {
    World world = new World();
    world.subscribe(of("acme", "c1"), PLAIN);
    Received slow = world.subscribe(of("acme", "c2"), PLAIN, input -> input, 1);
    for (int i = 1; i <= 40; i++) {
      world.publish("" + i);
    }
    assertThat(slow.ids()).containsExactly("1");
    slow.subscription.request(2);
    assertThat(slow.ids()).containsExactly("1", "2", "3");
    slow.subscription.request(100);
    assertThat(slow.events).hasSize(40);
    assertThat(world.ran).hasSize(40);
  }

  @Test
  void subscriber_isDecidedOnAnew_whoeverExecuted() {
    AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
    KillSwitch switches = KillSwitch.create(InstantSource.system());
    World world = new World(guard -> guard.clock(now::get).killSwitch(switches));
    Received first = world.subscribe(of("acme", "c1"), PLAIN);
    Received ends =
        world.subscribe(
            Principal.vouchedBy("test", Principal.Kind.USER, "c2")
                .tenant(TenantId.of("acme"))
                .expiry(Instant.EPOCH.plusSeconds(5))
                .build(),
            PLAIN);
    Received stopped = world.subscribe(of("acme", "c3"), PLAIN);
    world.publish("1");
    now.set(Instant.EPOCH.plusSeconds(5));
    switches.engage(KillSwitch.Kind.PRINCIPAL, "c3", "test");
    world.publish("2");

    assertThat(first.ids()).containsExactly("1", "2");
    assertThat(ends.ids()).containsExactly("1");
    assertThat(stopped.ids()).containsExactly("1");
    assertThat(ends.failure).isInstanceOf(SubscriptionEnded.class);
    assertThat(stopped.failure).isInstanceOf(SubscriptionEnded.class);
    assertThat(world.ran).hasSize(2);
  }

  @Test
  void rules_thatAreReadAgain_shareNothingWithThoseBefore(@TempDir Path folder) throws Exception {
    Path path =
        Files.writeString(folder.resolve("policies.yaml"), "rules: { Query.a: { public: true } }");
    PolicyFile file = PolicyFile.read(path);
    World world = new World(guard -> guard.policyFile(file));
    DataFetcherResult<Map<String, String>> event = SharedEvents.of(Map.of("id", "1"));
    Received one = world.subscribe(of("acme", "c1"), PLAIN);
    world.source.submit(event);
    Files.writeString(
        path, "rules: { Parcel.id: { masked: { unlessScopes: [id], with: HIDDEN } } }");
    file.reload();
    world.source.submit(event);

    assertThat(one.ids()).containsExactly("1", "HIDDEN");
    assertThat(world.ran).hasSize(2);
  }

  @Test
  void event_thatIsAskedInTooManyWays_isExecutedForEach() {
    World world = new World();
    String document = "subscription ($n: Int) { parcel { id plain(n: $n) } }";
    List<Received> all = new ArrayList<>();
    for (int i = 0; i < 2 * (SharedAnswers.MOST + 10); i++) {
      int n = i / 2;
      all.add(
          world.subscribe(of("acme", "c" + i), document, input -> input.variables(Map.of("n", n))));
    }
    world.publish("1");

    assertThat(world.ran).hasSize(SharedAnswers.MOST + 2 * 10);
    for (int i = 0; i < all.size(); i++) {
      assertThat(all.get(i).said()).contains("plain " + i / 2 + "}");
    }
  }

  @Test
  void markedEvent_withoutTheGuard_isAnEventLikeAnyOther() {
    World world = new World();
    GraphQL bare = GraphQL.newGraphQL(world.schema).build();
    Received received = new Received(Long.MAX_VALUE);
    bare.execute(PLAIN).<Publisher<ExecutionResult>>getData().subscribe(received);
    world.publish("1");

    assertThat(received.ids()).containsExactly("1");
  }

  @Test
  void secondSubscriber_ofOneAnswer_hasEventsOfItsOwn() {
    World world = new World();
    ExecutionResult result = world.answer(of("acme", "c1"), PLAIN, input -> input);
    Publisher<ExecutionResult> events = result.getData();
    Received one = new Received(Long.MAX_VALUE);
    Received other = new Received(1);
    events.subscribe(one);
    events.subscribe(other);
    world.publish("1");
    world.publish("2");

    assertThat(one.ids()).containsExactly("1", "2");
    assertThat(other.ids()).containsExactly("1");
    assertThat(world.ran).hasSize(2);
  }

  @Test
  void manySubscribers_onManyThreads_getEachEventOnceAndInOrder() throws Exception {
    AtomicInteger executed = new AtomicInteger();
    int subscribers = 64;
    int events = 500;
    List<SubmissionPublisher<Object>> sources = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      sources.add(new SubmissionPublisher<>(Runnable::run, 1024));
    }
    AtomicInteger next = new AtomicInteger();
    GraphQLSchema schema =
        new SchemaGenerator()
            .makeExecutableSchema(
                AccessDirectives.read(SDL),
                RuntimeWiring.newRuntimeWiring()
                    .type(
                        "Subscription",
                        type ->
                            type.dataFetcher(
                                "parcel", env -> sources.get(next.getAndIncrement() % 4)))
                    .type(
                        "Parcel",
                        type ->
                            type.dataFetcher(
                                "plain",
                                env ->
                                    CompletableFuture.supplyAsync(
                                        () -> "ran " + executed.incrementAndGet())))
                    .build());
    GraphQL graphql =
        GraphQLGuard.builder(schema).build().applyTo(GraphQL.newGraphQL(schema)).build();
    List<Received> all = new ArrayList<>();
    List<CompletableFuture<Void>> done = new ArrayList<>();
    for (int i = 0; i < subscribers; i++) {
      CompletableFuture<Void> complete = new CompletableFuture<>();
      done.add(complete);
      ExecutionResult result = graphql.execute(World.input(of("acme", "c" + i), PLAIN).build());
      Received received =
          new Received(Long.MAX_VALUE) {
            @Override
            public void onComplete() {
              complete.complete(null);
            }

            @Override
            public void onError(Throwable cause) {
              complete.completeExceptionally(cause);
            }
          };
      all.add(received);
      result.<Publisher<ExecutionResult>>getData().subscribe(received);
    }
    List<Object> published = new ArrayList<>();
    List<Object> ids = new ArrayList<>();
    for (int i = 0; i < events; i++) {
      published.add(SharedEvents.of(Map.of("id", "" + i)));
      ids.add("" + i);
    }
    List<Thread> threads = new ArrayList<>();
    for (SubmissionPublisher<Object> source : sources) {
      Thread thread =
          new Thread(
              () -> {
                published.forEach(source::submit);
                source.close();
              });
      threads.add(thread);
      thread.start();
    }
    CompletableFuture.allOf(done.toArray(new CompletableFuture<?>[0])).get();
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(executed).hasValue(events);
    for (Received each : all) {
      assertThat(each.ids()).isEqualTo(ids);
    }
  }
}
