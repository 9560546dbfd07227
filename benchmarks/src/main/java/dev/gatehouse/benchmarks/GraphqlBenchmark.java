package dev.gatehouse.benchmarks;

import dev.gatehouse.core.Principal;
import dev.gatehouse.graphql.GraphQLGuard;
import dev.gatehouse.graphql.Limits;
import dev.gatehouse.graphql.access.AccessRules;
import dev.gatehouse.graphql.access.Authorization;
import dev.gatehouse.graphql.plan.DocumentPlan;
import dev.gatehouse.graphql.plan.Evaluation;
import dev.gatehouse.graphql.plan.PlanCache;
import dev.gatehouse.graphql.plan.PlanCompiler;
import graphql.ExecutionInput;
import graphql.ExecutionResult;
import graphql.GraphQL;
import graphql.GraphQLContext;
import graphql.ParseAndValidate;
import graphql.analysis.MaxQueryComplexityInstrumentation;
import graphql.analysis.MaxQueryDepthInstrumentation;
import graphql.execution.CoercedVariables;
import graphql.execution.instrumentation.ChainedInstrumentation;
import graphql.execution.preparsed.PreparsedDocumentEntry;
import graphql.execution.preparsed.PreparsedDocumentProvider;
import graphql.language.Document;
import graphql.schema.GraphQLSchema;
import graphql.validation.ValidationError;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/**
 * The analysis of one operation beside graphql-java's validation of it, and a whole request with
 * and without the guard, beside graphql-java's own depth and complexity instrumentations.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class GraphqlBenchmark {
  private static final long PLAN_WEIGHT = 1_000_000;

  private final GraphQLSchema schema = GraphqlDocuments.schema();
  private final PlanCompiler compiler = PlanCompiler.of(schema);
  private final PlanCache plans = new PlanCache(compiler, PLAN_WEIGHT);
  private final Map<String, Object> variables = Map.of("n", 3, "more", true);
  private final CoercedVariables coerced = CoercedVariables.of(variables);

  private final Document fields300 = GraphqlDocuments.parsed(GraphqlDocuments.threeHundredFields());
  private final Document doubling25 = GraphqlDocuments.parsed(GraphqlDocuments.doubling(25));
  private final Document spreads8 = GraphqlDocuments.parsed(GraphqlDocuments.spreads(8));
  private final Document spreads80 = GraphqlDocuments.parsed(GraphqlDocuments.spreads(80));
  private final Document duplicates = GraphqlDocuments.parsed(GraphqlDocuments.duplicates(10_000));
  private final Document megabyte = GraphqlDocuments.parsed(GraphqlDocuments.megabyte());

  private final String aliases20 = GraphqlDocuments.twentyAliases();
  private final Limits limits = Limits.strict().toBuilder().aliases(20).rootFields(20).build();
  private final GraphQLGuard guard =
      GraphQLGuard.builder(schema).dangerouslyWithoutAuthorization().limits(limits).build();
  private final GraphQL bare = GraphQL.newGraphQL(schema).build();
  private final GraphQL guarded = guard.applyTo(GraphQL.newGraphQL(schema)).build();
  private final GraphQL stock = stock(GraphQL.newGraphQL(schema));
  private final GraphQL bareKept =
      GraphQL.newGraphQL(schema).preparsedDocumentProvider(new Kept()).build();
  private final GraphQL guardedKept =
      guard.applyTo(GraphQL.newGraphQL(schema).preparsedDocumentProvider(new Kept())).build();
  private final GraphQL stockKept =
      stock(GraphQL.newGraphQL(schema).preparsedDocumentProvider(new Kept()));

  private final Principal caller =
      Principal.vouchedBy("benchmark", Principal.Kind.USER, "c1")
          .tenant(OwnedOrders.tenant())
          .scopes(Set.of("read"))
          .build();
  private final OwnedOrders orders = new OwnedOrders(caller);
  private final GraphQLContext context =
      GraphQLContext.newContext().of(Principal.class, caller).build();
  private final Authorization authorization =
      new Authorization(
          schema,
          AccessRules.builder()
              .authenticated("Query")
              .requiresScopes("User", "read")
              .authenticated("Group")
              .authenticated("Node")
              .requiresScopes("User.email", "read")
              .build(),
          List.of(),
          null,
          InstantSource.system(),
          (who, operation) -> false,
          denial -> {
            throw new IllegalStateException(denial.toString());
          });

  private static GraphQL stock(GraphQL.Builder builder) {
    return builder
        .instrumentation(
            new ChainedInstrumentation(
                List.of(
                    new MaxQueryDepthInstrumentation(12),
                    new MaxQueryComplexityInstrumentation(1_000))))
        .build();
  }

  /** A cache of parsed documents as applications write them. */
  private static final class Kept implements PreparsedDocumentProvider {
    private final Map<String, PreparsedDocumentEntry> entries = new ConcurrentHashMap<>();

    @Override
    public CompletableFuture<PreparsedDocumentEntry> getDocumentAsync(
        ExecutionInput input, Function<ExecutionInput, PreparsedDocumentEntry> parse) {
      return CompletableFuture.completedFuture(
          entries.computeIfAbsent(input.getQuery(), text -> parse.apply(input)));
    }
  }

  private void read(Evaluation asked, Blackhole sink) {
    sink.consume(asked.typeCost());
    sink.consume(asked.fieldCost());
    sink.consume(
        asked.depth() + asked.fields() + asked.aliases() + asked.rootFields() + asked.directives());
    sink.consume(asked.slicingArguments());
    sink.consume(asked.introspection(true));
  }

  private void cold(Document document, Blackhole sink) {
    DocumentPlan plan = compiler.compile(document, null);
    read(plan.evaluate(coerced), sink);
  }

  private List<ValidationError> valid(Document document) {
    List<ValidationError> errors = ParseAndValidate.validate(schema, document);
    if (!errors.isEmpty()) {
      throw new IllegalStateException(errors.toString());
    }
    return errors;
  }

  /** A plan that is kept: looked up, evaluated, and every number of it read. */
  @Benchmark
  public void warm300(Blackhole sink) {
    read(plans.plan(fields300, null).evaluate(coerced), sink);
  }

  /** The same, and who may. */
  @Benchmark
  public void warmAccess300(Blackhole sink) {
    Evaluation asked = plans.plan(fields300, null).evaluate(coerced);
    read(asked, sink);
    sink.consume(authorization.authorize(asked, context, schema, null));
  }

  /** The same without a plan. */
  @Benchmark
  public void cold300(Blackhole sink) {
    cold(fields300, sink);
  }

  /** What graphql-java does with the same document before it executes it. */
  @Benchmark
  public List<ValidationError> validation300() {
    return valid(fields300);
  }

  /** 25 levels of doubling fragments. */
  @Benchmark
  public void coldDoubling25(Blackhole sink) {
    cold(doubling25, sink);
  }

  /** 1,024 objects in 8 spreads. */
  @Benchmark
  public void coldSpreads8(Blackhole sink) {
    cold(spreads8, sink);
  }

  /** 10,240 objects in 80 spreads. */
  @Benchmark
  public void coldSpreads80(Blackhole sink) {
    cold(spreads80, sink);
  }

  /** The validation of the former. */
  @Benchmark
  public List<ValidationError> validationSpreads80() {
    return valid(spreads80);
  }

  /** One field, written 10,000 times. */
  @Benchmark
  public void coldDuplicates(Blackhole sink) {
    cold(duplicates, sink);
  }

  /** A megabyte of fragments that nothing uses. */
  @Benchmark
  public void coldMegabyte(Blackhole sink) {
    cold(megabyte, sink);
  }

  private ExecutionResult request(GraphQL graphql) {
    ExecutionResult result =
        graphql.execute(ExecutionInput.newExecutionInput(aliases20).variables(variables));
    if (!result.getErrors().isEmpty()) {
      throw new IllegalStateException(result.getErrors().toString());
    }
    return result;
  }

  /** A whole request of 20 aliases. */
  @Benchmark
  public ExecutionResult requestBare() {
    return request(bare);
  }

  /** The same, guarded. */
  @Benchmark
  public ExecutionResult requestGuarded() {
    return request(guarded);
  }

  /** The same, with graphql-java's instrumentations. */
  @Benchmark
  public ExecutionResult requestStock() {
    return request(stock);
  }

  /** A whole request whose document is kept. */
  @Benchmark
  public ExecutionResult keptBare() {
    return request(bareKept);
  }

  /** The same, guarded. */
  @Benchmark
  public ExecutionResult keptGuarded() {
    return request(guardedKept);
  }

  /** The same, with graphql-java's instrumentations. */
  @Benchmark
  public ExecutionResult keptStock() {
    return request(stockKept);
  }

  /** 10,000 objects in a list. */
  @Benchmark
  public ExecutionResult ordersBare() {
    return orders.bare();
  }

  /** The same, each with a rule of its tenant and its owner. */
  @Benchmark
  public ExecutionResult ordersGuarded() {
    return orders.guarded();
  }
}
