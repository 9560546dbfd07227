package dev.gatehouse.graphql.access;

import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.graphql.GraphQLGuard;
import dev.gatehouse.graphql.Limits;
import graphql.ExecutionInput;
import graphql.ExecutionResult;
import graphql.GraphQL;
import graphql.schema.DataFetcher;
import graphql.schema.GraphQLSchema;
import graphql.schema.TypeResolver;
import graphql.schema.idl.RuntimeWiring;
import graphql.schema.idl.SchemaGenerator;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.SubmissionPublisher;
import java.util.function.UnaryOperator;

/** A small shop: orders and customers of two tenants, products of none, behind a guard. */
final class Shop {
  static final String SDL =
      """
      interface Node @authenticated { id: ID! }
      type Query {
        me: Customer @authenticated
        order(id: ID!): Order @authenticated
        sureOrder(id: ID!): Order! @authenticated
        orders(where: OrderFilter): [Order!]! @authenticated
        maybeOrders: [Order] @authenticated
        nodes(ids: [ID!]!): [Node]! @authenticated
        node(id: ID!): Node @authenticated
        search(text: String): [SearchResult!]! @public
        product(id: ID!): Product @public
        report(year: Int): String @policy(policies: [["may-report"]])
        audit: Audit @authenticated
      }
      union SearchResult = Order | Product
      input OrderFilter {
        status: OrderStatus
        notesContain: String @requiresScopes(scopes: [["order:internal"]])
      }
      enum OrderStatus { OPEN PAID @requiresScopes(scopes: [["order:paid"]]) CANCELLED }
      type Order implements Node
        @authenticated
        @tenant
        @owner(by: "customerId", orScopes: ["order:read-all"]) {
        id: ID!
        status: OrderStatus
        customer: Customer
        notes: String @requiresScopes(scopes: [["order:internal"]])
        sureNotes: String! @requiresScopes(scopes: [["order:internal"]])
      }
      type Customer implements Node @authenticated @tenant(by: "tenantId") {
        id: ID!
        email: String @masked(unlessScopes: ["customer:pii"], with: "***")
        orders: [Order!]!
      }
      type Product @public { id: ID! name: String! }
      type Audit @requiresScopes(scopes: [["audit:read"]]) { lines: [String] }
      type Mutation {
        cancelOrder(id: ID!): Order @requiresScopes(scopes: [["order:write"]])
        log(line: String): Boolean @authenticated
        transfer(from: ID!, to: ID!): Boolean @authenticated
        secret: Boolean @requiresScopes(scopes: [["never"]])
      }
      type Subscription { orderChanged: Order @authenticated }
      """;

  /** An order as resolvers have it. */
  record Order(String id, String tenantId, String customerId, String status) {}

  /** A customer. */
  record Customer(String id, String tenantId) {}

  /** A product. */
  record Product(String id) {}

  final List<String> ran = new CopyOnWriteArrayList<>();
  final SubmissionPublisher<Object> changes = new SubmissionPublisher<>(Runnable::run, 256);
  final Map<String, Object> byId = new LinkedHashMap<>();
  final GraphQLSchema schema = schema();
  final GraphQL graphql;

  Shop() {
    this(builder -> builder);
  }

  Shop(UnaryOperator<GraphQLGuard.Builder> further) {
    for (String tenant : List.of("acme", "globex")) {
      for (int c = 1; c <= 2; c++) {
        put(tenant + "-c" + c, new Customer(tenant + "-c" + c, tenant));
      }
      for (int o = 1; o <= 4; o++) {
        String id = tenant + "-o" + o;
        put(id, new Order(id, tenant, tenant + "-c" + (1 + o % 2), o % 2 == 0 ? "PAID" : "OPEN"));
      }
    }
    put("p1", new Product("p1"));
    GraphQLGuard guard =
        further
            .apply(
                GraphQLGuard.builder(schema)
                    .limits(Limits.none())
                    .access(
                        AccessRules.builder()
                            .actsOn(
                                "Mutation.cancelOrder",
                                "id",
                                "Order",
                                id -> Future.succeededFuture(byId.get(id)))
                            .build()))
            .build();
    graphql = guard.applyTo(GraphQL.newGraphQL(schema)).build();
  }

  private void put(String id, Object value) {
    byId.put(id, value);
  }

