package dev.gatehouse.graphql;

import dev.gatehouse.graphql.access.AuthorizedOperation;
import dev.gatehouse.graphql.cost.ActualCost;
import dev.gatehouse.graphql.plan.DocumentBounds;
import dev.gatehouse.graphql.plan.Evaluation;
import graphql.ExecutionInput;
import graphql.ExecutionResult;
import graphql.ExperimentalApi;
import graphql.GraphQLContext;
import graphql.GraphQLError;
import graphql.ParseAndValidate;
import graphql.execution.ExecutionContext;
import graphql.execution.ExecutionStepInfo;
import graphql.execution.MergedField;
import graphql.execution.instrumentation.ExecuteObjectInstrumentationContext;
import graphql.execution.instrumentation.FieldFetchingInstrumentationContext;
import graphql.execution.instrumentation.InstrumentationContext;
import graphql.execution.instrumentation.InstrumentationState;
import graphql.execution.instrumentation.SimpleInstrumentationContext;
import graphql.execution.instrumentation.SimplePerformantInstrumentation;
import graphql.execution.instrumentation.parameters.InstrumentationCreateStateParameters;
import graphql.execution.instrumentation.parameters.InstrumentationExecuteOperationParameters;
import graphql.execution.instrumentation.parameters.InstrumentationExecutionParameters;
import graphql.execution.instrumentation.parameters.InstrumentationExecutionStrategyParameters;
import graphql.execution.instrumentation.parameters.InstrumentationFieldCompleteParameters;
import graphql.execution.instrumentation.parameters.InstrumentationFieldFetchParameters;
import graphql.execution.instrumentation.parameters.InstrumentationFieldParameters;
import graphql.execution.instrumentation.parameters.InstrumentationValidationParameters;
import graphql.language.OperationDefinition;
import graphql.parser.ParserOptions;
import graphql.schema.DataFetcher;
import graphql.schema.GraphQLFieldDefinition;
import graphql.schema.GraphQLObjectType;
import graphql.validation.ValidationError;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;

/**
 * Where the guard stands in graphql-java's way of a request.
 *
 * <p>What depends on the caller is asked in hooks that run with every request, whether or not its
 * document comes from a cache: the text and the variables before anything reads them, the operation
 * when its variables are coerced and nothing has run. What depends on the document alone is asked
 * when it is validated, and may be kept with it.
 */
final class GuardInstrumentation extends SimplePerformantInstrumentation {
  private final Admission admission;
  private final CostReport report;
  private final ErrorBounds errors;
  private final OperationAudit audit;
  private final boolean allowsDeferred;

  GuardInstrumentation(
      Admission admission,
      CostReport report,
      ErrorBounds errors,
      OperationAudit audit,
      boolean allowsDeferred) {
    this.admission = admission;
    this.report = report;
    this.errors = errors;
    this.audit = audit;
    this.allowsDeferred = allowsDeferred;
  }

  @Override
  public InstrumentationState createState(InstrumentationCreateStateParameters parameters) {
    return new GuardedRequest();
  }

  @Override
  public ExecutionInput instrumentExecutionInput(
      ExecutionInput input,
      InstrumentationExecutionParameters parameters,
      InstrumentationState state) {
    GraphQLContext context = input.getGraphQLContext();
    if (!context.hasKey(ParserOptions.class)) {
      context.put(ParserOptions.class, Analyzer.PARSER);
    }
    context.put(
        ParseAndValidate.INTERNAL_VALIDATION_PREDICATE_HINT,
        DocumentBounds.rules(
            context.getOrDefault(
                ParseAndValidate.INTERNAL_VALIDATION_PREDICATE_HINT, DocumentBounds.RULES)));
    // what is sent after the answer passes no bound of errors, and no mask
    if (!allowsDeferred) {
      context.put(ExperimentalApi.ENABLE_INCREMENTAL_SUPPORT, false);
    }
    // an empty name is none; the engine would take the first of several operations for it
    boolean isUnnamed = "".equals(input.getOperationName());
    return isUnnamed ? input.transform(unnamed -> unnamed.operationName(null)) : input;
  }

