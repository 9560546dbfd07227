package dev.gatehouse.graphql.access;

import dev.gatehouse.core.Decision;
import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.graphql.GraphQLGuard;
import dev.gatehouse.graphql.Limits;
import graphql.ExecutionInput;
import graphql.ExecutionResult;
import graphql.GraphQL;
import graphql.scalar.GraphqlStringCoercing;
import graphql.schema.DataFetcher;
import graphql.schema.GraphQLScalarType;
import graphql.schema.GraphQLSchema;
import graphql.schema.TypeResolver;
import graphql.schema.idl.RuntimeWiring;
import graphql.schema.idl.SchemaGenerator;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/**
 * A schema with one guarded thing, to which many paths lead, and one rule, in one of the places
 * where it can stand.
 */
final class MatrixWorld {
  static final String SECRET = "S3CRET";

  /** Where a rule stands: each is a gap in the SDL. */
  enum Place {
    FIELD("#field#"),
    TYPE("#type#"),
    INTERFACE_FIELD("#interfaceField#"),
    INTERFACE("#interface#"),
    RETURNED("#returned#"),
    ARGUMENT("#argument#"),
    INPUT_FIELD("#inputField#"),
    ENUM_VALUE("#enumValue#");

    private final String gap;

    Place(String gap) {
      this.gap = gap;
    }

    boolean isInput() {
      return this == ARGUMENT || this == INPUT_FIELD || this == ENUM_VALUE;
    }
  }

  /**
   * A rule.
   *
   * @param directive as it is written
   * @param isAbsence whether what it refuses is answered as if it were not there
   */
  record Rule(String name, String directive, AccessRules rules, boolean isAbsence) {}

  private static final String SDL =
      """
      interface Holder #interface# { id: ID! secret: String #interfaceField# }
      interface Plain { id: ID! }
      scalar Secret #returned#
      enum Level { LOW HIGH #enumValue# }
      input Deep { in: In ins: [In!] }
      input In { plain: String guarded: String #inputField# level: Level levels: [Level!] deep: Deep }
      type Query @public {
        thing: Thing
        sure: Thing!
        holder: Holder
        plain: Plain
        any: Any
        node(id: ID): Plain
        nodes(ids: [ID]): [Plain]!
        things: [Thing]
        sureThings: [Thing!]!
        nested: [[Thing!]]
        holders: [Holder!]!
        anys: [Any!]!
        page: Page
        _entities: [Any]!
        later: Thing
        find(guarded: String #argument# in: In level: Level levels: [Level!]): String
      }
      union Any = Thing | Other
      type Page @public { nodes: [Thing!] other: Other }
      type Thing implements Holder & Plain @public #type# {
        id: ID!
        secret: String #field#
        typed: Secret
        self: Thing
        page: Page
      }
      type Other implements Plain @public { id: ID! thing: Thing }
      type Mutation @public { touch: Thing touchAll: Page }
      type Subscription @public { thing: Thing holder: Holder }
      """;

  private static final Object THING =
      Map.of(
          "is",
          "Thing",
          "id",
          "t1",
          "secret",
          SECRET,
          "typed",
          SECRET,
          "tenantId",
          "acme",
          "ownerId",
          "ann");
  private static final Object OTHER = Map.of("is", "Other", "id", "o1");

  final GraphQLSchema schema;
  final AtomicInteger mutations = new AtomicInteger();
  private final GraphQL graphql;
  private boolean isThere = true;

  MatrixWorld(Place place, Rule rule) {
    String sdl = SDL.replace(place.gap, rule.directive()).replaceAll("#\\w+#", "");
    this.schema = schema(sdl);
    GraphQLGuard guard =
        GraphQLGuard.builder(schema)
            .limits(Limits.none())
            .access(rule.rules())
            .access(
                AccessRules.builder()
                    .dangerouslyActsUnasked("Mutation.touch")
                    .dangerouslyActsUnasked("Mutation.touchAll")
                    .build())
            .policies(Policies.of(PolicyDecisionPoint.of(Map.of("may", MatrixWorld::may))))
            .build();
    this.graphql = guard.applyTo(GraphQL.newGraphQL(schema)).build();
  }

  private static Future<Decision> may(PolicyQuestion question) {
    return Future.succeededFuture(
        question.scopes().contains("s") ? Decision.allow() : Decision.deny("no", "no"));
  }

  /** Who may under every rule; who may under none, though known; and nobody. */
  static Optional<Principal> caller(String who) {
    return switch (who) {
      case "granted" -> Optional.of(person("ann", "acme", Set.of("s")));
      case "denied" -> Optional.of(person("bob", "globex", Set.of("a", "other")));
      default -> Optional.empty();
    };
  }

