package dev.gatehouse.graphql;

import dev.gatehouse.core.KillSwitch;
import dev.gatehouse.graphql.access.Authorization;
import dev.gatehouse.graphql.access.AuthorizedOperation;
import dev.gatehouse.graphql.access.Denial;
import dev.gatehouse.graphql.cost.ActualCost;
import dev.gatehouse.graphql.plan.BudgetExceededException;
import dev.gatehouse.graphql.plan.DocumentBounds;
import dev.gatehouse.graphql.plan.DocumentCounts;
import dev.gatehouse.graphql.plan.DocumentPlan;
import dev.gatehouse.graphql.plan.Evaluation;
import dev.gatehouse.graphql.plan.InvalidDocumentException;
import dev.gatehouse.graphql.plan.PlanCache;
import graphql.ExecutionInput;
import graphql.GraphQLContext;
import graphql.execution.ExecutionContext;
import graphql.execution.ValuesResolver;
import graphql.language.Definition;
import graphql.language.Document;
import graphql.language.FragmentDefinition;
import graphql.language.OperationDefinition;
import graphql.schema.GraphQLObjectType;
import graphql.schema.GraphQLSchema;
import graphql.validation.ValidationError;
import graphql.validation.ValidationErrorType;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Whether a request may run: first by its text and variables, then by its operation. */
final class Admission {
  private final GraphQLSchema own;
  private final Function<GraphQLSchema, PlanCache> plans;
  private final Function<GraphQLContext, Limits> limits;
  private final @Nullable Till till;
  private final double actualFactor;
  private final @Nullable Authorization authorization;
  private final StopSwitches stops;
  private final InstantSource clock;

  /**
   * An admission.
   *
   * @param own the schema that the guard was made for
   * @param plans the plans of a schema
   * @param limits the limits of a caller
   * @param till what is paid, if anything is
   * @param actualFactor beyond how many times its estimate an operation ends; NaN: not counted
   * @param authorization who may; null where that was left out
   * @param stops what is stopped whatever the rules say
   * @param clock when credentials end
   */
  Admission(
      GraphQLSchema own,
      Function<GraphQLSchema, PlanCache> plans,
      Function<GraphQLContext, Limits> limits,
      @Nullable Till till,
      double actualFactor,
      @Nullable Authorization authorization,
      StopSwitches stops,
      InstantSource clock) {
    this.own = own;
    this.plans = plans;
    this.limits = limits;
    this.till = till;
    this.actualFactor = actualFactor;
    this.authorization = authorization;
    this.stops = stops;
    this.clock = clock;
  }

  Limits limits(GraphQLContext context) {
    return limits.apply(context);
  }

  /** Refuses a text or variables that must not even be parsed or coerced. */
  void text(ExecutionInput input) {
    Limits mine = limits(input.getGraphQLContext());
    String text = input.getQuery();
    if (text.length() > Math.min(mine.characters(), Analyzer.MAX_CHARACTERS)) {
      double max = Math.min(mine.characters(), Analyzer.MAX_CHARACTERS);
      throw Refusal.of(List.of(Violation.of("characters", max, text.length())));
    }
    DocumentScan scan = DocumentScan.of(text);
    double tokens = Math.min(mine.tokens(), Analyzer.MAX_TOKENS);
    if (scan.tokens() > tokens) {
      throw Refusal.of(List.of(Violation.of("tokens", tokens, (double) scan.tokens())));
    }
    String slow = Analyzer.slow(scan);
    if (slow != null) {
      throw Refusal.of(GuardError.of(ErrorCode.TOKEN_LIMIT, slow));
    }
    if (scan.nesting() > Analyzer.MAX_NESTING) {
      throw Refusal.of(GuardError.of(ErrorCode.DEPTH_LIMIT, "the document nests too deep"));
    }
    variables(InputShape.of(input.getRawVariables().toMap()), mine);
  }

