package dev.gatehouse.graphql;

import static org.assertj.core.api.Assertions.assertThat;

import graphql.ExecutionInput;
import graphql.ExecutionResult;
import graphql.GraphQL;
import graphql.GraphQLContext;
import graphql.execution.instrumentation.InstrumentationContext;
import graphql.execution.instrumentation.InstrumentationState;
import graphql.execution.instrumentation.SimpleInstrumentationContext;
import graphql.execution.instrumentation.SimplePerformantInstrumentation;
import graphql.execution.instrumentation.parameters.InstrumentationExecutionParameters;
import graphql.language.Document;
import graphql.schema.GraphQLSchema;
import graphql.schema.idl.RuntimeWiring;
import graphql.schema.idl.SchemaGenerator;
import graphql.schema.idl.SchemaParser;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class KeptDocumentsTest {
  private final GraphQLSchema schema = schema("type Query { a: String, b: String }");
  private final AtomicInteger parses = new AtomicInteger();

  @Test
  void document_askedForAgain_isParsedOnce() {
    GraphQL graphql = graphql(GraphQLGuard.builder(schema).dangerouslyWithoutAuthorization());

    for (int round = 0; round < 3; round++) {
      assertThat(graphql.execute("{ a }").getErrors()).isEmpty();
    }

    assertThat(parses).hasValue(1);
  }

  @Test
  void document_withAnError_isNotKept() {
    GraphQL graphql = graphql(GraphQLGuard.builder(schema).dangerouslyWithoutAuthorization());

    for (int round = 0; round < 2; round++) {
      assertThat(graphql.execute("{ c }").getErrors()).hasSize(1);
    }

    assertThat(parses).hasValue(2);
  }

  @Test
  void documents_switchedOff_areParsedEachTime() {
    GraphQL graphql =
        graphql(GraphQLGuard.builder(schema).dangerouslyWithoutAuthorization().keptDocuments(0));

    graphql.execute("{ a }");
    graphql.execute("{ a }");

    assertThat(parses).hasValue(2);
  }

  @Test
  void document_ofALargeShare_isNotKept() {
    GraphQL graphql =
        graphql(GraphQLGuard.builder(schema).dangerouslyWithoutAuthorization().keptDocuments(40));

    graphql.execute("{ a, b }");
    graphql.execute("{ a, b }");
    graphql.execute("{a}");
    graphql.execute("{a}");

    assertThat(parses).hasValue(3);
  }

  @Test
  void document_keptForOneSchema_isValidatedAnewForAnother() {
    GraphQL graphql = graphql(GraphQLGuard.builder(schema).dangerouslyWithoutAuthorization());
    graphql.execute("{ a }");

    GraphQL other = graphql.transform(b -> b.schema(schema("type Query { b: String }")));

    assertThat(other.execute("{ a }").getErrors())
        .singleElement()
        .satisfies(error -> assertThat(error.getMessage()).contains("FieldUndefined"));
    assertThat(graphql.execute("{ a }").getErrors()).isEmpty();
    assertThat(parses).hasValue(2);
  }

  @Test
  void document_thatInstrumentationTookToAnotherSchema_isNotRunOnIt() {
    GraphQLSchema other = schema("type Query { b: String }");
    GraphQL.Builder builder =
        GraphQL.newGraphQL(schema)
            .instrumentation(
                new SimplePerformantInstrumentation() {
                  @Override
                  public GraphQLSchema instrumentSchema(
                      GraphQLSchema given,
                      InstrumentationExecutionParameters parameters,
                      InstrumentationState state) {
                    return parameters.getGraphQLContext().hasKey("other") ? other : given;
                  }
                });
    GraphQL graphql =
        GraphQLGuard.builder(schema)
            .dangerouslyWithoutAuthorization()
            .build()
            .applyTo(builder)
            .build();
    assertThat(graphql.execute("{ a }").getErrors()).isEmpty();

    ExecutionResult moved =
        graphql.execute(
            ExecutionInput.newExecutionInput("{ a }").graphQLContext(Map.of("other", true)));

    assertThat(moved.getErrors())
        .singleElement()
        .satisfies(e -> assertThat(e.getExtensions()).containsEntry("code", "INTERNAL"));
  }

  @Test
  void limits_ofEachCaller_holdOverKeptDocuments() {
    GraphQLGuard.Builder guard =
        GraphQLGuard.builder(schema)
            .dangerouslyWithoutAuthorization()
            .limits(context -> Limits.builder().fields(fields(context)).build());
    GraphQL graphql = graphql(guard);

    for (int round = 0; round < 2; round++) {
      assertThat(execute(graphql, 2).getErrors()).isEmpty();
      assertThat(execute(graphql, 1).getErrors())
          .singleElement()
          .satisfies(e -> assertThat(e.getExtensions()).containsEntry("code", "FIELD_LIMIT"));
    }
    assertThat(parses).hasValue(1);
  }

  private static int fields(GraphQLContext context) {
    return context.get("fields");
  }

  private static ExecutionResult execute(GraphQL graphql, int fields) {
    return graphql.execute(
        ExecutionInput.newExecutionInput("{ a b }").graphQLContext(Map.of("fields", fields)));
  }

  private GraphQL graphql(GraphQLGuard.Builder guard) {
    return guard
        .build()
        .applyTo(GraphQL.newGraphQL(schema).instrumentation(new CountsParses()))
        .build();
  }

  private final class CountsParses extends SimplePerformantInstrumentation {
    @Override
    public InstrumentationContext<Document> beginParse(
        InstrumentationExecutionParameters parameters, InstrumentationState state) {
      parses.incrementAndGet();
      return SimpleInstrumentationContext.noOp();
    }
  }

  private static GraphQLSchema schema(String sdl) {
    return new SchemaGenerator()
        .makeExecutableSchema(new SchemaParser().parse(sdl), RuntimeWiring.MOCKED_WIRING);
  }
}
