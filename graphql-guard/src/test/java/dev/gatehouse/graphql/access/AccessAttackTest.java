package dev.gatehouse.graphql.access;

import static dev.gatehouse.graphql.access.Shop.ann;
import static dev.gatehouse.graphql.access.Shop.codes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.core.Problems;
import dev.gatehouse.graphql.GraphQLGuard;
import dev.gatehouse.graphql.Limits;
import graphql.ExecutionResult;
import graphql.GraphQL;
import graphql.GraphQLContext;
import graphql.Scalars;
import graphql.execution.CoercedVariables;
import graphql.execution.DataFetcherResult;
import graphql.language.Value;
import graphql.schema.Coercing;
import graphql.schema.GraphQLFieldDefinition;
import graphql.schema.GraphQLObjectType;
import graphql.schema.GraphQLSchema;
import graphql.schema.idl.RuntimeWiring;
import graphql.schema.idl.SchemaGenerator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class AccessAttackTest {
  private static final String LINK =
      """
      directive @link(url: String!, as: String, import: [link__Import]) repeatable on SCHEMA
      scalar link__Import
      """;

  /** A scalar that takes any literal. */
  private static final class Anything implements Coercing<Object, Object> {
    @Override
    public Object parseLiteral(
        Value<?> value, CoercedVariables variables, GraphQLContext context, Locale locale) {
      return value;
    }
  }

  private static GraphQLSchema schema(String sdl) {
    RuntimeWiring.Builder wiring =
        RuntimeWiring.newRuntimeWiring()
            .scalar(
                graphql.schema.GraphQLScalarType.newScalar()
                    .name("link__Import")
                    .coercing(new Anything())
                    .build());
    return new SchemaGenerator().makeExecutableSchema(AccessDirectives.read(sdl), wiring.build());
  }

  private static GraphQL guarded(GraphQLSchema schema, AccessRules rules) {
    return GraphQLGuard.builder(schema)
        .limits(Limits.none())
        .access(rules)
        .build()
        .applyTo(GraphQL.newGraphQL(schema))
        .build();
  }

  private static ExecutionResult asked(GraphQL graphql, String document, Object root) {
    return graphql.execute(
        Shop.input(ann("r"), document, Map.of()).transform(input -> input.root(root)));
  }

  @Test
  void directive_renamedByALink_isKnown() {
    String sdl =
        """
        extend schema @link(
          url: "https://specs.apollo.dev/federation/v2.9"
          as: "fed"
          import: ["@key", {name: "@requiresScopes", as: "@needs"}])
        directive @needs(scopes: [[String!]!]!) on FIELD_DEFINITION
        directive @fed__authenticated on FIELD_DEFINITION
        type Query @public { a: Int @needs(scopes: [["never"]]) b: Int @fed__authenticated c: Int }
        """;
    GraphQL graphql = guarded(schema(LINK + sdl), AccessRules.none());

    assertThat(codes(asked(graphql, "{ a b c }", Map.of("a", 1, "b", 2))))
        .containsExactly("FORBIDDEN");
    assertThat(codes(graphql.execute("{ a b c }")))
        .containsExactly("UNAUTHENTICATED", "UNAUTHENTICATED");
  }

  @Test
  void directive_renamedOtherwise_stopsTheBuildUntilItIsNamed() {
    for (String named :
        List.of(
            "@needs(scopes: [[\"x\"]])",
            "@isAuthenticated",
            "@requires_scopes(names: \"x\")",
            "@RequiresScopes(names: \"x\")",
            "@auth(roles: [\"x\"])")) {
      String definition =
          "directive "
              + named
                  .replaceAll("\\(scopes.*", "(scopes: [[String!]!]!)")
                  .replaceAll("\\(names.*", "(names: String)")
                  .replaceAll("\\(roles.*", "(roles: [String])")
              + " on FIELD_DEFINITION\n";
      GraphQLSchema schema =
          schema(definition + "scalar link__Import type Query @public { a: Int " + named + " }");
      assertThatThrownBy(() -> GraphQLGuard.builder(schema).build())
          .as(named)
          .isInstanceOf(Problems.InvalidException.class)
          .hasMessageContaining("Query.a");
      String name = named.replaceAll("@(\\w+).*", "$1");
      AccessRules ignoring = AccessRules.builder().dangerouslyIgnoreDirective(name).build();
      assertThatCode(() -> GraphQLGuard.builder(schema).access(ignoring).build())
          .doesNotThrowAnyException();
    }
  }

  @Test
  void type_extendedOrGivenTwoDirectives_hasAllOfThem() {
    GraphQLSchema schema =
        schema(
            """
            scalar link__Import
            type Query @public { a: Int }
            extend type Query @requiresScopes(scopes: [["never"]]) { b: Int @public }
            """);
    GraphQL graphql = guarded(schema, AccessRules.none());

    assertThat(codes(asked(graphql, "{ a b }", Map.of("a", 1, "b", 2))))
        .containsExactly("FORBIDDEN", "FORBIDDEN");
  }

  @Test
  void type_spelledLikeIntrospection_isAsClosedAsAnyOther() {
    GraphQLSchema open =
        schema("scalar link__Import type Query @public { a: __Box } type __Box { secret: Int }");
    assertThatThrownBy(() -> GraphQLGuard.builder(open).build())
        .isInstanceOf(UnprotectedSchemaException.class)
        .hasMessageContaining("__Box.secret");

    GraphQL graphql =
        guarded(
            schema(
                """
                scalar link__Import
                type Query @public { a: __Box b(in: __In, e: __E): Int }
                type __Box @requiresScopes(scopes: [["never"]]) { secret: Int }
                input __In { secret: Int @requiresScopes(scopes: [["never"]]) }
                enum __E { A B @requiresScopes(scopes: [["never"]]) }
                """),
            AccessRules.none());
    for (String document :
        List.of(
            "{ a { secret } }", "{ a { __typename } }", "{ b(in: {secret: 1}) }", "{ b(e: B) }")) {
      assertThat(codes(asked(graphql, document, Map.of("a", Map.of("secret", 1), "b", 1))))
          .as(document)
          .containsOnly("FORBIDDEN")
          .isNotEmpty();
    }
    assertThat(codes(asked(graphql, "{ b(e: A) __type(name: \"__In\") { name } }", Map.of("b", 1))))
        .isEmpty();
  }

  @Test
  void field_definitionThatTwoTypesShare_hasTheRulesOfEach() {
    GraphQLFieldDefinition shared =
        GraphQLFieldDefinition.newFieldDefinition().name("s").type(Scalars.GraphQLString).build();
    GraphQLObjectType open = GraphQLObjectType.newObject().name("Open").field(shared).build();
    GraphQLObjectType shut = GraphQLObjectType.newObject().name("Shut").field(shared).build();
    GraphQLObjectType query =
        GraphQLObjectType.newObject()
            .name("Query")
            .field(field -> field.name("open").type(open))
            .field(field -> field.name("shut").type(shut))
            .build();
    GraphQLSchema schema = GraphQLSchema.newSchema().query(query).build();
    AccessRules rules =
        AccessRules.builder()
            .open("Query")
            .open("Open")
            .open("Shut.s")
            .requiresScopes("Shut.s", "never")
            .build();
    Map<String, Object> root = Map.of("open", Map.of("s", "a"), "shut", Map.of("s", "SECRET"));
    ExecutionResult result = asked(guarded(schema, rules), "{ open { s } shut { s } }", root);

    assertThat(result.toSpecification().toString()).contains("s=a").doesNotContain("SECRET");
    assertThat(codes(result)).containsExactly("FORBIDDEN");
  }

  @Test
  void objects_inWhateverAResolverWrapsThem_areChecked() {
    GraphQLSchema schema =
        schema(
            """
            scalar link__Import
            type Query @public { one: T many: [T] sure: [T!] deep: [[T!]!] }
            type T @public @owner(by: "owner") { id: ID }
            """);
    GraphQL graphql = guarded(schema, AccessRules.none());
    Map<String, Object> mine = Map.of("id", "mine", "owner", "acme-c1");
    Map<String, Object> foreign = Map.of("id", "SECRET", "owner", "acme-c2");
    List<Object> both = Arrays.asList(foreign, mine, null, Optional.of(foreign));
    List<Object> ones =
        List.of(
            foreign,
            Optional.of(foreign),
            CompletableFuture.completedFuture(foreign),
            CompletableFuture.supplyAsync(() -> Optional.of(foreign)),
            DataFetcherResult.newResult().data(foreign).build(),
            CompletableFuture.completedFuture(DataFetcherResult.newResult().data(foreign).build()));
    for (Object one : ones) {
      ExecutionResult result = asked(graphql, "{ one { id } }", Map.of("one", one));
      assertThat(result.toSpecification().toString()).isEqualTo("{data={one=null}}");
    }
    List<Object> lists = new ArrayList<>();
    lists.add(both);
    lists.add(both.toArray());
    lists.add(Optional.of(both));
    lists.add(both.stream());
    lists.add(both.iterator());
    lists.add(Collections.unmodifiableCollection(both));
    lists.add(CompletableFuture.completedFuture(both));
    lists.add(DataFetcherResult.newResult().data(both).build());
    for (Object list : lists) {
      ExecutionResult result = asked(graphql, "{ many { id } }", Map.of("many", list));
      assertThat(result.toSpecification().toString())
          .as("%s", list.getClass())
          .isEqualTo("{data={many=[null, {id=mine}, null, null]}}");
    }
    Map<String, Object> root =
        Map.of(
            "sure",
            List.of(foreign, mine),
            "deep",
            List.of(List.of(foreign), Stream.of(mine, foreign)));
    assertThat(asked(graphql, "{ sure { id } deep { id } }", root).toSpecification().toString())
        .isEqualTo("{data={sure=[{id=mine}], deep=[[], [{id=mine}]]}}");
  }

  @Test
  void object_withoutTheProperty_isNobodys() {
    GraphQLSchema schema =
        schema(
            "scalar link__Import type Query @public { one: T }"
                + " type T @public @tenant(by: \"tenent\") { id: ID }");
    ExecutionResult result =
        asked(
            guarded(schema, AccessRules.none()),
            "{ one { id } }",
            Map.of("one", Map.of("id", "SECRET", "tenantId", "acme")));

    assertThat(result.<Object>getData()).isEqualTo(Collections.singletonMap("one", null));
  }

  @Test
  void error_besideAHiddenObject_isHiddenToo() {
    GraphQLSchema schema =
        new SchemaGenerator()
            .makeExecutableSchema(
                AccessDirectives.read(
                    "type Query @public { one: T } type T @public @owner(by: \"owner\") { id: ID }"),
                RuntimeWiring.newRuntimeWiring()
                    .type(
                        "Query",
                        type ->
                            type.dataFetcher(
                                "one",
                                env ->
                                    DataFetcherResult.newResult()
                                        .data(Map.of("id", "SECRET", "owner", "x"))
                                        .error(
                                            graphql.GraphqlErrorBuilder.newError(env)
                                                .message("SECRET is stale")
                                                .build())
                                        .build()))
                    .build());

    assertThat(
            asked(guarded(schema, AccessRules.none()), "{ one { id } }", Map.of())
                .toSpecification()
                .toString())
        .isEqualTo("{data={one=null}}");
  }

  @Test
  void key_grantedInOneFragmentAndRefusedInAnother_isRefused() {
    Shop shop = new Shop();
    ExecutionResult result =
        shop.ask(
            ann(),
            "{ a: orders(where: {status: OPEN}) { id } ...F }"
                + " fragment F on Query { a: orders(where: {status: OPEN}) { notes } }");

    assertThat(codes(result)).containsOnly("FORBIDDEN");
    assertThat(result.toSpecification().toString()).doesNotContain("the notes");
  }

  @Test
  void document_ofOneCaller_isDecidedAnewForAnother() {
    Shop shop = new Shop();
    String document = "{ order(id: \"acme-o2\") { notes } }";
    for (int round = 0; round < 3; round++) {
      assertThat(codes(shop.ask(ann("order:internal"), document))).isEmpty();
      assertThat(codes(shop.ask(ann(), document))).containsExactly("FORBIDDEN");
      assertThat(codes(shop.ask(null, document))).contains("UNAUTHENTICATED");
    }
  }

  @Test
  void schema_thatIsNotTheGuards_isClosedWhereItsRulesAre() {
    GraphQLSchema own = schema("scalar link__Import type Query @public { a: Int b: Int }");
    GraphQLSchema other =
        schema(
            "scalar link__Import type Query { a: Int @public b: Int c: T @public } type T { d: Int }");
    GraphQLGuard guard = GraphQLGuard.builder(own).build();
    GraphQL graphql = GraphQL.newGraphQL(other).instrumentation(guard.instrumentation()).build();

    ExecutionResult result =
        asked(graphql, "{ a b c { d } }", Map.of("a", 1, "b", 2, "c", Map.of("d", 3)));
    assertThat(codes(result)).containsExactly("FORBIDDEN", "FORBIDDEN");
    assertThat(result.<Map<String, Object>>getData())
        .containsEntry("a", 1)
        .containsEntry("b", null);
  }

  @Test
  void inputs_thatAreHuge_areRefusedInBoundedTime() {
    Shop shop = new Shop();
    List<Object> many = new ArrayList<>(Collections.nCopies(InputUse.MAX_STEPS + 1, "OPEN"));
    GraphQLSchema schema =
        schema(
            "scalar link__Import type Query @public { a(s: [E]): Int }"
                + " enum E { OPEN SHUT @requiresScopes(scopes: [[\"r\"]]) }");
    ExecutionResult result =
        guarded(schema, AccessRules.none())
            .execute(Shop.input(ann("r"), "query($s: [E]) { a(s: $s) }", Map.of("s", many)));

    assertThat(codes(result)).containsExactly("FORBIDDEN");
    assertThat(shop.ran).isEmpty();
  }
}
