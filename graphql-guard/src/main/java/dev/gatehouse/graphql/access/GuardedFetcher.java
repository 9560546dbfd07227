package dev.gatehouse.graphql.access;

import dev.gatehouse.graphql.access.ActedObjects.Answer;
import dev.gatehouse.graphql.access.FieldAccess.ObjectAccess;
import dev.gatehouse.graphql.access.RuleSet.StatedMask;
import graphql.execution.AbortExecutionException;
import graphql.execution.DataFetcherResult;
import graphql.execution.ExecutionContext;
import graphql.execution.ResultPath;
import graphql.execution.reactive.ReactiveSupport;
import graphql.schema.DataFetcher;
import graphql.schema.DataFetchingEnvironment;
import graphql.schema.GraphQLFieldDefinition;
import graphql.schema.GraphQLObjectType;
import graphql.schema.LightDataFetcher;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Stands where a field is resolved: answers in place of what is refused or masked, asks about the
 * objects that a mutation names before it runs, and lets through of what comes back what the caller
 * may see.
 *
 * <p>The decision was taken before anything ran; this only carries it out. The environment of a
 * field is not made where the field needs nothing of it.
 */
final class GuardedFetcher implements LightDataFetcher<@Nullable Object> {
  private final AuthorizedOperation operation;
  private final DataFetcher<?> fetcher;
  private final @Nullable LightDataFetcher<?> light;
  private final ExecutionContext context;

  GuardedFetcher(AuthorizedOperation operation, DataFetcher<?> fetcher, ExecutionContext context) {
    this.operation = operation;
    this.fetcher = fetcher;
    this.light = fetcher instanceof LightDataFetcher<?> known ? known : null;
    this.context = context;
  }

  /** Whether it stands before that fetcher, in that execution. */
  @SuppressWarnings("ReferenceEquality") // neither has a state that could be compared
  boolean isOf(DataFetcher<?> other, ExecutionContext execution) {
    return fetcher == other && context == execution;
  }

  @Override
  public @Nullable Object get(DataFetchingEnvironment env) throws Exception {
    return get(env.getFieldDefinition(), env.getSource(), () -> env);
  }

  @Override
  public @Nullable Object get(
      GraphQLFieldDefinition definition,
      @Nullable Object source,
      Supplier<DataFetchingEnvironment> env)
      throws Exception {
    Verdict verdict = operation.verdict();
    boolean isPlain = !verdict.hasRefusals && operation.batches == null;
    if (isPlain && operation.ungated.has(definition, verdict.access)) {
      return raw(definition, source, env);
    }
    FieldAccess field = verdict.access.field(definition);
    if (field == null) {
      return fetchedUnknown(verdict, definition, source, env);
    }
    if (isPlain && !field.isGated() && !isStream(field)) {
      operation.ungated.add(definition, verdict.access);
      return raw(definition, source, env);
    }
    return guarded(verdict, field, definition, source, env);
  }

  // a definition that several types share, or that is not the schema's
  private @Nullable Object fetchedUnknown(
      Verdict verdict,
      GraphQLFieldDefinition definition,
      @Nullable Object source,
      Supplier<DataFetchingEnvironment> env)
      throws Exception {
    if (verdict.access.isMeta(definition)) {
      return fetched(definition, source, env);
    }
    GraphQLObjectType parent = (GraphQLObjectType) env.get().getParentType();
    FieldAccess field = verdict.access.field(parent.getName(), definition.getName());
    if (field != null) {
      return guarded(verdict, field, definition, source, env);
    }
    return verdict.refuses(verdict.access.requirement(parent, definition.getName()))
        ? refused(verdict, env.get())
        : fetched(definition, source, env);
  }

  private @Nullable Object guarded(
      Verdict verdict,
      FieldAccess field,
      GraphQLFieldDefinition definition,
      @Nullable Object source,
      Supplier<DataFetchingEnvironment> env)
      throws Exception {
    if (verdict.hasRefusals && isRefused(verdict, field, env)) {
      return refused(verdict, env.get());
    }
    if (!field.masks().isEmpty()) {
      StatedMask mask = verdict.mask(field, operation.tally);
      if (mask != null) {
        return mask.with();
      }
    }
    if (isStream(field)) {
      return then(fetched(definition, source, env), stream -> streamed(field, stream, env.get()));
    }
    return field.acts().isEmpty()
        ? run(verdict, field, definition, source, env)
        : acting(verdict, field, definition, source, env);
  }

