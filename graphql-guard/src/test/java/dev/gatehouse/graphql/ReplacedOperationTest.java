package dev.gatehouse.graphql;

import static org.assertj.core.api.Assertions.assertThat;

import graphql.ExecutionInput;
import graphql.ExecutionResult;
import graphql.GraphQL;
import graphql.execution.ExecutionContext;
import graphql.execution.ExecutionContextBuilder;
import graphql.execution.instrumentation.InstrumentationState;
import graphql.execution.instrumentation.SimplePerformantInstrumentation;
import graphql.execution.instrumentation.parameters.InstrumentationExecutionParameters;
import graphql.language.Document;
import graphql.language.FragmentDefinition;
import graphql.language.OperationDefinition;
import graphql.parser.Parser;
import graphql.schema.GraphQLSchema;
import graphql.schema.idl.RuntimeWiring;
import graphql.schema.idl.SchemaGenerator;
import graphql.schema.idl.SchemaParser;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What runs is what was judged, also where other instrumentation works on the request. */
class ReplacedOperationTest {
  private static final Document DEAR =
      Parser.parse("{ a: name b: name c: name ...F } fragment F on Query { d: name e: name }");
  private static final String CHEAP = "{ name ...F } fragment F on Query { name }";

  private final AtomicInteger resolved = new AtomicInteger();

  @Test
  void operation_thatAnotherTookThePlaceOf_doesNotRun() {
    OperationDefinition dear = DEAR.getDefinitionsOfType(OperationDefinition.class).get(0);

    ExecutionResult result = execute(context -> context.operationDefinition(dear));

    assertRefused(result);
  }

  @Test
  void fragment_thatAnotherTookThePlaceOf_doesNotRun() {
    FragmentDefinition dear = DEAR.getDefinitionsOfType(FragmentDefinition.class).get(0);

    ExecutionResult result = execute(context -> context.fragmentsByName(Map.of("F", dear)));

    assertRefused(result);
  }

  @Test
  void operation_thatIsTheDocuments_runs() {
    ExecutionResult result = execute(context -> {});

    assertThat(result.getErrors()).isEmpty();
    assertThat(resolved).hasValue(1);
  }

  private void assertRefused(ExecutionResult result) {
    assertThat(result.getErrors())
        .singleElement()
        .satisfies(error -> assertThat(error.getExtensions()).containsEntry("code", "INTERNAL"));
    assertThat(resolved).hasValue(0);
  }

  private ExecutionResult execute(Consumer<ExecutionContextBuilder> change) {
    GraphQLSchema schema =
        new SchemaGenerator()
            .makeExecutableSchema(
                new SchemaParser().parse("type Query { name: String }"),
                RuntimeWiring.newRuntimeWiring()
                    .type(
                        "Query",
                        type -> type.dataFetcher("name", asked -> "x" + resolved.incrementAndGet()))
                    .build());
    GraphQL.Builder graphql =
        GraphQL.newGraphQL(schema)
            .instrumentation(
                new SimplePerformantInstrumentation() {
                  @Override
                  public ExecutionContext instrumentExecutionContext(
                      ExecutionContext context,
                      InstrumentationExecutionParameters parameters,
                      InstrumentationState state) {
                    return context.transform(change);
                  }
                });
    return GraphQLGuard.builder(schema)
        .dangerouslyWithoutAuthorization()
        .limits(Limits.builder().fields(2).build())
        .build()
        .applyTo(graphql)
        .build()
        .execute(ExecutionInput.newExecutionInput(CHEAP).build());
  }
}
