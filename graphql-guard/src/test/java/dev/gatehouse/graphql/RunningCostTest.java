package dev.gatehouse.graphql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.graphql.cost.CostDirectives;
import dev.gatehouse.graphql.cost.CostWeights;
import graphql.ExecutionInput;
import graphql.ExecutionResult;
import graphql.GraphQL;
import graphql.GraphQLContext;
import graphql.schema.Coercing;
import graphql.schema.GraphQLScalarType;
import graphql.schema.GraphQLSchema;
import graphql.schema.idl.RuntimeWiring;
import graphql.schema.idl.SchemaGenerator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/** What is counted while an operation runs, whatever its resolvers return and when. */
class RunningCostTest {
  private static final String SDL =
      """
      scalar Blob
      type Query {
        ints: [Int] @listSize(assumedSize: 3)
        nested: [[Int]] @listSize(assumedSize: 3)
        blob: Blob
        blobs: [Blob] @listSize(assumedSize: 3)
      }
      type User { name: String friends: [User] @listSize(assumedSize: 2) }
      type Subscription { ticks: User }
      """;
  private static final CostWeights WEIGHTS =
      CostWeights.builder().defaultListSize(2).type("Int", 2).type("Blob", 3).build();

  static Stream<Arguments> leaves() {
    List<Integer> three = List.of(1, 2, 3);
    return Stream.of(
        Arguments.of("ints", three, 6),
        Arguments.of("ints", three.stream(), 6),
        Arguments.of("ints", three.iterator(), 6),
        Arguments.of("ints", new java.util.ArrayDeque<>(three), 6),
        Arguments.of("ints", new int[] {1, 2, 3}, 6),
        Arguments.of("ints", new Integer[] {1, null, 3}, 4),
        Arguments.of("ints", Arrays.asList(1, null), 2),
        Arguments.of("ints", Optional.of(three), 6),
        Arguments.of("ints", Optional.empty(), 0),
        Arguments.of("nested", Stream.of(new int[] {1, 2}, List.of(3), Stream.of(4)), 8),
        Arguments.of("blob", List.of(1, 2, 3), 3),
        Arguments.of("blobs", List.of(List.of(1, 2), Map.of("a", 1)), 6));
  }

  @ParameterizedTest
  @MethodSource("leaves")
  void leaves_howeverTheyWereFetched_countOnceEach(String field, Object value, long weight) {
    GraphQL graphql = graphql(new Ticks());

    ExecutionResult result =
        graphql.execute(
            ExecutionInput.newExecutionInput("{ " + field + " }")
                .root(Map.of(field, value))
                .build());

    assertThat(result.getErrors()).isEmpty();
    // the root itself is one
    assertThat(cost(result)).containsEntry("actualQueryCost", 1 + weight);
  }

  @Test
  void events_severalUnderWay_eachHaveACountOfTheirOwn() {
    Ticks ticks = new Ticks();
    GraphQL graphql = graphql(ticks);
    ExecutionResult started = graphql.execute("subscription { ticks { friends { name } } }");
    List<ExecutionResult> answers = new ArrayList<>();
    started.<Publisher<ExecutionResult>>getData().subscribe(new Collector(answers));
    List<CompletableFuture<Object>> friends = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      CompletableFuture<Object> later = new CompletableFuture<>();
      friends.add(later);
      ticks.emit(Map.of("friends", later));
    }
    assertThat(answers).isEmpty();

    for (CompletableFuture<Object> later : friends) {
      later.complete(List.of(Map.of("name", "a"), Map.of("name", "b")));
    }

    assertThat(answers).hasSize(3);
    assertThat(answers).allSatisfy(answer -> assertThat(answer.getErrors()).isEmpty());
    // the root, the user and two friends; of those before it, the engine does not say in time
    assertThat(cost(answers.get(2))).containsEntry("actualQueryCost", 4L);
  }

  @Test
  void event_thatCostsTooMuch_endsWhileOthersAreUnderWay() {
    Ticks ticks = new Ticks();
    GraphQL graphql = graphql(ticks);
    ExecutionResult started = graphql.execute("subscription { ticks { friends { name } } }");
    List<ExecutionResult> answers = new ArrayList<>();
    started.<Publisher<ExecutionResult>>getData().subscribe(new Collector(answers));
    ticks.emit(Map.of("friends", new CompletableFuture<>()));
    ticks.emit(Map.of("friends", java.util.Collections.nCopies(5, Map.of("name", "a"))));

    assertThat(answers).hasSize(1);
    assertThat(answers.get(0).getErrors())
        .singleElement()
        .satisfies(error -> assertThat(error.getExtensions()).containsEntry("code", "COST_LIMIT"));
  }

  private static GraphQL graphql(Ticks ticks) {
    GraphQLScalarType blob =
        GraphQLScalarType.newScalar().name("Blob").coercing(new AsItIs()).build();
    GraphQLSchema schema =
        new SchemaGenerator()
            .makeExecutableSchema(
                CostDirectives.read(SDL),
                RuntimeWiring.newRuntimeWiring()
                    .scalar(blob)
                    .type("Subscription", type -> type.dataFetcher("ticks", asked -> ticks))
                    .build());
    return GraphQLGuard.builder(schema)
        .dangerouslyWithoutAuthorization()
        .weights(WEIGHTS)
        .actualCost(1)
        .reportCost(true)
        .build()
        .applyTo(GraphQL.newGraphQL(schema))
        .build();
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> cost(ExecutionResult result) {
    return (Map<String, Object>) result.getExtensions().get("cost");
  }

  /** A scalar whose values may be anything. */
  private static final class AsItIs implements Coercing<Object, Object> {
    @Override
    public Object serialize(Object value, GraphQLContext context, Locale locale) {
      return value;
    }
  }

  /** Events as the test emits them, on its own thread. */
  private static final class Ticks implements Publisher<Object>, Subscription {
    private Subscriber<? super Object> subscriber;

    @Override
    public void subscribe(Subscriber<? super Object> made) {
      subscriber = made;
      made.onSubscribe(this);
    }

    void emit(Object event) {
      subscriber.onNext(event);
    }

    @Override
    public void request(long count) {}

    @Override
    public void cancel() {}
  }

  private record Collector(List<ExecutionResult> into) implements Subscriber<ExecutionResult> {
    @Override
    public void onSubscribe(Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(ExecutionResult result) {
      into.add(result);
    }

    @Override
    public void onError(Throwable failure) {
      throw new AssertionError(failure);
    }

    @Override
    public void onComplete() {}
  }
}