  /** Runs a field, and lets through of its value what the caller may have. */
  private @Nullable Object run(
      Verdict verdict,
      FieldAccess field,
      GraphQLFieldDefinition definition,
      @Nullable Object source,
      Supplier<DataFetchingEnvironment> env)
      throws Exception {
    ObjectAccess objects = field.objects();
    boolean isChecked = objects != null && ObjectGate.isNeeded(verdict, objects);
    if (isChecked && objects != null) {
      return checked(verdict, objects, definition, source, env);
    }
    if (field.values() != null) {
      EnumGate gate =
          new EnumGate(verdict, field.values(), context.getValueUnboxer(), operation.errors);
      return then(
          fetched(definition, source, env),
          value -> gate.visible(value, definition.getType(), env));
    }
    return fetched(definition, source, env);
  }

  private static boolean isRefused(
      Verdict verdict, FieldAccess field, Supplier<DataFetchingEnvironment> env) {
    return verdict.refuses(field.requirement())
        || (verdict.refusedInputs != null
            && verdict.refusesInputs(field.field(), env.get().getMergedField().getFields()));
  }

  private Object refused(Verdict verdict, DataFetchingEnvironment env) {
    ResultPath path = env.getExecutionStepInfo().getPath();
    return DataFetcherResult.newResult()
        .error(operation.errors.apply(verdict.denial(path.toList())))
        .build();
  }

  @SuppressWarnings("FutureReturnValueIgnored") // a value or a future of one
  private @Nullable Object checked(
      Verdict verdict,
      ObjectAccess objects,
      GraphQLFieldDefinition definition,
      @Nullable Object source,
      Supplier<DataFetchingEnvironment> env)
      throws Exception {
    ObjectBatches batches = operation.batches;
    if (batches == null) {
      ObjectGate gate = gate(verdict, objects, env);
      return then(
          fetched(definition, source, env),
          value -> gate.visible(value, definition.getType(), 0, null));
    }
    int level = env.get().getExecutionStepInfo().getPath().getLevel();
    batches.fetching(level);
    boolean isPending = false;
    try {
      Object value = fetched(definition, source, env);
      if (value instanceof CompletionStage<?> stage) {
        isPending = true;
        return stage
            .<@Nullable Object>handle(
                (done, failure) -> {
                  batches.fetched(level);
                  return failure == null ? done : rethrown(failure);
                })
            .thenCompose(
                done ->
                    stage(
                        gate(verdict, objects, env)
                            .visible(done, definition.getType(), level, batches)));
      }
      batches.fetched(level);
      isPending = true;
      return gate(verdict, objects, env).visible(value, definition.getType(), level, batches);
    } finally {
      if (!isPending) {
        batches.fetched(level);
      }
    }
  }

  private static @Nullable Object rethrown(Throwable failure) {
    throw failure instanceof RuntimeException runtime
        ? runtime
        : new java.util.concurrent.CompletionException(failure);
  }

  private ObjectGate gate(
      Verdict verdict, ObjectAccess objects, Supplier<DataFetchingEnvironment> env) {
    return new ObjectGate(verdict, operation.tally, objects, context.getValueUnboxer(), env);
  }

  // the objects are looked at before the mutation runs: what it did could not be taken back
  @SuppressWarnings("FutureReturnValueIgnored") // a value or a future of one
  private Object acting(
      Verdict verdict,
      FieldAccess field,
      GraphQLFieldDefinition definition,
      @Nullable Object source,
      Supplier<DataFetchingEnvironment> env) {
    DataFetchingEnvironment environment = env.get();
    int level = environment.getExecutionStepInfo().getPath().getLevel();
    ActedObjects acted =
        new ActedObjects(verdict, operation, field.acts(), context.getValueUnboxer(), env);
    CompletableFuture<Answer> asked = acted.ask(environment.getArguments(), level);
    boolean isLater = !asked.isDone();
    return asked.thenCompose(
        answer ->
            switch (answer) {
              case SEEN -> runAfterwards(verdict, field, definition, source, env, isLater);
              case MISSING -> CompletableFuture.<@Nullable Object>completedFuture(null);
              case LATE -> stage(refused(verdict, environment));
            });
  }

