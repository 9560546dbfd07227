package dev.gatehouse.benchmarks;

import dev.gatehouse.graphql.cost.CostDirectives;
import graphql.language.Document;
import graphql.parser.Parser;
import graphql.parser.ParserEnvironment;
import graphql.parser.ParserOptions;
import graphql.schema.DataFetcherFactories;
import graphql.schema.GraphQLCodeRegistry;
import graphql.schema.GraphQLList;
import graphql.schema.GraphQLScalarType;
import graphql.schema.GraphQLSchema;
import graphql.schema.GraphQLType;
import graphql.schema.GraphQLTypeUtil;
import graphql.schema.idl.RuntimeWiring;
import graphql.schema.idl.SchemaGenerator;
import java.util.Collections;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A schema, and documents on it of the shapes that are measured. */
final class GraphqlDocuments {
  private static final int OBJECTS_A_SPREAD = 128;
  private static final int MEGABYTE = 1 << 20;
  private static final int LIST = 5;
  private static final Object OBJECT = new Object();

  private static final String SDL =
      """
      type Query {
        user(id: ID): User
        users(first: Int = 5): [User] @listSize(slicingArguments: ["first"])
        node(id: ID): Node
      }
      interface Node { id: ID name: String }
      type User implements Node {
        id: ID
        name: String
        email: String @cost(weight: "2")
        friend: User
        friends(first: Int = 5): [User] @listSize(slicingArguments: ["first"])
        groups(first: Int = 5): [Group] @listSize(slicingArguments: ["first"])
      }
      type Group implements Node { id: ID name: String members(first: Int = 5): [User]
        @listSize(slicingArguments: ["first"]) }
      """;

  private GraphqlDocuments() {}

  /** The schema, with resolvers that cost nothing. */
  static GraphQLSchema schema() {
    return new SchemaGenerator()
        .makeExecutableSchema(
            CostDirectives.read(SDL),
            RuntimeWiring.newRuntimeWiring()
                .type(
                    "Node", type -> type.typeResolver(env -> env.getSchema().getObjectType("User")))
                .codeRegistry(
                    GraphQLCodeRegistry.newCodeRegistry()
                        .defaultDataFetcher(
                            DataFetcherFactories.useDataFetcher(env -> value(env.getFieldType()))))
                .build());
  }

  private static Object value(GraphQLType type) {
    if (GraphQLTypeUtil.unwrapNonNull(type) instanceof GraphQLList) {
      return Collections.nCopies(LIST, OBJECT);
    }
    return type instanceof GraphQLScalarType ? "text" : OBJECT;
  }

  private static String times(int count, String text) {
    return IntStream.range(0, count)
        .mapToObj(i -> text.replace("#", String.valueOf(i)))
        .collect(Collectors.joining(" "));
  }

  /** 300 response paths, with fragments, sizes from variables, and conditions. */
  static String threeHundredFields() {
    return "query Q($n: Int, $more: Boolean!) { "
        + times(
            25,
            "u#: user(id: # ) { id ...F friends(first: $n) { id name groups { id name } } "
                + "friend @include(if: $more) { email } }")
        + " } fragment F on User { name email }";
  }

  /** A query of 20 aliases and about 2.3 kB. */
  static String twentyAliases() {
    return "query Q($n: Int) { "
        + times(
            20,
            "friendOfUser#: user(id: \"user-#\") { id name email friends(first: $n) { id name"
                + " email } groups(first: 2) { id } }")
        + " }";
  }

  /** Fragments that each spread the next one twice: 33,554,432 objects at the bottom. */
  static String doubling(int levels) {
    StringBuilder text = new StringBuilder("{ user { ...F0 } }");
    for (int i = 0; i < levels; i++) {
      String next = ": friend { ...F" + (i + 1) + " }";
      text.append(" fragment F").append(i).append(" on User { a").append(next);
      text.append(" b").append(next).append(" }");
    }
    return text.append(" fragment F").append(levels).append(" on User { name }").toString();
  }

  /** 128 objects in a fragment, spread so many times. */
  static String spreads(int count) {
    return "{ "
        + times(count, "s#: user { ...F }")
        + " } fragment F on User { "
        + times(OBJECTS_A_SPREAD, "o#: friend { id }")
        + " }";
  }

  static String duplicates(int count) {
    return "{ user { " + "name ".repeat(count) + "} }";
  }

  /** A megabyte of definitions that nothing uses. */
  static String megabyte() {
    String one = " fragment F# on User { id name email }";
    return "{ user { name } }" + times(MEGABYTE / (one.length() + 5), one);
  }

  /** Parses whatever the length. */
  static Document parsed(String text) {
    ParserOptions wide =
        ParserOptions.newParserOptions()
            .maxCharacters(10 * MEGABYTE)
            .maxTokens(5 * MEGABYTE)
            .maxWhitespaceTokens(10 * MEGABYTE)
            .build();
    return new Parser()
        .parseDocument(
            ParserEnvironment.newParserEnvironment().document(text).parserOptions(wide).build());
  }
}
