package dev.gatehouse.graphql;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.gatehouse.core.AuditSink;
import dev.gatehouse.core.KillSwitch;
import dev.gatehouse.core.Principal;
import dev.gatehouse.graphql.access.AccessRules;
import dev.gatehouse.graphql.access.Authorization;
import dev.gatehouse.graphql.access.Policies;
import dev.gatehouse.graphql.access.PolicyFile;
import dev.gatehouse.graphql.cost.CostBucket;
import dev.gatehouse.graphql.cost.CostWeights;
import dev.gatehouse.graphql.plan.PlanCache;
import dev.gatehouse.graphql.plan.PlanCompiler;
import graphql.GraphQL;
import graphql.GraphQLContext;
import graphql.execution.instrumentation.ChainedInstrumentation;
import graphql.execution.instrumentation.Instrumentation;
import graphql.execution.instrumentation.SimplePerformantInstrumentation;
import graphql.execution.preparsed.NoOpPreparsedDocumentProvider;
import graphql.execution.preparsed.PreparsedDocumentProvider;
import graphql.language.Document;
import graphql.schema.GraphQLSchema;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides of each operation, before any resolver runs, whether this caller may run it and at what
 * price; with and without a cache of parsed documents, for queries, mutations and subscriptions.
 *
 * <pre>{@code
 * GraphQLGuard guard = GraphQLGuard.builder(schema).limits(Limits.strict()).build();
 * GraphQL graphql = guard.applyTo(GraphQL.newGraphQL(schema)).build();
 * }</pre>
 *
 * <p>A schema is closed by default: a field that no rule opens, in its directives or in {@link
 * AccessRules}, is refused, and {@link Builder#build} refuses a schema that has one. What is
 * refused is decided before any resolver runs.
 *
 * <p>Limits are asked for with each request, from its {@link GraphQLContext}, and judged after
 * every cache. A caller is the {@link Principal} that lies there under its class; without one,
 * callers share one bucket.
 *
 * <p>A request with {@link #DRY_RUN} in its context is priced and judged, and runs nothing.
 */
public final class GraphQLGuard {
  /** The key of the request's context under which true asks for the price alone. */
  public static final String DRY_RUN = "dev.gatehouse.graphql.dryRun";

  private static final Logger LOG = LoggerFactory.getLogger(GraphQLGuard.class);
  private static final int MAX_SCHEMAS = 8;

  private final PlanCache plans;
  private final Admission admission;
  private final boolean chargesAhead;
  private final long keptCharacters;
  private final GuardInstrumentation instrumentation;

  private GraphQLGuard(Builder builder) {
    CostWeights weights = builder.weights;
    refuseUnknownNames(builder.schema, weights);
    this.plans = new PlanCache(PlanCompiler.of(builder.schema, weights), builder.planWeight);
    // a schema that is not the guard's own comes by instrumentation: it gets plans of its own
    LoadingCache<GraphQLSchema, PlanCache> others =
        Caffeine.newBuilder()
            .weakKeys()
            .maximumSize(MAX_SCHEMAS)
            .build(schema -> new PlanCache(PlanCompiler.of(schema, weights), builder.planWeight));
    Till till = builder.bucket == null ? null : new Till(builder.bucket, builder.bucketKey);
    StopSwitches stops = new StopSwitches(builder.switches);
    Authorization authorization =
        builder.authorizes
            ? new Authorization(
                builder.schema,
                builder.access,
                builder.policyFiles,
                builder.policies,
                builder.clock,
                stops,
                GuardError::of)
            : null;
    this.admission =
        new Admission(
            builder.schema,
            schema -> isOwn(builder.schema, schema) ? plans : others.get(schema),
            builder.limits,
            till,
            builder.actualFactor,
            authorization,
            stops,
            builder.clock);
    this.chargesAhead = till != null && !(builder.bucket instanceof CostBucket.AtOnce);
    this.keptCharacters = builder.keptCharacters;
    this.instrumentation =
        new GuardInstrumentation(
            admission,
            new CostReport(builder.reportCost, builder.bucket),
            new ErrorBounds(builder.onInternalError),
            new OperationAudit(builder.audit, builder.clock),
            builder.allowsDeferred);
  }

  // a list that is sized by a name that is not there would be as cheap as one that nobody sized
  private static void refuseUnknownNames(GraphQLSchema schema, CostWeights weights) {
    List<SchemaAudit.Finding> unknown =
        new CostAudit(schema, weights, Limits.none()).unknownNames();
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          unknown.stream()
              .map(finding -> finding.coordinate() + ": " + finding.message())
              .collect(Collectors.joining("; ")));
    }
  }

  @SuppressWarnings("ReferenceEquality") // a schema is what it is, and has no equals
  private static boolean isOwn(GraphQLSchema own, GraphQLSchema schema) {
    return schema == own;
  }

  /** Begins a guard of a schema. */
  public static Builder builder(GraphQLSchema schema) {
    return new Builder(schema);
  }

  /**
   * Puts the guard into a GraphQL under construction, before the instrumentation that it has; call
   * this last, for what is set afterwards takes the guard's place. Where it has no provider of
   * parsed documents, the guard keeps some ({@link Builder#keptDocuments}).
   */
  public GraphQL.Builder applyTo(GraphQL.Builder graphql) {
    GraphQL before = graphql.build();
    return graphql
        .instrumentation(before(before.getInstrumentation()))
        .preparsedDocumentProvider(documents(before));
  }

  // A chain costs something with each field, also where its second link does nothing.
  private Instrumentation before(Instrumentation given) {
    return given.getClass() == SimplePerformantInstrumentation.class
        ? instrumentation
        : new ChainedInstrumentation(instrumentation, given);
  }

  private PreparsedDocumentProvider documents(GraphQL before) {
    PreparsedDocumentProvider given = before.getPreparsedDocumentProvider();
    boolean keeps = keptCharacters > 0 && given instanceof NoOpPreparsedDocumentProvider;
    PreparsedDocumentProvider documents = keeps ? new KeptDocuments(keptCharacters) : given;
    return new GuardedDocuments(documents, admission, chargesAhead);
  }

  /**
   * The guard as an instrumentation, where something else builds the GraphQL (Spring for GraphQL
   * and DGS take every bean of that type). A bucket that does not answer at once needs {@link
   * #applyTo}.
   */
  public Instrumentation instrumentation() {
    return instrumentation;
  }

  /** What makes and judges plans, for analysis outside a request. */
  public PlanCompiler compiler() {
    return plans.compiler();
  }

  /** What an operation would cost and exceed; runs nothing and charges nothing. */
  public Analysis dryRun(
      String document, @Nullable String operationName, Map<String, ?> variables, Limits limits) {
    return OperationAnalysis.analyse(compiler(), document, operationName, variables, limits);
  }

  /** The same for a document that was parsed before. */
  public Analysis dryRun(
      Document document, @Nullable String operationName, Map<String, ?> variables, Limits limits) {
    return OperationAnalysis.analyse(compiler(), document, operationName, variables, limits);
  }

  /** Collects a guard's parts. */
  public static final class Builder {
    private final GraphQLSchema schema;
    private CostWeights weights = CostWeights.ofDirectives();
    private Function<GraphQLContext, Limits> limits = context -> Limits.strict();
    private @Nullable CostBucket bucket;
    private Function<GraphQLContext, String> bucketKey = BucketKey::of;
    private double actualFactor = Double.NaN;
    private boolean reportCost;
    private long planWeight = 500_000;
    private long keptCharacters = 256 << 10;
    private boolean allowsDeferred;
    private boolean authorizes = true;
    private AccessRules access = AccessRules.none();
    private final List<PolicyFile> policyFiles = new ArrayList<>();
    private @Nullable Policies policies;
    private @Nullable KillSwitch switches;
    private @Nullable AuditSink audit;
    private InstantSource clock = InstantSource.system();
    private BiConsumer<String, Throwable> onInternalError =
        (correlationId, failure) ->
            LOG.warn("resolver failed: {} ({})", failure.getClass().getName(), correlationId);

    private Builder(GraphQLSchema schema) {
      this.schema = schema;
    }

    /** The limits of every caller; without them, {@link Limits#strict()}. */
    public Builder limits(Limits value) {
      return limits(context -> value);
    }

    /** The limits of each caller, asked for with each request; keep it fast, it is asked twice. */
    public Builder limits(Function<GraphQLContext, Limits> value) {
      limits = value;
      return this;
    }

    /** Weights; without them, those of the schema's directives. */
    public Builder weights(CostWeights value) {
      weights = value;
      return this;
    }

    /**
     * What callers pay from, each principal of each tenant its own. Costs are counted while
     * operations run, so that what they did not use comes back.
     */
    public Builder bucket(CostBucket value) {
      bucket = value;
      return Double.isNaN(actualFactor) ? actualCost(Double.POSITIVE_INFINITY) : this;
    }

    /** Whose bucket pays for a request; without it, that of the principal within its tenant. */
    public Builder bucketKey(Function<GraphQLContext, String> value) {
      bucketKey = value;
      return this;
    }

    /**
     * Counts what operations really cost, and ends those that pass so many times their estimate
     * with {@code COST_LIMIT} and no data.
     */
    public Builder actualCost(double factor) {
      if (!(factor >= 1)) {
        throw new IllegalArgumentException("the factor of the actual cost is 1 or more");
      }
      actualFactor = factor;
      return this;
    }

    /** Whether answers carry {@code extensions.cost}. */
    public Builder reportCost(boolean value) {
      reportCost = value;
      return this;
    }

    /** What is told of an exception that a resolver threw; the caller gets the id alone. */
    public Builder onInternalError(BiConsumer<String, Throwable> value) {
      onInternalError = value;
      return this;
    }

    /** How many steps' worth of plans are kept; a step keeps about 100 bytes. Default 500,000. */
    public Builder planWeight(long value) {
      planWeight = value;
      return this;
    }

    /**
     * How many characters' worth of valid documents {@link GraphQLGuard#applyTo} keeps parsed, for
     * a GraphQL that has no provider of its own; they take about 100 bytes a character. Default
     * 262,144; 0 for none.
     */
    public Builder keptDocuments(long characters) {
      if (characters < 0) {
        throw new IllegalArgumentException("keptDocuments must be 0 or more characters");
      }
      keptCharacters = characters;
      return this;
    }

    /**
     * Lets {@code @defer} work where the request's context enables it. What is deferred is priced
     * and judged with the rest, but its errors reach the caller as resolvers threw them, and an
     * operation that costs too much by then has its answer already.
     */
    public Builder dangerouslyAllowDeferred() {
      allowsDeferred = true;
      return this;
    }

    /** Rules that hold beside those of the schema's directives; called again, more of them. */
    public Builder access(AccessRules value) {
      access = access.and(value);
      return this;
    }

    /** Rules of a file that may change, beside all others. */
    public Builder policyFile(PolicyFile value) {
      policyFiles.add(value);
      return this;
    }

    /** Who decides the policies that rules name; without it, nobody has what they guard. */
    public Builder policies(Policies value) {
      policies = value;
      return this;
    }

    /**
     * Leaves out who may: whoever gets to the guard may run what is within the limits. For servers
     * that authorize elsewhere.
     */
    public Builder dangerouslyWithoutAuthorization() {
      authorizes = false;
      return this;
    }

    /**
     * Switches that stop a tenant, a principal (by its id) and an operation (by its name, or by a
     * root field's coordinate such as {@code Mutation.cancelOrder}).
     */
    public Builder killSwitch(KillSwitch value) {
      switches = value;
      return this;
    }

    /** Where one record an operation is written. */
    public Builder audit(AuditSink value) {
      audit = value;
      return this;
    }

    /** The clock by which credentials end; without it, the system's. */
    public Builder clock(InstantSource value) {
      clock = value;
      return this;
    }

    /**
     * The guard.
     *
     * @throws dev.gatehouse.graphql.access.UnprotectedSchemaException if the rules leave a field
     *     without one, with the report of all such; see {@link #dangerouslyWithoutAuthorization}
     * @throws dev.gatehouse.core.Problems.InvalidException if the rules do not fit the schema
     * @throws IllegalArgumentException if a list's size names an argument or field that is not
     *     there; the message has each coordinate
     */
    public GraphQLGuard build() {
      return new GraphQLGuard(this);
    }
  }
}