  @Override
  public @Nullable InstrumentationContext<ExecutionResult> beginExecution(
      InstrumentationExecutionParameters parameters, InstrumentationState state) {
    admission.text(parameters.getExecutionInput());
    KeptDocuments.asked(parameters.getGraphQLContext(), parameters.getSchema());
    return SimpleInstrumentationContext.noOp();
  }

  @Override
  public @Nullable InstrumentationContext<List<ValidationError>> beginValidation(
      InstrumentationValidationParameters parameters, InstrumentationState state) {
    KeptDocuments.validated(parameters.getGraphQLContext(), parameters.getSchema());
    Optional<DocumentBounds.Problem> problem =
        DocumentBounds.check(parameters.getSchema(), parameters.getDocument());
    if (problem.isPresent()) {
      throw Admission.entangled(problem.get());
    }
    return SimpleInstrumentationContext.noOp();
  }

  @Override
  public @Nullable InstrumentationContext<ExecutionResult> beginExecuteOperation(
      InstrumentationExecuteOperationParameters parameters, InstrumentationState state) {
    ExecutionContext context = parameters.getExecutionContext();
    if (KeptDocuments.isOfAnother(context.getGraphQLContext(), context.getGraphQLSchema())) {
      throw Admission.ofAnotherSchema();
    }
    AllowedOperations.check(context.getGraphQLContext(), context.getOperationDefinition());
    GuardedRequest request = (GuardedRequest) state;
    Evaluation asked = admission.operation(context, request);
    if (admission.isDryRun(context.getGraphQLContext())) {
      throw Refusal.dryRun();
    }
    AllowedOperations.planned(context.getGraphQLContext(), asked.plan());
    admission.authorize(asked, context, request);
    admission.charge(asked, context, request);
    admission.count(asked, context, request);
    AuthorizedOperation access = request.access();
    if (access != null) {
      access.began();
    }
    boolean isStream =
        context.getOperationDefinition().getOperation()
            == OperationDefinition.Operation.SUBSCRIPTION;
    return new Running(context, request, isStream);
  }

  /** An operation that runs. */
  private final class Running implements InstrumentationContext<ExecutionResult> {
    private final ExecutionContext context;
    private final GuardedRequest request;
    private final boolean isStream;

    Running(ExecutionContext context, GuardedRequest request, boolean isStream) {
      this.context = context;
      this.request = request;
      this.isStream = isStream;
    }

    @Override
    public void onDispatched() {
      AuthorizedOperation access = request.access();
      if (access != null) {
        access.dispatched();
      }
    }

    @Override
    public void onCompleted(@Nullable ExecutionResult result, @Nullable Throwable failure) {
      boolean hasBegun = isStream && result != null && result.getData() instanceof Publisher<?>;
      // what was deferred has not run yet, and is not given back
      if (!hasBegun && !context.getIncrementalCallState().getIncrementalCallsDetected()) {
        admission.settle(request);
      }
    }
  }

  @Override
  public DataFetcher<?> instrumentDataFetcher(
      DataFetcher<?> fetcher,
      InstrumentationFieldFetchParameters parameters,
      InstrumentationState state) {
    AuthorizedOperation access = ((GuardedRequest) state).access();
    return access == null ? fetcher : access.guarded(fetcher, parameters.getExecutionContext());
  }

  @Override
  public @Nullable InstrumentationContext<ExecutionResult> beginSubscribedFieldEvent(
      InstrumentationFieldParameters parameters, InstrumentationState state) {
    return ((GuardedRequest) state).beginEvent();
  }

  // The three that follow are asked at each object and each field. Where nothing is counted they
  // do next to nothing, and what they do otherwise stands elsewhere.

  @Override
  public @Nullable ExecuteObjectInstrumentationContext beginExecuteObject(
      InstrumentationExecutionStrategyParameters parameters, InstrumentationState state) {
    if (((GuardedRequest) state).isCounted()) {
      countObject(parameters, (GuardedRequest) state);
    }
    return ExecuteObjectInstrumentationContext.NOOP;
  }