  private static void variables(InputShape shape, Limits mine) {
    double depth = Math.min(mine.inputDepth(), InputShape.MAX_DEPTH);
    if (shape.depth() > depth) {
      throw Refusal.of(List.of(Violation.of("inputDepth", depth, shape.depth())));
    }
    if (shape.bytes() > mine.variableBytes()) {
      double bytes = shape.bytes();
      throw Refusal.of(List.of(Violation.of("variableBytes", mine.variableBytes(), bytes)));
    }
    if (shape.listLength() > mine.listLength()) {
      throw Refusal.of(List.of(Violation.of("listLength", mine.listLength(), shape.listLength())));
    }
  }

  /** Refuses a document whose validation would take too long or too deep. */
  static Refusal entangled(DocumentBounds.Problem problem) {
    return Refusal.of(
        switch (problem.kind()) {
          case CYCLE ->
              ValidationError.newValidationError()
                  .validationErrorType(ValidationErrorType.FragmentCycle)
                  .description(problem.message())
                  .build();
          case NESTING -> GuardError.of(ErrorCode.DEPTH_LIMIT, problem.message());
          case ENTANGLED -> GuardError.of(ErrorCode.FIELD_LIMIT, problem.message());
        });
  }

  /** Refuses an operation that exceeds its caller's limits; else what it asks for. */
  Evaluation operation(ExecutionContext context, GuardedRequest request) {
    String name = context.getExecutionInput().getOperationName();
    GraphQLSchema schema = context.getGraphQLSchema();
    DocumentPlan plan = plan(schema, context.getDocument(), name, context.getGraphQLContext());
    if (!isOf(plan.operation(), context)) {
      throw ofAnotherSchema();
    }
    Evaluation asked = plan.evaluate(context.getCoercedVariables());
    request.estimated(Math.max(asked.typeCost(), asked.fieldCost()));
    List<Violation> violations = violations(asked, context.getGraphQLContext());
    if (!violations.isEmpty()) {
      throw Refusal.of(violations);
    }
    return asked;
  }

  /** Refuses what is stopped, and what its caller may not; in part, while it runs. */
  void authorize(Evaluation asked, ExecutionContext context, GuardedRequest request) {
    GraphQLContext mine = context.getGraphQLContext();
    Optional<KillSwitch.Kind> stopped = stops.stopped(Authorization.caller(mine, clock), asked);
    if (stopped.isPresent()) {
      ErrorCode code =
          stopped.get() == KillSwitch.Kind.OPERATION
              ? ErrorCode.OPERATION_NOT_ALLOWED
              : ErrorCode.FORBIDDEN;
      throw Refusal.of(GuardError.of(code, "stopped"));
    }
    if (authorization == null) {
      return;
    }
    AuthorizedOperation operation =
        authorization.authorize(
            asked,
            mine,
            context.getGraphQLSchema(),
            context.getExecutionInput().getOperationName());
    request.authorized(operation);
    List<Denial> denials = operation.denials();
    if (!denials.isEmpty()) {
      throw new Refusal(denials.stream().map(GuardError::of).toList());
    }
  }

  private List<Violation> violations(Evaluation asked, GraphQLContext context) {
    Optional<String> negative = asked.negativeSlice();
    if (negative.isPresent()) {
      return List.of(Violation.at(negative.get(), "slicingArguments", 0, -1));
    }
    // the variables were judged before they were coerced
    return Judge.violations(asked, InputShape.NONE, limits(context));
  }

  // instrumentation may put another operation or fragment in the place of the document's
  @SuppressWarnings("ReferenceEquality") // what runs is the very thing that was judged
  private static boolean isOf(OperationDefinition judged, ExecutionContext context) {
    if (judged != context.getOperationDefinition()) {
      return false;
    }
    Map<String, FragmentDefinition> running = context.getFragmentsByName();
    if (running.isEmpty()) {
      return true;
    }
    int same = 0;
    for (Definition<?> definition : context.getDocument().getDefinitions()) {
      if (definition instanceof FragmentDefinition fragment) {
        same += running.get(fragment.getName()) == fragment ? 1 : 0;
      }
    }
    return same == running.size();
  }

  private DocumentPlan plan(
      GraphQLSchema schema, Document document, @Nullable String name, GraphQLContext context) {
    try {
      return plans.apply(schema).plan(document, name, counts -> judge(counts, limits(context)));
    } catch (BudgetExceededException e) {
      throw Refusal.of(
          GuardError.of(ErrorCode.FIELD_LIMIT, "the document is too entangled to be worked out"));
    } catch (InvalidDocumentException e) {
      throw ofAnotherSchema();
    }
  }

