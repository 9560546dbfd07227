package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.RateLimiter.Rate;
import dev.gatehouse.graphql.GraphQLGuard;
import dev.gatehouse.graphql.cost.CostBucket;
import dev.gatehouse.graphql.cost.CostDirectives;
import graphql.ExecutionInput;
import graphql.ExecutionResult;
import graphql.GraphQL;
import graphql.schema.GraphQLSchema;
import graphql.schema.idl.RuntimeWiring;
import graphql.schema.idl.SchemaGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What callers of a GraphQL see who pay from a {@link CostBucket}; each backend runs it. */
public abstract class PayingContract {
  private static final String SDL =
      """
      type Query { users(first: Int): [User] @listSize(slicingArguments: ["first"]) }
      type User { name: String }
      """;
  private static final String FOUR = "{ users(first: 4) { name } }";

  /** The clock that the bucket was given. */
  protected final SimulatedClock clock = SimulatedClock.at(Instant.parse("2026-03-01T12:00:00Z"));

  private final AtomicInteger calls = new AtomicInteger();
  private int found = 4;

  /** For subclasses, which JUnit makes. */
  protected PayingContract() {}

  /** A bucket that is full for every key. */
  protected abstract CostBucket create(Rate rate, SimulatedClock clock);

  @Test
  void operation_usesWhatItWasEstimated_paysThat() {
    ExecutionResult result = execute(graphql(), FOUR);

    assertThat(result.getErrors()).isEmpty();
    assertThat(cost(result)).isEqualTo(cost(5L, 5L, 5L));
  }

  @Test
  void operation_usesLess_getsTheRestBack() {
    GraphQL graphql = graphql();
    found = 1;

    assertThat(cost(execute(graphql, FOUR))).isEqualTo(cost(5L, 2L, 8L));
    assertThat(cost(execute(graphql, FOUR))).isEqualTo(cost(5L, 2L, 6L));
  }

  @Test
  void operation_budgetIsSpent_isRateLimitedAndToldWhenToComeAgain() {
    GraphQL graphql = graphql();
    execute(graphql, FOUR);
    execute(graphql, FOUR);
    int before = calls.get();

    ExecutionResult refused = execute(graphql, FOUR);

    assertThat(refused.<Object>getData()).isNull();
    assertThat(refused.getErrors()).hasSize(1);
    assertThat(refused.getErrors().get(0).getExtensions())
        .containsEntry("code", "RATE_LIMITED")
        .containsEntry("retryAfter", 3L);
    assertThat(cost(refused).get("throttleStatus")).isEqualTo(throttle(0L));
    assertThat(calls).hasValue(before);
    clock.advance(Duration.ofMillis(2_500));
    assertThat(execute(graphql, FOUR).getErrors()).isEmpty();
  }

  private GraphQL graphql() {
    GraphQLSchema schema =
        new SchemaGenerator()
            .makeExecutableSchema(
                CostDirectives.read(SDL),
                RuntimeWiring.newRuntimeWiring()
                    .type("Query", query -> query.dataFetcher("users", asked -> users()))
                    .build());
    return GraphQLGuard.builder(schema)
        .dangerouslyWithoutAuthorization()
        .bucket(create(Rate.perSecond(2, 10), clock))
        .reportCost(true)
        .build()
        .applyTo(GraphQL.newGraphQL(schema))
        .build();
  }

  private List<Map<String, String>> users() {
    calls.incrementAndGet();
    return Collections.nCopies(found, Map.of("name", "somebody"));
  }

  private static ExecutionResult execute(GraphQL graphql, String document) {
    try {
      return graphql
          .executeAsync(ExecutionInput.newExecutionInput(document).build())
          .get(20, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("the operation did not end", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> cost(ExecutionResult result) {
    Map<Object, Object> extensions = result.getExtensions();
    Object cost = extensions == null ? null : extensions.get("cost");
    return cost == null ? Map.of() : (Map<String, Object>) cost;
  }

  private static Map<String, Object> cost(long requested, long actual, long available) {
    return Map.of(
        "requestedQueryCost",
        requested,
        "actualQueryCost",
        actual,
        "throttleStatus",
        throttle(available));
  }

  private static Map<String, Object> throttle(long available) {
    return Map.of("maximumAvailable", 10L, "currentlyAvailable", available, "restoreRate", 2L);
  }
}