  @Override
  public @Nullable FieldFetchingInstrumentationContext beginFieldFetching(
      InstrumentationFieldFetchParameters parameters, InstrumentationState state) {
    if (((GuardedRequest) state).isCounted()) {
      countCall(parameters, (GuardedRequest) state);
    }
    return FieldFetchingInstrumentationContext.NOOP;
  }

  @Override
  public @Nullable InstrumentationContext<Object> beginFieldCompletion(
      InstrumentationFieldCompleteParameters parameters, InstrumentationState state) {
    return ((GuardedRequest) state).isCounted()
        ? countLeaves(parameters, (GuardedRequest) state)
        : SimpleInstrumentationContext.noOp();
  }

  private static void countObject(
      InstrumentationExecutionStrategyParameters parameters, GuardedRequest request) {
    ActualCost actual = request.actual(parameters.getExecutionContext());
    ExecutionStepInfo step = parameters.getExecutionStrategyParameters().getExecutionStepInfo();
    if (actual != null && step.getUnwrappedNonNullType() instanceof GraphQLObjectType type) {
      actual.object(type);
      request.check(actual, parameters.getExecutionContext());
    }
  }

  private static void countCall(
      InstrumentationFieldFetchParameters parameters, GuardedRequest request) {
    ActualCost actual = request.actual(parameters.getExecutionContext());
    if (actual == null) {
      return;
    }
    ExecutionStepInfo step = parameters.getExecutionStepInfo();
    GraphQLObjectType parent = step.getObjectType();
    MergedField field = step.getField();
    if (parent != null && field != null) {
      actual.call(parent, parameters.getField(), field);
    }
    request.check(actual, parameters.getExecutionContext());
  }

  private static InstrumentationContext<Object> countLeaves(
      InstrumentationFieldCompleteParameters parameters, GuardedRequest request) {
    ActualCost actual = request.actual(parameters.getExecutionContext());
    GraphQLFieldDefinition field = parameters.getField();
    if (actual == null || !actual.weighsLeaves(field)) {
      return SimpleInstrumentationContext.noOp();
    }
    // as they were completed: what was fetched may be a stream, which is read once
    return SimpleInstrumentationContext.whenCompleted(
        (value, failure) -> actual.leaves(field, value));
  }

  @Override
  public CompletableFuture<ExecutionResult> instrumentExecutionResult(
      ExecutionResult result,
      InstrumentationExecutionParameters parameters,
      InstrumentationState state) {
    GuardedRequest request = (GuardedRequest) state;
    admission.giveBack(parameters.getGraphQLContext());
    ExecutionResult shown =
        request.isAborted()
            ? Refusal.of(
                    GuardError.of(ErrorCode.COST_LIMIT, "the operation cost more than estimated"))
                .toExecutionResult()
            : errors.apply(
                withLeftOut(result, request),
                admission.correlationId(parameters.getExecutionInput()));
    shown = withShared(shown, request);
    audit.record(parameters.getExecutionInput(), shown, request);
    return CompletableFuture.completedFuture(report.with(shown, request, request.actual(result)));
  }

  private static ExecutionResult withShared(ExecutionResult result, GuardedRequest request) {
    AuthorizedOperation access = request.access();
    Object data = result.getData();
    if (access == null || request.isCounted() || !(data instanceof Publisher<?>)) {
      return result;
    }
    @SuppressWarnings("unchecked") // the data of a subscription is that, by the engine's contract
    Publisher<ExecutionResult> events = (Publisher<ExecutionResult>) data;
    return result.transform(builder -> builder.data(access.answers(events)));
  }

  // said once for each place, whether or not there was anything to leave out
  private static ExecutionResult withLeftOut(ExecutionResult result, GuardedRequest request) {
    AuthorizedOperation access = request.access();
    boolean isAnswer = result.isDataPresent() && !(result.getData() instanceof Publisher<?>);
    if (access == null || !isAnswer || access.leftOut().isEmpty()) {
      return result;
    }
    List<GraphQLError> all = new ArrayList<>(result.getErrors());
    access.leftOut().forEach(denial -> all.add(GuardError.of(denial)));
    return result.transform(builder -> builder.errors(all));
  }
}
