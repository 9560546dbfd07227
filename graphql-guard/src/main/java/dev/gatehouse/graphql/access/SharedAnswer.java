package dev.gatehouse.graphql.access;

import dev.gatehouse.core.Derived;
import graphql.ExecutionResult;
import graphql.GraphQLError;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The answer to an event that several subscribers get: data, and nothing else.
 *
 * <p>Safe for any thread, as long as nobody writes to its data.
 */
public final class SharedAnswer implements ExecutionResult {
  private final ExecutionResult result;
  private final Derived<ExecutionResult> derived;

  private SharedAnswer(ExecutionResult result) {
    this.result = result;
    this.derived = new Derived<>(result);
  }

  /** The answer; empty where it says anything that is meant for one subscriber. */
  static Optional<SharedAnswer> of(ExecutionResult result) {
    boolean isPlain =
        result.isDataPresent() && result.getErrors().isEmpty() && result.getExtensions() == null;
    return isPlain ? Optional.of(new SharedAnswer(result)) : Optional.empty();
  }

  /**
   * What the maker makes of it, once for all subscribers.
   *
   * @param maker known by its instance
   */
  public <T> T once(Function<? super ExecutionResult, ? extends T> maker) {
    return derived.by(maker);
  }

  @Override
  public List<GraphQLError> getErrors() {
    return result.getErrors();
  }

  @Override
  @SuppressWarnings("TypeParameterUnusedInFormals") // as the engine has it
  public <T> @Nullable T getData() {
    return result.getData();
  }

  @Override
  public boolean isDataPresent() {
    return true;
  }

  @Override
  public @Nullable Map<Object, Object> getExtensions() {
    return null;
  }

  @Override
  public Map<String, Object> toSpecification() {
    return result.toSpecification();
  }
}
