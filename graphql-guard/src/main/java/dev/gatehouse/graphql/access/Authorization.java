package dev.gatehouse.graphql.access;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.gatehouse.core.Principal;
import dev.gatehouse.graphql.access.PolicyQuestion.Facts;
import dev.gatehouse.graphql.access.SubscriptionEnded.Reason;
import dev.gatehouse.graphql.plan.DocumentPlan;
import dev.gatehouse.graphql.plan.Evaluation;
import graphql.GraphQLContext;
import graphql.GraphQLError;
import graphql.schema.GraphQLSchema;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Decides who may run what of a schema: closed for all that no rule opens, and decided for each
 * operation before any of it runs.
 */
public final class Authorization {
  private static final int MAX_SCHEMAS = 8;

  private final GraphQLSchema own;
  private final AccessRules rules;
  private final List<PolicyFile> files;
  private final Policies policies;
  private final InstantSource clock;
  private final Stops stops;
  private final Function<Denial, GraphQLError> errors;
  private final LoadingCache<GraphQLSchema, SchemaAccess> others;
  private volatile SchemaAccess current;

  /** Something that ends operations whatever the rules say. */
  @FunctionalInterface
  public interface Stops {
    /** Whether the operation of that caller is stopped. */
    boolean stops(Optional<Principal> caller, Evaluation operation);
  }

  /**
   * Holds rules against a schema.
   *
   * @throws UnprotectedSchemaException if a field has no rule, or a mutation does not say what it
   *     acts on
   * @throws dev.gatehouse.core.Problems.InvalidException if the rules do not fit the schema
   */
  public Authorization(
      GraphQLSchema schema,
      AccessRules rules,
      List<PolicyFile> files,
      @Nullable Policies policies,
      InstantSource clock,
      Stops stops,
      Function<Denial, GraphQLError> errors) {
    this.own = schema;
    this.rules = rules;
    this.files = List.copyOf(files);
    this.policies = policies == null ? Policies.none() : policies;
    this.clock = clock;
    this.stops = stops;
    this.errors = errors;
    this.current = built(schema, files.stream().map(PolicyFile::current).toList());
    protect(current);
    this.others =
        Caffeine.newBuilder()
            .weakKeys()
            .maximumSize(MAX_SCHEMAS)
            .build(other -> built(other, this.files.stream().map(PolicyFile::current).toList()));
    for (PolicyFile file : files) {
      file.attach(this::prepare);
    }
  }

  private SchemaAccess built(GraphQLSchema schema, List<PolicyFile.Version> versions) {
    RuleSet all = new RuleSet();
    all.add(rules.set);
    StringBuilder version = new StringBuilder();
    for (PolicyFile.Version each : versions) {
      all.add(each.rules());
      version.append(version.isEmpty() ? "" : "+").append(each.version());
    }
    return SchemaAccessBuilder.build(schema, all, version.toString());
  }

  private static void protect(SchemaAccess access) {
    if (!access.unprotected().isEmpty() || !access.unasked().isEmpty()) {
      throw new UnprotectedSchemaException(access.unprotected(), access.unasked());
    }
  }

  // a file that does not fit changes nothing
  private synchronized Runnable prepare(PolicyFile changed, PolicyFile.Version anew) {
    SchemaAccess access =
        built(
            own, files.stream().map(file -> file.equals(changed) ? anew : file.current()).toList());
    protect(access);
    return () -> {
      current = access;
      others.invalidateAll();
    };
  }

  Duration timeout() {
    return policies.timeout();
  }

  @SuppressWarnings("ReferenceEquality") // a schema is what it is, and has no equals
  private SchemaAccess access(GraphQLSchema schema) {
    return schema == own ? current : others.get(schema);
  }

  /** The caller of a request; nobody where the credential has ended. */
  public static Optional<Principal> caller(GraphQLContext context, InstantSource clock) {
    Principal principal = context.get(Principal.class);
    return principal == null || principal.isExpired(clock)
        ? Optional.empty()
        : Optional.of(principal);
  }

  /** What policies said before the engine went on, and of what. */
  private record Ahead(
      DocumentPlan plan,
      Map<String, ?> variables,
      Optional<Principal> caller,
      Set<String> names,
      Policies.Answer answer) {}

