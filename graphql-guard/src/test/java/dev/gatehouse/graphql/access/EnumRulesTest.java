package dev.gatehouse.graphql.access;

import static dev.gatehouse.graphql.access.Shop.ann;
import static dev.gatehouse.graphql.access.Shop.codes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.graphql.GraphQLGuard;
import dev.gatehouse.graphql.Limits;
import graphql.ExecutionResult;
import graphql.GraphQL;
import graphql.Scalars;
import graphql.execution.DataFetcherResult;
import graphql.execution.ValueUnboxer;
import graphql.schema.DataFetcher;
import graphql.schema.FieldCoordinates;
import graphql.schema.GraphQLCodeRegistry;
import graphql.schema.GraphQLEnumType;
import graphql.schema.GraphQLInputObjectType;
import graphql.schema.GraphQLList;
import graphql.schema.GraphQLObjectType;
import graphql.schema.GraphQLSchema;
import graphql.schema.idl.RuntimeWiring;
import graphql.schema.idl.SchemaGenerator;
import io.vertx.core.Future;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rules of an enum's values, whatever Java holds in their place. */
class EnumRulesTest {
  /** Java calls LOW what GraphQL calls HIGH, and holds OLD and NEW as one. */
  private static final GraphQLEnumType LEVEL =
      GraphQLEnumType.newEnum()
          .name("Level")
          .value("LOW", "HIGH")
          .value("HIGH", "TOP")
          .value("OLD", "X")
          .value("NEW", "X")
          .build();

  private static final GraphQLInputObjectType FILTER =
      GraphQLInputObjectType.newInputObject()
          .name("Filter")
          .field(field -> field.name("levels").type(GraphQLList.list(LEVEL)))
          .build();

  private static final GraphQLSchema SCHEMA =
      GraphQLSchema.newSchema()
          .query(
              GraphQLObjectType.newObject()
                  .name("Query")
                  .field(
                      field ->
                          field
                              .name("count")
                              .type(Scalars.GraphQLInt)
                              .argument(argument -> argument.name("filter").type(FILTER)))
                  .field(
                      field ->
                          field
                              .name("byDefault")
                              .type(Scalars.GraphQLInt)
                              .argument(
                                  argument ->
                                      argument
                                          .name("filter")
                                          .type(FILTER)
                                          .defaultValueProgrammatic(
                                              Map.of("levels", List.of("LOW")))))
                  .field(
                      field ->
                          field
                              .name("level")
                              .type(LEVEL)
                              .argument(argument -> argument.name("held").type(Scalars.GraphQLID)))
                  .build())
          .codeRegistry(
              GraphQLCodeRegistry.newCodeRegistry()
                  .dataFetcher(
                      FieldCoordinates.coordinates("Query", "level"),
                      (DataFetcher<?>) env -> env.getArgument("held"))
                  .build())
          .build();

  private static ExecutionResult asked(
      String guarded, String document, Map<String, Object> variables) {
    AccessRules rules =
        AccessRules.builder().open("Query").requiresScopes("Level." + guarded, "never").build();
    GraphQL graphql =
        GraphQLGuard.builder(SCHEMA)
            .limits(Limits.none())
            .access(rules)
            .build()
            .applyTo(GraphQL.newGraphQL(SCHEMA))
            .build();
    return graphql.execute(
        Shop.input(ann(), document, variables)
            .transform(input -> input.root(Map.of("count", 1, "byDefault", 2))));
  }

