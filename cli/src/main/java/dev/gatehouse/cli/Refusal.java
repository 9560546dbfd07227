package dev.gatehouse.cli;

import java.util.List;

/** Ends a command with an exit status and what to print on standard error, a line a mistake. */
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The answer is no: rejected, unreachable, not all delivered. */
  static final int NO = 1;

  /** Wrong use or configuration. */
  static final int WRONG_USE = 2;

  private final int status;
  private final transient List<String> lines;

  private Refusal(int status, List<String> lines) {
    super(String.join("\n", lines), null, false, false);
    this.status = status;
    this.lines = List.copyOf(lines);
  }

  /**
   * A wrong option. Messages never repeat its value: it may be a secret that went astray.
   *
   * @param option the option's name, or a path in a configuration
   * @param message what is wrong and what to do
   */
  static Refusal wrongUse(String option, String message) {
    return new Refusal(WRONG_USE, List.of(option + ": " + message));
  }

  /** Several mistakes at once. */
  static Refusal wrongUse(List<String> lines) {
    return new Refusal(WRONG_USE, lines);
  }

  /** The answer is no. */
  static Refusal no(String option, String message) {
    return new Refusal(NO, List.of(option + ": " + message));
  }

  int status() {
    return status;
  }

  List<String> lines() {
    return lines;
  }
}