  /** Whether an operation asks policies, which may not answer at once. */
  public CompletableFuture<Void> ahead(
      Evaluation asked, GraphQLContext context, GraphQLSchema schema, @Nullable String name) {
    AccessPlan plan = AccessPlan.of(access(schema), asked.plan());
    Set<String> names = Judgement.policies(plan, asked);
    if (names.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    Optional<Principal> caller = caller(context, clock);
    return policies
        .ask(names, facts(asked, caller, name))
        .thenAccept(
            answer ->
                context.put(
                    Ahead.class,
                    new Ahead(asked.plan(), asked.variables(), caller, names, answer)));
  }

  private static Facts facts(Evaluation asked, Optional<Principal> caller, @Nullable String name) {
    String kind = asked.plan().operation().getOperation().name().toLowerCase(Locale.ROOT);
    return new Facts(caller, kind, name == null ? "" : name, asked.variables());
  }

  /** Whether an operation will be refused as a whole, by what was asked ahead. */
  public boolean refuses(
      Evaluation asked, GraphQLContext context, GraphQLSchema schema, @Nullable String name) {
    Ahead ahead = context.get(Ahead.class);
    boolean isRefused = !authorize(asked, context, schema, name).denials().isEmpty();
    if (ahead != null) {
      context.put(Ahead.class, ahead);
    }
    return isRefused;
  }

  /** Decides of an operation that is about to run. */
  public AuthorizedOperation authorize(
      Evaluation asked, GraphQLContext context, GraphQLSchema schema, @Nullable String name) {
    AccessPlan plan = AccessPlan.of(access(schema), asked.plan());
    Optional<Principal> caller = caller(context, clock);
    Policies.Answer answer = Policies.Answer.NONE;
    if (plan.hasPolicies) {
      Set<String> names = Judgement.policies(plan, asked);
      answer = names.isEmpty() ? answer : answered(asked, context, caller, names, name);
    }
    Verdict verdict = Judgement.of(plan, asked, caller, answer.allowed());
    return new AuthorizedOperation(this, asked, name, verdict, !answer.broken().isEmpty(), errors);
  }

  // what was asked ahead counts only for the very same request; what does not answer at once else
  // comes too late
  @SuppressWarnings("ReferenceEquality") // a plan is of one document
  private Policies.Answer answered(
      Evaluation asked,
      GraphQLContext context,
      Optional<Principal> caller,
      Set<String> names,
      @Nullable String name) {
    Ahead ahead = context.get(Ahead.class);
    if (ahead != null) {
      context.delete(Ahead.class);
      boolean isSame =
          ahead.plan == asked.plan()
              && ahead.names.equals(names)
              && ahead.caller.equals(caller)
              && ahead.variables.equals(asked.variables());
      if (isSame) {
        return ahead.answer;
      }
    }
    CompletableFuture<Policies.Answer> now = policies.ask(names, facts(asked, caller, name));
    return now.isDone() ? now.join() : new Policies.Answer(Set.of(), names);
  }

  /** Decides anew of an operation that runs on: an event of a subscription is about to come. */
  @SuppressWarnings("ReferenceEquality") // a plan is of one version of the rules
  CompletableFuture<Verdict> anew(AuthorizedOperation operation, GraphQLContext context) {
    Evaluation asked = operation.asked;
    Optional<Principal> caller = caller(context, clock);
    if (operation.caller().isPresent() && caller.isEmpty()) {
      return CompletableFuture.failedFuture(new SubscriptionEnded(Reason.CREDENTIALS_EXPIRED));
    }
    if (stops.stops(caller, asked)) {
      return CompletableFuture.failedFuture(new SubscriptionEnded(Reason.REVOKED));
    }
    AccessPlan plan = AccessPlan.of(access(operation.verdict().access.schema), asked.plan());
    Verdict before = operation.verdict();
    if (!plan.hasPolicies && before.plan == plan && isSame(before.caller, caller)) {
      // the rules say of this caller what they said before
      return CompletableFuture.completedFuture(before);
    }
    Set<String> names = Judgement.policies(plan, asked);
    return policies
        .ask(names, facts(asked, caller, operation.name))
        .thenApply(
            answer -> {
              Verdict verdict = Judgement.of(plan, asked, caller, answer.allowed());
              if (!verdict.operation.isEmpty()) {
                throw new SubscriptionEnded(Reason.FORBIDDEN);
              }
              operation.decided(verdict, !answer.broken().isEmpty());
              return verdict;
            });
  }

  @SuppressWarnings("ReferenceEquality") // anybody else is decided on, even where it is an equal
  private static boolean isSame(Optional<Principal> one, Optional<Principal> other) {
    return one.orElse(null) == other.orElse(null);
  }
}
