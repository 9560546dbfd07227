package dev.gatehouse.graphql.reference;

import static graphql.schema.GraphQLTypeUtil.unwrapAll;

import graphql.ExecutionInput;
import graphql.ExecutionResult;
import graphql.GraphQL;
import graphql.GraphQLContext;
import graphql.execution.CoercedVariables;
import graphql.language.Document;
import graphql.language.Field;
import graphql.language.OperationDefinition;
import graphql.language.Value;
import graphql.schema.Coercing;
import graphql.schema.DataFetcherFactories;
import graphql.schema.DataFetchingEnvironment;
import graphql.schema.GraphQLCodeRegistry;
import graphql.schema.GraphQLFieldDefinition;
import graphql.schema.GraphQLInterfaceType;
import graphql.schema.GraphQLList;
import graphql.schema.GraphQLNonNull;
import graphql.schema.GraphQLObjectType;
import graphql.schema.GraphQLScalarType;
import graphql.schema.GraphQLSchema;
import graphql.schema.GraphQLType;
import graphql.schema.GraphQLUnionType;
import graphql.schema.TypeResolver;
import graphql.schema.idl.RuntimeWiring;
import graphql.schema.idl.SchemaGenerator;
import graphql.schema.idl.SchemaParser;
import graphql.schema.idl.TypeDefinitionRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * Runs an operation with graphql-java on data made at random, no list longer than its schema says,
 * and adds up by the same rules what the resolvers that really ran and the values that really came
 * cost.
 */
final class CountedExecution {
  private static final int MOST_VALUES = 3_000;
  private static final int LONGEST = 5;

  /** A resolver's call, and the values that it gave. */
  private static final class Call {
    private final double cost;
    private final List<Given> given = new ArrayList<>();

    Call(double cost) {
      this.cost = cost;
    }

    double type() {
      return Math.max(0, given.stream().mapToDouble(Given::type).sum());
    }

    double field() {
      return cost + given.stream().mapToDouble(Given::field).sum();
    }
  }

  /** A value that a resolver gave, and the calls below it. */
  private static final class Given {
    private final GraphQLObjectType type;
    private final double weight;
    private final Map<String, Double> sizes;
    private final List<Call> calls = new ArrayList<>();

    Given(GraphQLType type, Map<String, Double> sizes) {
      this.type = type instanceof GraphQLObjectType object ? object : null;
      this.weight = Prices.weight(type);
      this.sizes = sizes;
    }

    double type() {
      return weight + calls.stream().mapToDouble(Call::type).sum();
    }

    double field() {
      return calls.stream().mapToDouble(Call::field).sum();
    }
  }

  /**
   * What an execution came to.
   *
   * @param typeCost of the values that came
   * @param fieldCost of the resolvers that ran
   * @param calls how many resolvers ran
   * @param errors what graphql-java had to say
   */
  record Actual(double typeCost, double fieldCost, int calls, List<String> errors) {}

  private final GraphQLSchema schema;
  private final Prices prices;
  private final double defaultListSize;
  private Random random = new Random();
  private InputValues values;
  private Given root;
  private int calls;
  private int left;

  CountedExecution(String sdl, double defaultListSize) {
    this.schema = executable(sdl);
    this.prices = new Prices(defaultListSize);
    this.defaultListSize = defaultListSize;
  }

  private GraphQLSchema executable(String sdl) {
    TypeDefinitionRegistry types = new SchemaParser().parse(sdl);
    TypeResolver resolver = env -> ((Given) env.getObject()).type;
    RuntimeWiring.Builder wiring = RuntimeWiring.newRuntimeWiring().scalar(heavy());
    types
        .types()
        .values()
        .forEach(
            type -> {
              if (type instanceof graphql.language.InterfaceTypeDefinition
                  || type instanceof graphql.language.UnionTypeDefinition) {
                wiring.type(type.getName(), builder -> builder.typeResolver(resolver));
              }
            });
    wiring.codeRegistry(
        GraphQLCodeRegistry.newCodeRegistry()
            .defaultDataFetcher(DataFetcherFactories.useDataFetcher(this::fetched)));
    return new SchemaGenerator().makeExecutableSchema(types, wiring.build());
  }

