package dev.gatehouse.graphql.access;

import graphql.GraphQLError;
import graphql.execution.DataFetcherResult;
import graphql.execution.ResultPath;
import graphql.schema.DataFetchingEnvironment;
import graphql.schema.GraphQLEnumType;
import graphql.schema.GraphQLEnumValueDefinition;
import graphql.schema.GraphQLList;
import graphql.schema.GraphQLType;
import graphql.schema.GraphQLTypeUtil;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Refuses those values of an enum that the caller may not have, each where it stands. */
final class EnumGate {
  private final Verdict verdict;
  private final GraphQLEnumType type;
  private final Function<Denial, GraphQLError> errors;
  private final Set<String> refused = new HashSet<>();
  private boolean hasRefused;

  EnumGate(Verdict verdict, GraphQLEnumType type, Function<Denial, GraphQLError> errors) {
    this.verdict = verdict;
    this.type = type;
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
    Object data = given instanceof DataFetcherResult<?> result ? result.getData() : given;
    Object kept = kept(data, fieldType, path, found);
    DataFetcherResult.Builder<Object> answer = DataFetcherResult.newResult().data(kept);
    answer.errors(found);
    if (given instanceof DataFetcherResult<?> result) {
      answer.errors(result.getErrors()).localContext(result.getLocalContext());
      answer.extensions(result.getExtensions());
    }
    return answer.build();
  }

  private @Nullable Object kept(
      @Nullable Object given, GraphQLType declared, ResultPath path, List<GraphQLError> found) {
    Object value = given instanceof Optional<?> optional ? optional.orElse(null) : given;
    if (value == null) {
      return null;
    }
    if (!(GraphQLTypeUtil.unwrapNonNull(declared) instanceof GraphQLList list)) {
      if (!refused.contains(EnumNames.shown(type, value))) {
        return value;
      }
      hasRefused = true;
      found.add(errors.apply(verdict.denial(path.toList())));
      return null;
    }
    Iterable<?> elements = Elements.of(value);
    if (elements == null) {
      return value;
    }
    List<@Nullable Object> kept = new ArrayList<>();
    for (Object each : elements) {
      kept.add(kept(each, list.getWrappedType(), path.segment(kept.size()), found));
    }
    return kept;
  }
}