  // a few fragments may apply more directives than there is time to work out
  private static void judge(DocumentCounts counts, Limits mine) {
    List<Violation> violations = Judge.violations(counts, mine);
    if (!violations.isEmpty()) {
      throw Refusal.of(violations);
    }
  }

  static Refusal ofAnotherSchema() {
    return Refusal.of(
        GuardError.of(ErrorCode.INTERNAL, "the document does not fit the schema it runs on"));
  }

  boolean isDryRun(GraphQLContext context) {
    return context.getBoolean(GraphQLGuard.DRY_RUN, false);
  }

  /** Takes the price, or refuses. */
  void charge(Evaluation asked, ExecutionContext context, GuardedRequest request) {
    if (till != null) {
      till.charge(Till.points(asked), context.getGraphQLContext(), request);
    }
  }

  /**
   * Asks what does not answer at once, before the engine goes on: policies, and then a bucket that
   * is elsewhere.
   */
  CompletableFuture<Void> ahead(ExecutionInput input, Document document, boolean chargesAhead) {
    GraphQLContext context = input.getGraphQLContext();
    if (isDryRun(context) || (authorization == null && !chargesAhead)) {
      return CompletableFuture.completedFuture(null);
    }
    Evaluation asked;
    try {
      asked = asked(input, document);
    } catch (RuntimeException e) {
      // the engine meets the same and says so
      return CompletableFuture.completedFuture(null);
    }
    boolean isRefused =
        !AllowedOperations.allows(context, asked.plan().operation())
            || !violations(asked, context).isEmpty();
    if (isRefused) {
      return CompletableFuture.completedFuture(null);
    }
    CompletableFuture<Void> decided =
        authorization == null
            ? CompletableFuture.completedFuture(null)
            : authorization.ahead(asked, context, own, input.getOperationName());
    return till == null || !chargesAhead
        ? decided
        : decided.thenCompose(done -> charged(asked, input, till));
  }

  // nobody pays for what is refused
  private CompletableFuture<Void> charged(Evaluation asked, ExecutionInput input, Till mine) {
    GraphQLContext context = input.getGraphQLContext();
    boolean isRefused =
        stops.stops(Authorization.caller(context, clock), asked)
            || (authorization != null
                && authorization.refuses(asked, context, own, input.getOperationName()));
    return isRefused
        ? CompletableFuture.completedFuture(null)
        : mine.chargeAhead(Till.points(asked), context);
  }

  private Evaluation asked(ExecutionInput input, Document document) {
    GraphQLSchema schema = own;
    DocumentPlan plan = plan(schema, document, input.getOperationName(), input.getGraphQLContext());
    return plan.evaluate(
        ValuesResolver.coerceVariableValues(
            schema,
            plan.operation().getVariableDefinitions(),
            input.getRawVariables(),
            input.getGraphQLContext(),
            input.getLocale()));
  }

  /** Begins to count what the operation really costs. */
  void count(Evaluation asked, ExecutionContext context, GuardedRequest request) {
    if (Double.isNaN(actualFactor)) {
      return;
    }
    PlanCache cache = plans.apply(context.getGraphQLSchema());
    Map<String, Object> variables = context.getCoercedVariables().toMap();
    GraphQLObjectType root = cache.compiler().root(context.getOperationDefinition());
    double max = actualFactor * Math.max(1, Math.max(asked.typeCost(), asked.fieldCost()));
    request.count(
        () ->
            new ActualCost(
                cache.compiler().directives(), cache.compiler()::pricing, root, variables),
        max);
  }

  /** Gives back what the operation did not use. */
  void settle(GuardedRequest request) {
    if (till != null) {
      till.settle(request);
    }
  }

  /** Gives back what was taken ahead, if the operation did not come to run. */
  void giveBack(GraphQLContext context) {
    if (till != null) {
      till.giveBack(context);
    }
  }

  String correlationId(ExecutionInput input) {
    return String.valueOf(input.getExecutionId());
  }
}