  @ParameterizedTest
  @CsvSource({
    "LOW, LOW, true",
    "LOW, HIGH, false",
    "LOW, OLD, false",
    "HIGH, LOW, false",
    "HIGH, HIGH, true",
    "HIGH, NEW, false",
    "OLD, OLD, true",
    "OLD, LOW, false",
    "NEW, NEW, true",
    "NEW, HIGH, false",
  })
  void value_given_isAskedAboutByItsOwnName(String guarded, String given, boolean isRefused) {
    List<String> expected = isRefused ? List.of("FORBIDDEN") : List.of();
    String variable = "query($f: Filter) { count(filter: $f) }";
    String element = "query($l: Level) { count(filter: {levels: [$l]}) }";
    Map<String, Object> filter = Map.of("levels", List.of(given));

    assertThat(codes(asked(guarded, "{ count(filter: {levels: [" + given + "]}) }", Map.of())))
        .as("literal")
        .isEqualTo(expected);
    assertThat(codes(asked(guarded, variable, Map.of("f", filter))))
        .as("variable")
        .isEqualTo(expected);
    assertThat(codes(asked(guarded, element, Map.of("l", given))))
        .as("variable in a literal")
        .isEqualTo(expected);
    assertThat(
            codes(
                asked(
                    guarded,
                    "query($l: Level = " + given + ") { count(filter: {levels: [$l]}) }",
                    Map.of())))
        .as("the operation's default")
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"LOW, true", "HIGH, false"})
  void value_ofTheSchemasDefault_isAskedAboutByItsOwnName(String guarded, boolean isRefused) {
    assertThat(codes(asked(guarded, "{ byDefault }", Map.of())))
        .isEqualTo(isRefused ? List.of("FORBIDDEN") : List.of());
  }

  @Test
  void valuesThatJavaHoldsAsOne_comingByVariable_areAskedAboutTogether() {
    String document = "query($l: Level) { count(filter: {levels: [$l]}) }";

    assertThat(codes(asked("NEW", document, Map.of("l", "OLD")))).containsExactly("FORBIDDEN");
    assertThat(codes(asked("OLD", document, Map.of("l", "NEW")))).containsExactly("FORBIDDEN");
  }

  @ParameterizedTest
  @CsvSource({
    "LOW, HIGH, ",
    "LOW, TOP, HIGH",
    "LOW, X, OLD",
    "HIGH, HIGH, LOW",
    "HIGH, TOP, ",
    "OLD, X, ",
    "NEW, X, OLD",
  })
  void value_answered_isRefusedByTheNameItIsAnsweredUnder(
      String guarded, String held, String shown) {
    ExecutionResult result = asked(guarded, "query($h: ID) { level(held: $h) }", Map.of("h", held));

    assertThat(result.<Object>getData()).isEqualTo(Collections.singletonMap("level", shown));
    assertThat(codes(result)).isEqualTo(shown == null ? List.of("FORBIDDEN") : List.of());
  }

  /** A wrapper that only the application knows. */
  private record Boxed(Object value) {}

  @Test
  void value_inWhateverAResolverWrapsIt_isRefused() {
    GraphQLSchema schema =
        new SchemaGenerator()
            .makeExecutableSchema(
                AccessDirectives.read(
                    """
                    type Query @public { one: State many: [State] deep: [[State]] }
                    enum State { OPEN HELD @requiresScopes(scopes: [["never"]]) }
                    """),
                RuntimeWiring.newRuntimeWiring().build());
    GraphQL graphql =
        GraphQLGuard.builder(schema)
            .build()
            .applyTo(
                GraphQL.newGraphQL(schema)
                    .valueUnboxer(
                        value ->
                            value instanceof Boxed boxed
                                ? boxed.value()
                                : ValueUnboxer.DEFAULT.unbox(value)))
            .build();
    for (UnaryOperator<Object> wrapper :
        List.<UnaryOperator<Object>>of(
            value -> value,
            Boxed::new,
            Optional::of,
            value -> Optional.of(Optional.of(value)),
            value -> DataFetcherResult.newResult().data(value).build(),
            value -> DataFetcherResult.newResult().data(new Boxed(value)).build())) {
      Object held = wrapper.apply("HELD");
      Object open = wrapper.apply("OPEN");
      Object both = wrapper.apply(List.of(held, open));
      Map<String, Object> root =
          Map.of("one", held, "many", both, "deep", wrapper.apply(List.of(both)));

      ExecutionResult result =
          graphql.execute(
              Shop.input(ann(), "{ one many deep }", Map.of())
                  .transform(input -> input.root(root)));

      assertThat(result.<Object>getData().toString())
          .as("%s", held)
          .isEqualTo("{one=null, many=[null, OPEN], deep=[[null, OPEN]]}");
      assertThat(codes(result)).containsExactly("FORBIDDEN", "FORBIDDEN", "FORBIDDEN");
    }
  }

  @Test
  void value_answeredByAMutationThatActsOnAnObject_isRefused() {
    GraphQLSchema schema =
        new SchemaGenerator()
            .makeExecutableSchema(
                AccessDirectives.read(
                    """
                    type Query @public { a: Int }
                    type Mutation @authenticated { close(id: ID!): State all(id: ID!): [State] }
                    enum State { SHUT HELD @requiresScopes(scopes: [["never"]]) }
                    type Order @authenticated @tenant { id: ID }
                    """),
                RuntimeWiring.newRuntimeWiring()
                    .type(
                        "Mutation",
                        type ->
                            type.dataFetcher("close", env -> "HELD")
                                .dataFetcher("all", env -> List.of("HELD", "SHUT")))
                    .build());
    AccessRules.Builder rules = AccessRules.builder();
    for (String mutation : List.of("Mutation.close", "Mutation.all")) {
      rules.actsOn(
          mutation, "id", "Order", id -> Future.succeededFuture(Map.of("tenantId", "acme")));
    }
    GraphQL graphql =
        GraphQLGuard.builder(schema)
            .access(rules.build())
            .build()
            .applyTo(GraphQL.newGraphQL(schema))
            .build();

    ExecutionResult result =
        graphql.execute(Shop.input(ann(), "mutation { close(id: 1) all(id: 1) }", Map.of()));

    assertThat(result.<Object>getData().toString()).isEqualTo("{close=null, all=[null, SHUT]}");
    assertThat(codes(result)).containsExactly("FORBIDDEN", "FORBIDDEN");
  }
}