  private static GraphQLScalarType heavy() {
    Coercing<String, String> text =
        new Coercing<>() {
          @Override
          public String serialize(Object value, GraphQLContext context, Locale locale) {
            return String.valueOf(value);
          }

          @Override
          public String parseValue(Object value, GraphQLContext context, Locale locale) {
            return String.valueOf(value);
          }

          @Override
          public String parseLiteral(
              Value<?> value, CoercedVariables variables, GraphQLContext context, Locale locale) {
            return String.valueOf(value);
          }
        };
    return GraphQLScalarType.newScalar().name("Heavy").coercing(text).build();
  }

  GraphQLSchema schema() {
    return schema;
  }

  /** Runs one operation. */
  Actual run(Document document, RandomOperation.Made made, Random random) {
    OperationDefinition operation = document.getDefinitionsOfType(OperationDefinition.class).get(0);
    GraphQLObjectType rootType =
        operation.getOperation() == OperationDefinition.Operation.QUERY
            ? schema.getQueryType()
            : schema.getMutationType();
    this.random = random;
    this.values = InputValues.of(schema, operation, made.variables());
    this.root = new Given(rootType, Map.of());
    this.calls = 0;
    this.left = MOST_VALUES;
    ExecutionResult result =
        GraphQL.newGraphQL(schema)
            .build()
            .execute(
                ExecutionInput.newExecutionInput(made.text())
                    .variables(made.variables())
                    .root(root));
    return new Actual(
        Math.max(0, root.type()),
        root.field(),
        calls,
        result.getErrors().stream().map(error -> error.getMessage()).toList());
  }

  private Object fetched(DataFetchingEnvironment env) {
    GraphQLObjectType parent = (GraphQLObjectType) env.getParentType();
    GraphQLFieldDefinition field = parent.getFieldDefinition(env.getField().getName());
    List<Field> nodes = env.getMergedField().getFields();
    Given above = env.getSource();
    Prices.Size size = prices.size(field, nodes.get(0), above.sizes.get(field.getName()), values);
    Call call = new Call(Prices.call(schema, field, nodes, values));
    above.calls.add(call);
    calls++;
    return value(field.getType(), size.outer(), size.moved(), call);
  }

  private Object value(GraphQLType type, double size, Map<String, Double> moved, Call call) {
    if (type instanceof GraphQLNonNull nonNull) {
      return present(nonNull.getWrappedType(), size, moved, call);
    }
    return random.nextInt(12) == 0 ? null : present(type, size, moved, call);
  }

  private Object present(GraphQLType type, double size, Map<String, Double> moved, Call call) {
    if (type instanceof GraphQLList list) {
      int longest = left <= 0 ? 0 : (int) Math.min(size, LONGEST);
      // Full lists are those that come closest to the estimate.
      int length = random.nextInt(3) == 0 ? random.nextInt(longest + 1) : longest;
      List<Object> items = new ArrayList<>();
      for (int i = 0; i < length; i++) {
        items.add(value(list.getWrappedType(), defaultListSize, moved, call));
      }
      return items;
    }
    left--;
    List<GraphQLObjectType> possible = possible(type);
    GraphQLType runtime =
        possible.isEmpty() ? unwrapAll(type) : possible.get(random.nextInt(possible.size()));
    Given given = new Given(runtime, moved);
    call.given.add(given);
    return given.type == null ? leaf(runtime) : given;
  }

  private List<GraphQLObjectType> possible(GraphQLType type) {
    if (type instanceof GraphQLInterfaceType abstractType) {
      return schema.getImplementations(abstractType);
    }
    return type instanceof GraphQLUnionType union
        ? union.getTypes().stream().map(GraphQLObjectType.class::cast).toList()
        : List.of();
  }

  private static Object leaf(GraphQLType type) {
    return switch (((graphql.schema.GraphQLNamedType) type).getName()) {
      case "Int" -> 1;
      case "Boolean" -> true;
      case "Color" -> "RED";
      default -> "text";
    };
  }
}
