package dev.gatehouse.graphql.access;

import graphql.GraphQLError;
import graphql.execution.DataFetcherResult;
import graphql.execution.ResultPath;
import graphql.execution.ValueUnboxer;
import graphql.schema.DataFetchingEnvironment;
import graphql.schema.GraphQLEnumType;
import graphql.schema.GraphQLEnumValueDefinition;
import graphql.schema.GraphQLList;
import graphql.schema.GraphQLType;
import graphql.schema.GraphQLTypeUtil;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Refuses those values of an enum that the caller may not have, each where it stands. */
final class EnumGate {
  private static final int MOST_BOXES = 8;

  private final Verdict verdict;
  private final GraphQLEnumType type;
  private final ValueUnboxer unboxer;
  private final Function<Denial, GraphQLError> errors;
  private final Set<String> refused = new HashSet<>();
  private boolean hasRefused;

  EnumGate(
      Verdict verdict,
      GraphQLEnumType type,
      ValueUnboxer unboxer,
      Function<Denial, GraphQLError> errors) {
    this.verdict = verdict;
    this.type = type;
    this.unboxer = unboxer;
    this.errors = errors;
    for (GraphQLEnumValueDefinition value : type.getValues()) {
      String coordinate = type.getName() + "." + value.getName();
      if (verdict.refuses(verdict.access.input(coordinate))) {
        refused.add(value.getName());
      }
    }
  }

  /** Whether something was taken out of what is left. */
  boolean hasRefused() {
    return hasRefused;
  }

  /** A fetched value without those. */
  @Nullable Object visible(
      @Nullable Object given, GraphQLType fieldType, Supplier<DataFetchingEnvironment> env) {
    if (refused.isEmpty() || given == null) {
      return given;
    }
    ResultPath path = env.get().getExecutionStepInfo().getPath();
    List<GraphQLError> found = new ArrayList<>();
    if (given instanceof DataFetcherResult<?> result) {
      Object kept = kept(result.getData(), fieldType, path, found);
      return with(result, kept).errors(found).build();
    }
    Object kept = kept(given, fieldType, path, found);
    return DataFetcherResult.newResult().data(kept).errors(found).build();
  }

  private @Nullable Object kept(
      @Nullable Object given, GraphQLType declared, ResultPath path, List<GraphQLError> found) {
    Object value = bare(given);
    if (value == null) {
      return given;
    }
    if (!(GraphQLTypeUtil.unwrapNonNull(declared) instanceof GraphQLList list)) {
      if (!refused.contains(EnumNames.shown(type, value))) {
        return given;
      }
      hasRefused = true;
      found.add(errors.apply(verdict.denial(path.toList())));
      return null;
    }
    Iterable<?> elements = Elements.of(value);
    if (elements == null) {
      return given;
    }
    List<@Nullable Object> kept = new ArrayList<>();
    for (Object each : elements) {
      kept.add(kept(each, list.getWrappedType(), path.segment(kept.size()), found));
    }
    return given instanceof DataFetcherResult<?> result ? with(result, kept).build() : kept;
  }

  private static DataFetcherResult.Builder<Object> with(
      DataFetcherResult<?> result, @Nullable Object data) {
    return DataFetcherResult.newResult()
        .data(data)
        .errors(result.getErrors())
        .localContext(result.getLocalContext())
        .extensions(result.getExtensions());
  }

  // the engine unboxes a value more than once: what it could come to is looked at
  @SuppressWarnings("ReferenceEquality") // what is no box comes back as it is
  private @Nullable Object bare(@Nullable Object given) {
    Object value = given instanceof DataFetcherResult<?> result ? result.getData() : given;
    for (int i = 0; i < MOST_BOXES && value != null; i++) {
      Object inside = unboxer.unbox(value);
      if (inside == value) {
        return value;
      }
      value = inside;
    }
    return value;
  }
}