  private <T> List<T> all(Class<T> type) {
    List<T> all = new ArrayList<>();
    byId.values().stream().filter(type::isInstance).map(type::cast).forEach(all::add);
    return all;
  }

  private DataFetcher<Object> ran(DataFetcher<Object> fetcher) {
    return env -> {
      ran.add(env.getField().getName());
      return fetcher.get(env);
    };
  }

  private GraphQLSchema schema() {
    TypeResolver resolver =
        env -> env.getSchema().getObjectType(env.getObject().getClass().getSimpleName());
    DataFetcher<Object> byArgument =
        ran(env -> byId.get(String.valueOf(env.<Object>getArgument("id"))));
    return new SchemaGenerator()
        .makeExecutableSchema(
            AccessDirectives.read(SDL),
            RuntimeWiring.newRuntimeWiring()
                .type("Node", type -> type.typeResolver(resolver))
                .type("SearchResult", type -> type.typeResolver(resolver))
                .type(
                    "Query",
                    type ->
                        type.dataFetcher("me", ran(env -> byId.get("acme-c1")))
                            .dataFetcher("order", byArgument)
                            .dataFetcher("sureOrder", byArgument)
                            .dataFetcher("product", byArgument)
                            .dataFetcher("node", byArgument)
                            .dataFetcher("orders", ran(env -> all(Order.class)))
                            .dataFetcher("maybeOrders", ran(env -> all(Order.class)))
                            .dataFetcher(
                                "nodes",
                                ran(
                                    env ->
                                        env.<List<String>>getArgument("ids").stream()
                                            .map(byId::get)
                                            .toList()))
                            .dataFetcher("search", ran(env -> everything()))
                            .dataFetcher("report", ran(env -> "the report"))
                            .dataFetcher("audit", ran(env -> Map.of("lines", List.of("a line")))))
                .type(
                    "Order",
                    type ->
                        type.dataFetcher(
                                "customer",
                                ran(env -> byId.get(env.<Order>getSource().customerId())))
                            .dataFetcher("notes", ran(env -> "the notes"))
                            .dataFetcher("sureNotes", ran(env -> "the notes")))
                .type(
                    "Customer",
                    type ->
                        type.dataFetcher("email", ran(env -> "ann@example.com"))
                            .dataFetcher("orders", ran(env -> all(Order.class))))
                .type("Product", type -> type.dataFetcher("name", ran(env -> "a product")))
                .type(
                    "Mutation",
                    type ->
                        type.dataFetcher("cancelOrder", byArgument)
                            .dataFetcher("log", ran(env -> true))
                            .dataFetcher("transfer", ran(env -> true))
                            .dataFetcher("secret", ran(env -> true)))
                .type("Subscription", type -> type.dataFetcher("orderChanged", ran(env -> changes)))
                .build());
  }

  private List<Object> everything() {
    List<Object> all = new ArrayList<>(all(Order.class));
    all.addAll(all(Product.class));
    return all;
  }

  static Principal caller(String id, String tenant, String... scopes) {
    return Principal.vouchedBy("test", Principal.Kind.USER, id)
        .tenant(TenantId.of(tenant))
        .scopes(Set.of(scopes))
        .build();
  }

  /** Ann of Acme, whose orders are the even ones. */
  static Principal ann(String... scopes) {
    return caller("acme-c1", "acme", scopes);
  }

  ExecutionResult ask(Principal caller, String document) {
    return ask(caller, document, Map.of());
  }

  ExecutionResult ask(Principal caller, String document, Map<String, Object> variables) {
    return graphql.execute(input(caller, document, variables));
  }

  static ExecutionInput input(Principal caller, String document, Map<String, Object> variables) {
    Map<Object, Object> context = caller == null ? Map.of() : Map.of(Principal.class, caller);
    return ExecutionInput.newExecutionInput(document)
        .variables(variables)
        .graphQLContext(context)
        .build();
  }

  static List<String> codes(ExecutionResult result) {
    return result.getErrors().stream()
        .map(
            error ->
                error.getExtensions() == null
                    ? String.valueOf(error.getErrorType())
                    : String.valueOf(error.getExtensions().get("code")))
        .toList();
  }

  static List<Object> paths(ExecutionResult result) {
    return result.getErrors().stream().<Object>map(error -> error.getPath()).toList();
  }
}
