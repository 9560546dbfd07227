package dev.gatehouse.graphql;

import static org.assertj.core.api.Assertions.assertThat;

import graphql.ExecutionResult;
import graphql.GraphQL;
import graphql.analysis.MaxQueryComplexityInstrumentation;
import graphql.analysis.MaxQueryDepthInstrumentation;
import graphql.execution.instrumentation.Instrumentation;
import graphql.schema.DataFetcher;
import graphql.schema.DataFetcherFactories;
import graphql.schema.GraphQLCodeRegistry;
import graphql.schema.GraphQLSchema;
import graphql.schema.idl.RuntimeWiring;
import graphql.schema.idl.SchemaGenerator;
import graphql.schema.idl.SchemaParser;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * What graphql-java's own depth and complexity instrumentations miss, because they visit each
 * fragment's definition once (graphql-java #1695), beside what this module answers.
 */
class StockInstrumentationsTest {
  private static final String FRAGMENT = " fragment F on Query { a { a { a { a { a { x } } } } } }";
  private static final String DEEP_LAST = "{ ...F a { a { a { a { a { ...F } } } } } }" + FRAGMENT;
  private static final String DEEP_FIRST = "{ a { a { a { a { a { ...F } } } } } ...F }" + FRAGMENT;

  private final AtomicInteger resolved = new AtomicInteger();
  private final GraphQLSchema schema = executable();

  private GraphQLSchema executable() {
    DataFetcher<Object> counted =
        env -> {
          resolved.incrementAndGet();
          return env.getField().getName().equals("x") ? 1 : new Object();
        };
    return new SchemaGenerator()
        .makeExecutableSchema(
            new SchemaParser().parse("type Query { a: Query b: Query x: Int }"),
            RuntimeWiring.newRuntimeWiring()
                .codeRegistry(
                    GraphQLCodeRegistry.newCodeRegistry()
                        .defaultDataFetcher(DataFetcherFactories.useDataFetcher(counted)))
                .build());
  }

  private record Answer(boolean refused, int resolved) {}

  private Answer stock(Instrumentation instrumentation, String document) {
    return answer(GraphQL.newGraphQL(schema).instrumentation(instrumentation).build(), document);
  }

  private Answer ours(Limits limits, String document) {
    GraphQLGuard guard =
        GraphQLGuard.builder(schema).dangerouslyWithoutAuthorization().limits(limits).build();
    return answer(guard.applyTo(GraphQL.newGraphQL(schema)).build(), document);
  }

  private Answer answer(GraphQL graphql, String document) {
    int before = resolved.get();
    ExecutionResult result = graphql.execute(document);
    return new Answer(!result.getErrors().isEmpty(), resolved.get() - before);
  }

  private static String doubling(int levels) {
    StringBuilder text = new StringBuilder("{ ...F0 }");
    for (int i = 0; i < levels; i++) {
      String next = " { ...F" + (i + 1) + " }";
      text.append(" fragment F").append(i).append(" on Query { a").append(next);
      text.append(" b").append(next).append(" }");
    }
    return text.append(" fragment F").append(levels).append(" on Query { x }").toString();
  }

  @Test
  void depth_ofASecondSpread_isSeenHereAndNotThere() {
    assertThat(stock(new MaxQueryDepthInstrumentation(6), DEEP_FIRST))
        .isEqualTo(new Answer(true, 0));
    assertThat(stock(new MaxQueryDepthInstrumentation(6), DEEP_LAST))
        .isEqualTo(new Answer(false, 12));

    for (String document : new String[] {DEEP_FIRST, DEEP_LAST}) {
      assertThat(ours(Limits.builder().depth(10).build(), document)).isEqualTo(new Answer(true, 0));
      assertThat(ours(Limits.builder().depth(11).build(), document))
          .isEqualTo(new Answer(false, 12));
    }
  }

  @Test
  void complexity_ofDoublingFragments_isSeenHereAndNotThere() {
    String bomb = doubling(14);
    int calls = (1 << 15) - 2 + (1 << 14);

    assertThat(bomb.length()).isLessThan(800);
    assertThat(stock(new MaxQueryComplexityInstrumentation(100), bomb))
        .isEqualTo(new Answer(false, calls));

    assertThat(ours(Limits.builder().fields(100).build(), bomb)).isEqualTo(new Answer(true, 0));
    assertThat(ours(Limits.builder().fields(calls - 1).build(), bomb))
        .isEqualTo(new Answer(true, 0));
    assertThat(ours(Limits.builder().fieldCost(100).build(), bomb)).isEqualTo(new Answer(true, 0));
  }
}
