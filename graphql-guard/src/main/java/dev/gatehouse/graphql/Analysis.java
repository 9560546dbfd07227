package dev.gatehouse.graphql;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The answer to what an operation asks for: its {@link OperationAnalysis}, or why there is none.
 */
public sealed interface Analysis permits OperationAnalysis, Analysis.Failed {
  /** As JSON has it, for one line of a batch. */
  Map<String, Object> toJson();

  /**
   * Why an operation could not be analysed.
   *
   * @param code what kind of mistake
   * @param message what is wrong; it may repeat names of the document, never a variable's value
   */
  record Failed(Code code, String message) implements Analysis {
    @Override
    public Map<String, Object> toJson() {
      Map<String, Object> error = new LinkedHashMap<>();
      error.put("code", code.json());
      error.put("message", message);
      return Map.of("error", error);
    }
  }

  /** What kinds of mistakes there are. */
  enum Code {
    /** The document is no GraphQL. */
    PARSE,
    /** The document does not fit the schema, or has no such operation. */
    VALIDATION,
    /** The variables do not fit the operation. */
    VARIABLES,
    /** A slicing argument is negative. */
    SLICING_ARGUMENT,
    /** The document is too large or too entangled to be analysed: it must not run. */
    BUDGET;

    /** As JSON spells it. */
    public String json() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