  private static Principal person(String id, String tenant, Set<String> scopes) {
    return Principal.vouchedBy("test", Principal.Kind.USER, id)
        .tenant(TenantId.of(tenant))
        .scopes(scopes)
        .build();
  }

  private Object thing() {
    return isThere ? THING : null;
  }

  private List<Object> things() {
    return isThere ? List.of(THING) : List.of();
  }

  private GraphQLSchema schema(String sdl) {
    TypeResolver resolver =
        env -> env.getSchema().getObjectType((String) ((Map<?, ?>) env.getObject()).get("is"));
    RuntimeWiring.Builder wiring =
        RuntimeWiring.newRuntimeWiring()
            .scalar(
                GraphQLScalarType.newScalar()
                    .name("Secret")
                    .coercing(new GraphqlStringCoercing())
                    .build())
            .type("Holder", type -> type.typeResolver(resolver))
            .type("Plain", type -> type.typeResolver(resolver))
            .type("Any", type -> type.typeResolver(resolver));
    DataFetcher<Object> one = env -> thing();
    DataFetcher<Object> many = env -> things();
    DataFetcher<Object> page = env -> Map.of("nodes", things(), "other", OTHER);
    for (String name : List.of("thing", "sure", "holder", "plain", "any", "node")) {
      wiring.type("Query", type -> type.dataFetcher(name, one));
    }
    for (String name : List.of("sureThings", "holders", "anys")) {
      wiring.type("Query", type -> type.dataFetcher(name, many));
    }
    // where a null may stand, what is missing is one
    DataFetcher<Object> places = env -> Collections.singletonList(thing());
    for (String name : List.of("nodes", "things", "_entities")) {
      wiring.type("Query", type -> type.dataFetcher(name, places));
    }
    wiring
        .type(
            "Query",
            type ->
                type.dataFetcher("nested", env -> List.of(things()))
                    .dataFetcher("page", page)
                    .dataFetcher(
                        "later",
                        env -> java.util.concurrent.CompletableFuture.supplyAsync(this::thing))
                    .dataFetcher("find", env -> SECRET))
        .type("Thing", type -> type.dataFetcher("self", one).dataFetcher("page", page))
        .type("Other", type -> type.dataFetcher("thing", one))
        .type(
            "Mutation",
            type ->
                type.dataFetcher("touch", env -> counted(thing()))
                    .dataFetcher(
                        "touchAll", env -> counted(Map.of("nodes", things(), "other", OTHER))))
        .type(
            "Subscription",
            type -> type.dataFetcher("thing", env -> once()).dataFetcher("holder", env -> once()));
    return new SchemaGenerator().makeExecutableSchema(AccessDirectives.read(sdl), wiring.build());
  }

  private Object counted(Object value) {
    mutations.incrementAndGet();
    return value;
  }

  private Flow.Publisher<Object> once() {
    List<Object> events = things();
    return subscriber ->
        subscriber.onSubscribe(
            new Flow.Subscription() {
              private boolean isSent;

              @Override
              public void request(long n) {
                if (!isSent) {
                  isSent = true;
                  events.forEach(subscriber::onNext);
                  subscriber.onComplete();
                }
              }

              @Override
              public void cancel() {
                isSent = true;
              }
            });
  }

  /** What is sent for a document: the answer, and for a subscription all of its events. */
  List<ExecutionResult> ask(
      Optional<Principal> caller, String document, Map<String, Object> variables) {
    ExecutionInput.Builder input =
        ExecutionInput.newExecutionInput(document)
            .variables(variables)
            .operationName(document.contains("query B") ? "B" : null);
    caller.ifPresent(who -> input.graphQLContext(Map.of(Principal.class, who)));
    ExecutionResult result = graphql.execute(input);
    List<ExecutionResult> sent = new ArrayList<>(List.of(result));
    if (result.getData() instanceof Publisher<?>) {
      result.<Publisher<ExecutionResult>>getData().subscribe(new All(sent));
      sent.remove(0);
    }
    return sent;
  }

  /** What is sent where the thing is not there at all. */
  List<ExecutionResult> askWithout(Optional<Principal> caller, String document) {
    isThere = false;
    try {
      return ask(caller, document, Map.of());
    } finally {
      isThere = true;
    }
  }

  private record All(List<ExecutionResult> sent) implements Subscriber<ExecutionResult> {
    @Override
    public void onSubscribe(Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(ExecutionResult event) {
      sent.add(event);
    }

    @Override
    public void onError(Throwable cause) {
      throw new IllegalStateException(cause);
    }

    @Override
    public void onComplete() {
      // all came
    }
  }
}
