package dev.gatehouse.benchmarks;

import dev.gatehouse.graphql.http.GraphQLSocketHandler;
import graphql.schema.DataFetcher;
import graphql.schema.GraphQLSchema;
import graphql.schema.idl.RuntimeWiring;
import graphql.schema.idl.SchemaGenerator;
import graphql.schema.idl.SchemaParser;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import org.reactivestreams.Publisher;

/** The one subscription of the servers of {@code sockets}, and the frames in which it comes. */
final class OrderSubscription {
  static final String PATH = "/graphql";
  static final String ID = "1";
  static final String DOCUMENT = "subscription { order { n text } }";

  private static final String SDL =
      """
      type Query { orders: Int }
      type Subscription { order: Order }
      type Order { n: Int text: String }
      """;

  private OrderSubscription() {}

  static GraphQLSchema schema(DataFetcher<? extends Publisher<?>> orders) {
    return new SchemaGenerator()
        .makeExecutableSchema(
            new SchemaParser().parse(SDL),
            RuntimeWiring.newRuntimeWiring()
                .type("Subscription", type -> type.dataFetcher("order", orders))
                .build());
  }

  /** The same for all servers, so that they differ in nothing but who writes. */
  static HttpServerOptions serverOptions() {
    return GraphQLSocketHandler.serverOptions(new HttpServerOptions().setAcceptBacklog(10_000));
  }

  static String connectionInit() {
    return new JsonObject().put("type", "connection_init").encode();
  }

  static String connectionAck() {
    return new JsonObject().put("type", "connection_ack").encode();
  }

  static String subscribe() {
    return message("subscribe", new JsonObject().put("query", DOCUMENT));
  }

  static String next(Object result) {
    return message("next", result);
  }

  private static String message(String type, Object payload) {
    return new JsonObject().put("id", ID).put("type", type).put("payload", payload).encode();
  }
}