  @SuppressWarnings("FutureReturnValueIgnored") // a value or a future of one
  private CompletionStage<@Nullable Object> runAfterwards(
      Verdict verdict,
      FieldAccess field,
      GraphQLFieldDefinition definition,
      @Nullable Object source,
      Supplier<DataFetchingEnvironment> env,
      boolean isLater) {
    // while the objects were looked up, the client may have left or been told that time is over
    if (context.getExecutionInput().isCancelled()) {
      return CompletableFuture.failedFuture(new AbortExecutionException("cancelled"));
    }
    try {
      Object value = run(verdict, field, definition, source, env);
      if (isLater) {
        // the engine has done so already, and what was loaded since would wait for ever
        context.getDataLoaderRegistry().dispatchAll();
      }
      return stage(value);
    } catch (Exception e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private boolean isStream(FieldAccess field) {
    GraphQLObjectType root = context.getGraphQLSchema().getSubscriptionType();
    return context.isSubscriptionOperation()
        && root != null
        && root.getName().equals(field.type().getName());
  }

  private @Nullable Object streamed(
      FieldAccess field, @Nullable Object stream, DataFetchingEnvironment env) {
    if (stream instanceof DataFetcherResult<?> result) {
      Object data = streamed(field, result.getData(), env);
      return DataFetcherResult.newResult()
          .data(data)
          .errors(result.getErrors())
          .localContext(result.getLocalContext())
          .build();
    }
    return stream == null
        ? null
        : GuardedStream.of(stream, new EventGate(operation, field, context, env));
  }

  @SuppressWarnings("FutureReturnValueIgnored") // a value or a future of one
  private @Nullable Object fetched(
      GraphQLFieldDefinition definition,
      @Nullable Object source,
      Supplier<DataFetchingEnvironment> env)
      throws Exception {
    Object value = raw(definition, source, env);
    if (!context.isSubscriptionOperation()) {
      // as the engine does with what comes back of a fetcher, before it is known what it holds
      value = value == null ? null : ReactiveSupport.fetchedObject(value);
    }
    ObjectBatches batches = operation.batches;
    return batches != null && value instanceof CompletionStage<?> stage
        ? inPhase(stage, batches)
        : value;
  }

  @SuppressWarnings("NullAway") // a source is null at the root, as the engine has it
  private @Nullable Object raw(
      GraphQLFieldDefinition definition,
      @Nullable Object source,
      Supplier<DataFetchingEnvironment> env)
      throws Exception {
    return light == null ? fetcher.get(env.get()) : light.get(definition, source, env);
  }

  // what follows of an answer runs while it is handed on; only then is a level complete
  @SuppressWarnings("FutureReturnValueIgnored") // what becomes of it is what is handed on
  private static CompletableFuture<@Nullable Object> inPhase(
      CompletionStage<?> stage, ObjectBatches batches) {
    CompletableFuture<@Nullable Object> handed = new CompletableFuture<>();
    stage.whenComplete(
        (value, failure) -> {
          batches.enter();
          try {
            if (failure == null) {
              handed.complete(value);
            } else {
              handed.completeExceptionally(failure);
            }
          } finally {
            batches.exit();
          }
        });
    return handed;
  }

  @SuppressWarnings("FutureReturnValueIgnored") // a value or a future of one
  private static @Nullable Object then(
      @Nullable Object value, Function<@Nullable Object, @Nullable Object> next) {
    return value instanceof CompletionStage<?> stage
        ? stage.<@Nullable Object>thenApply(next)
        : next.apply(value);
  }

  @SuppressWarnings("unchecked") // a stage of anything is one of objects
  private static CompletionStage<@Nullable Object> stage(@Nullable Object value) {
    return value instanceof CompletionStage<?> stage
        ? (CompletionStage<@Nullable Object>) stage
        : CompletableFuture.<@Nullable Object>completedFuture(value);
  }
}
