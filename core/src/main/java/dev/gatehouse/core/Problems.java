package dev.gatehouse.core;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Collects everything that is wrong with an input, each with its place, so that all of it can be
 * reported at once.
 */
public final class Problems {
  /**
   * One mistake.
   *
   * @param path where it is, such as {@code sources.github.secrets[0].value}; empty for the whole
   * @param message what is wrong and what to do; never a value that could be a secret
   */
  public record Problem(String path, String message) {
    @Override
    public String toString() {
      return path.isEmpty() ? message : path + ": " + message;
    }
  }

  /** Thrown by {@link #throwIfAny}; its message has one line a problem. */
  public static final class InvalidException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;
    private final transient List<Problem> problems;

    private InvalidException(List<Problem> problems) {
      super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
      this.problems = problems;
    }

    /** The problems, in the order found. */
    public List<Problem> problems() {
      return problems;
    }
  }

  private final List<Problem> problems = new ArrayList<>();

  /** Adds a mistake. */
  public void add(String path, String message) {
    problems.add(new Problem(path, message));
  }

  /** Whether nothing was found so far. */
  public boolean isEmpty() {
    return problems.isEmpty();
  }

  /** What was found so far. */
  public List<Problem> all() {
    return List.copyOf(problems);
  }

  /**
   * Ends the collection.
   *
   * @throws InvalidException if anything was found
   */
  public void throwIfAny() {
    if (!problems.isEmpty()) {
      throw new InvalidException(all());
    }
  }
}
