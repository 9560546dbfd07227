package dev.gatehouse.benchmarks;

import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.graphql.GraphQLGuard;
import dev.gatehouse.graphql.Limits;
import dev.gatehouse.graphql.access.AccessDirectives;
import graphql.ExecutionInput;
import graphql.ExecutionResult;
import graphql.GraphQL;
import graphql.schema.GraphQLSchema;
import graphql.schema.idl.RuntimeWiring;
import graphql.schema.idl.SchemaGenerator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * 10,000 orders of one customer, listed with a rule of their tenant and their owner, and without.
 */
final class OwnedOrders {
  private static final int ORDERS = 10_000;
  private static final String SDL =
      """
      type Query { orders: [Order!]! @authenticated }
      type Order @authenticated @tenant @owner(by: "customerId", orScopes: ["order:read-all"]) {
        id: ID!
        status: String!
        totalCents: Int!
        notes: String @requiresScopes(scopes: [["order:internal"]])
      }
      """;
  private static final String DOCUMENT = "{ orders { id status totalCents } }";

  /** An order as resolvers have it. */
  public record Order(
      String id, String tenantId, String customerId, String status, int totalCents) {}

  private final GraphQLSchema schema;
  private final GraphQL bare;
  private final GraphQL guarded;
  private final Principal caller;

  OwnedOrders(Principal caller) {
    this.caller = caller;
    List<Order> orders =
        IntStream.range(0, ORDERS)
            .mapToObj(i -> new Order("o" + i, "acme", "c1", "OPEN", i))
            .toList();
    this.schema =
        new SchemaGenerator()
            .makeExecutableSchema(
                AccessDirectives.read(SDL),
                RuntimeWiring.newRuntimeWiring()
                    .type("Query", type -> type.dataFetcher("orders", env -> orders))
                    .build());
    this.bare = GraphQL.newGraphQL(schema).build();
    this.guarded =
        GraphQLGuard.builder(schema)
            .limits(Limits.none())
            .build()
            .applyTo(GraphQL.newGraphQL(schema))
            .build();
  }

  /** The tenant that the orders are of. */
  static TenantId tenant() {
    return TenantId.of("acme");
  }

  ExecutionResult bare() {
    return checked(bare);
  }

  ExecutionResult guarded() {
    return checked(guarded);
  }

  private ExecutionResult checked(GraphQL graphql) {
    ExecutionResult result =
        graphql.execute(
            ExecutionInput.newExecutionInput(DOCUMENT)
                .graphQLContext(Map.of(Principal.class, caller)));
    Map<String, List<?>> data = result.getData();
    List<?> listed = data == null ? null : data.get("orders");
    if (listed == null || listed.size() != ORDERS) {
      throw new IllegalStateException(result.getErrors().toString());
    }
    return result;
  }
}
