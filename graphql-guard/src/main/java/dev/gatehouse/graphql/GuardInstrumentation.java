package dev.gatehouse.graphql;

import dev.gatehouse.graphql.cost.ActualCost;
import dev.gatehouse.graphql.plan.DocumentBounds;
import dev.gatehouse.graphql.plan.Evaluation;
import graphql.ExecutionInput;
import graphql.ExecutionResult;
import graphql.ExperimentalApi;
import graphql.GraphQLContext;
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
import graphql.schema.GraphQLObjectType;
import graphql.validation.ValidationError;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

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
  private final boolean allowsDeferred;

  GuardInstrumentation(
      Admission admission, CostReport report, ErrorBounds errors, boolean allowsDeferred) {
    this.admission = admission;
    this.report = report;
    this.errors = errors;
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
    // what is sent after the answer passes no bound of errors, and no mask
    if (!allowsDeferred) {
      context.put(ExperimentalApi.ENABLE_INCREMENTAL_SUPPORT, false);
    }
    return input;
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
    admission.charge(asked, context, request);
    admission.count(asked, context, request);
    boolean isStream =
        context.getOperationDefinition().getOperation()
            == OperationDefinition.Operation.SUBSCRIPTION;
    return isStream
        ? SimpleInstrumentationContext.noOp()
        : SimpleInstrumentationContext.whenCompleted(
            (result, failure) -> {
              // what was deferred has not run yet, and is not given back
              if (!context.getIncrementalCallState().getIncrementalCallsDetected()) {
                admission.settle(request);
              }
            });
  }

  @Override
  public @Nullable InstrumentationContext<ExecutionResult> beginSubscribedFieldEvent(
      InstrumentationFieldParameters parameters, InstrumentationState state) {
    ((GuardedRequest) state).countAgain();
    return SimpleInstrumentationContext.noOp();
  }

  @Override
  public @Nullable ExecuteObjectInstrumentationContext beginExecuteObject(
      InstrumentationExecutionStrategyParameters parameters, InstrumentationState state) {
    GuardedRequest request = (GuardedRequest) state;
    ActualCost actual = request.actual();
    if (actual != null) {
      ExecutionStepInfo step = parameters.getExecutionStrategyParameters().getExecutionStepInfo();
      if (step.getUnwrappedNonNullType() instanceof GraphQLObjectType type) {
        actual.object(type);
        request.check(actual, parameters.getExecutionContext());
      }
    }
    return ExecuteObjectInstrumentationContext.NOOP;
  }

  @Override
  public @Nullable FieldFetchingInstrumentationContext beginFieldFetching(
      InstrumentationFieldFetchParameters parameters, InstrumentationState state) {
    GuardedRequest request = (GuardedRequest) state;
    ActualCost actual = request.actual();
    if (actual != null) {
      ExecutionStepInfo step = parameters.getExecutionStepInfo();
      GraphQLObjectType parent = step.getObjectType();
      MergedField field = step.getField();
      if (parent != null && field != null) {
        actual.call(parent, parameters.getField(), field);
      }
      request.check(actual, parameters.getExecutionContext());
    }
    return FieldFetchingInstrumentationContext.NOOP;
  }

  @Override
  public @Nullable InstrumentationContext<Object> beginFieldCompletion(
      InstrumentationFieldCompleteParameters parameters, InstrumentationState state) {
    ActualCost actual = ((GuardedRequest) state).actual();
    if (actual != null) {
      actual.leaves(parameters.getField(), parameters.getFetchedObject());
    }
    return SimpleInstrumentationContext.noOp();
  }

  @Override
  public CompletableFuture<ExecutionResult> instrumentExecutionResult(
      ExecutionResult result,
      InstrumentationExecutionParameters parameters,
      InstrumentationState state) {
    GuardedRequest request = (GuardedRequest) state;
    ExecutionResult shown =
        request.isAborted()
            ? Refusal.of(
                    GuardError.of(ErrorCode.COST_LIMIT, "the operation cost more than estimated"))
                .toExecutionResult()
            : errors.apply(result, admission.correlationId(parameters.getExecutionInput()));
    return CompletableFuture.completedFuture(report.with(shown, request));
  }
}
