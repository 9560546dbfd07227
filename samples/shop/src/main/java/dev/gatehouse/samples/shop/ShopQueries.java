package dev.gatehouse.samples.shop;

import static graphql.schema.idl.TypeRuntimeWiring.newTypeWiring;

import dev.gatehouse.core.Principal;
import graphql.TypeResolutionEnvironment;
import graphql.schema.DataFetchingEnvironment;
import graphql.schema.GraphQLObjectType;
import graphql.schema.idl.RuntimeWiring;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The resolvers: how things are found. Who may see them stands in the schema; what is filtered here
 * is filtered so that a list holds what its reader may see, and not gaps.
 */
final class ShopQueries {
  private static final int MOST = 1_000;

  private final ShopData data;

  ShopQueries(ShopData data) {
    this.data = data;
  }

  RuntimeWiring.Builder addTo(RuntimeWiring.Builder wiring) {
    return wiring
        .type(
            newTypeWiring("Query")
                .dataFetcher("me", env -> data.customer(caller(env).id()))
                .dataFetcher("order", env -> data.order(id(env)))
                .dataFetcher("orders", env -> orders(env, order -> true))
                .dataFetcher("node", env -> node(id(env)))
                .dataFetcher("nodes", env -> ids(env).stream().map(this::node).toList())
                .dataFetcher("search", this::search)
                .dataFetcher("product", env -> data.product(id(env)))
                .dataFetcher("products", env -> data.products().limit(first(env)).toList()))
        .type(
            newTypeWiring("Order")
                .dataFetcher("customer", env -> data.customer(order(env).customerId()))
                .dataFetcher("products", env -> data.productsOf(order(env))))
        .type(newTypeWiring("Customer").dataFetcher("orders", this::ordersOf))
        .type(newTypeWiring("Product").dataFetcher("related", this::related))
        .type(newTypeWiring("Node").typeResolver(ShopQueries::typeOf))
        .type(newTypeWiring("SearchResult").typeResolver(ShopQueries::typeOf));
  }

  private List<Product> related(DataFetchingEnvironment env) {
    return data.related(source(env, Product.class), first(env));
  }

  private Map<String, @Nullable Object> ordersOf(DataFetchingEnvironment env) {
    Customer customer = source(env, Customer.class);
    return orders(env, order -> order.customerId().equals(customer.id()));
  }

  private Map<String, @Nullable Object> orders(
      DataFetchingEnvironment env, Predicate<Order> wanted) {
    Principal caller = caller(env);
    Map<String, Object> where = given(env, "where", Map.of());
    String after = given(env, "after", "");
    int first = first(env);
    List<Order> found =
        data.orders()
            .filter(order -> Caller.maySee(caller, order))
            .filter(wanted.and(order -> fits(order, where)))
            .dropWhile(order -> !after.isEmpty() && !order.id().equals(after))
            .skip(after.isEmpty() ? 0 : 1)
            .limit(first + 1L)
            .toList();
    boolean more = found.size() > first;
    List<Order> page = more ? found.subList(0, first) : found;
    String next = more && !page.isEmpty() ? page.get(page.size() - 1).id() : null;
    Map<String, @Nullable Object> connection = new HashMap<>();
    connection.put("nodes", page);
    connection.put("nextCursor", next);
    return connection;
  }

  private static boolean fits(Order order, Map<String, Object> where) {
    Object status = where.get("status");
    Object notes = where.get("notesContain");
    return (status == null || order.status().name().equals(status.toString()))
        && (notes == null || order.internalNotes().contains(notes.toString()));
  }

  private @Nullable Object node(String id) {
    Order order = data.order(id);
    return order == null ? data.customer(id) : order;
  }

  private List<Object> search(DataFetchingEnvironment env) {
    Principal caller = caller(env);
    String text = required(env, "text", String.class).toLowerCase(Locale.ROOT);
    List<Object> found = new ArrayList<>();
    Stream.concat(
            data.orders()
                .filter(order -> Caller.maySee(caller, order))
                .filter(order -> order.id().contains(text)),
            data.products()
                .filter(product -> product.name().toLowerCase(Locale.ROOT).contains(text)))
        .limit(first(env))
        .forEach(found::add);
    return found;
  }

  /** Who calls: there is one, for the schema lets nobody else get here. */
  static Principal caller(DataFetchingEnvironment env) {
    Principal caller = env.getGraphQlContext().get(Principal.class);
    if (caller == null) {
      throw new IllegalStateException("a resolver for known callers ran without one");
    }
    return caller;
  }

  static String id(DataFetchingEnvironment env) {
    return required(env, "id", String.class);
  }

  private static List<String> ids(DataFetchingEnvironment env) {
    List<?> ids = required(env, "ids", List.class);
    return ids.stream().map(String::valueOf).toList();
  }

  private static int first(DataFetchingEnvironment env) {
    return Math.min(MOST, required(env, "first", Integer.class));
  }

  // An argument that may be left out may be null, too.
  private static <T> T given(DataFetchingEnvironment env, String argument, T otherwise) {
    T value = env.getArgument(argument);
    return value == null ? otherwise : value;
  }

  // The schema makes sure of it, and the compiler cannot know.
  private static <T> T required(DataFetchingEnvironment env, String argument, Class<T> type) {
    return type.cast(Objects.requireNonNull(env.<Object>getArgument(argument)));
  }

  private static <T> T source(DataFetchingEnvironment env, Class<T> type) {
    return type.cast(Objects.requireNonNull(env.<Object>getSource()));
  }

  private static Order order(DataFetchingEnvironment env) {
    return source(env, Order.class);
  }

  // Our records are named as the schema's types.
  private static @Nullable GraphQLObjectType typeOf(TypeResolutionEnvironment env) {
    Object object = Objects.requireNonNull(env.<Object>getObject());
    return env.getSchema().getObjectType(object.getClass().getSimpleName());
  }
}
