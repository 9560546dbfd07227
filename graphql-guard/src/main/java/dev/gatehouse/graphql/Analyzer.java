package dev.gatehouse.graphql;

import dev.gatehouse.graphql.plan.BudgetExceededException;
import dev.gatehouse.graphql.plan.DocumentBounds;
import dev.gatehouse.graphql.plan.DocumentPlan;
import dev.gatehouse.graphql.plan.Evaluation;
import dev.gatehouse.graphql.plan.InvalidDocumentException;
import dev.gatehouse.graphql.plan.PlanCompiler;
import graphql.GraphQLContext;
import graphql.ParseAndValidate;
import graphql.execution.CoercedVariables;
import graphql.execution.NonNullableValueCoercedAsNullException;
import graphql.execution.RawVariables;
import graphql.execution.ValuesResolver;
import graphql.language.Document;
import graphql.language.VariableDefinition;
import graphql.parser.InvalidSyntaxException;
import graphql.parser.Parser;
import graphql.parser.ParserEnvironment;
import graphql.parser.ParserOptions;
import graphql.parser.exceptions.ParseCancelledException;
import graphql.parser.exceptions.ParseCancelledTooDeepException;
import graphql.parser.exceptions.ParseCancelledTooManyCharsException;
import graphql.validation.OperationValidationRule;
import graphql.validation.QueryComplexityLimits;
import graphql.validation.ValidationError;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The way of one operation from its text to its numbers. */
final class Analyzer {
  static final int MAX_CHARACTERS = 2 << 20;
  static final int MAX_TOKENS = 300_000;

  /**
   * A megabyte of byte order marks, or a number of as many digits, takes the parser many seconds.
   */
  private static final int MAX_SLOW = 32 << 10;

  /** A block string that begins with a megabyte of blank lines takes it minutes. */
  private static final int MAX_MOVED = 10_000_000;

  /** Brackets of any kind; a parser needs a few frames for each. */
  static final int MAX_NESTING = 400;

  // graphql-java's own validation of depth and of introspection is left to our limits, which answer
  // with numbers
  static final ParserOptions PARSER =
      ParserOptions.getDefaultOperationParserOptions()
          .transform(
              options ->
                  options
                      .maxCharacters(MAX_CHARACTERS)
                      .maxTokens(MAX_TOKENS)
                      .maxWhitespaceTokens(MAX_CHARACTERS)
                      .maxRuleDepth(4 * MAX_NESTING));

  private final PlanCompiler compiler;
  private final Limits limits;
  private final boolean bothWays;

  Analyzer(PlanCompiler compiler, Limits limits, boolean bothWays) {
    this.compiler = compiler;
    this.limits = limits;
    this.bothWays = bothWays;
  }

  /** Ends an analysis early. */
  private static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;
    final transient Analysis.Failed failure;

    Refused(Analysis.Code code, @Nullable String message) {
      super(message, null, false, false);
      this.failure = new Analysis.Failed(code, message == null ? "" : message);
    }
  }

  Analysis analyse(String text, @Nullable String operationName, Map<String, ?> variables) {
    try {
      return analysed(parsed(text), operationName, variables);
    } catch (Refused e) {
      return e.failure;
    }
  }

  Analysis analyse(Document document, @Nullable String operationName, Map<String, ?> variables) {
    try {
      return analysed(document, operationName, variables);
    } catch (Refused e) {
      return e.failure;
    }
  }

  private static Document parsed(String text) {
    DocumentScan scan =
        text.length() > MAX_CHARACTERS
            ? new DocumentScan(Long.MAX_VALUE, 0, 0, 0)
            : DocumentScan.of(text);
    if (scan.tokens() > MAX_TOKENS || scan.nesting() > MAX_NESTING) {
      throw new Refused(
          Analysis.Code.BUDGET,
          "a document has at most "
              + MAX_CHARACTERS
              + " characters and "
              + MAX_TOKENS
              + " tokens, nested at most "
              + MAX_NESTING
              + " deep");
    }
    String slow = slow(scan);
    if (slow != null) {
      throw new Refused(Analysis.Code.BUDGET, slow);
    }
    try {
      return new Parser()
          .parseDocument(
              ParserEnvironment.newParserEnvironment()
                  .document(text)
                  .parserOptions(PARSER)
                  .locale(Locale.ROOT)
                  .build());
    } catch (ParseCancelledException
        | ParseCancelledTooDeepException
        | ParseCancelledTooManyCharsException e) {
      throw new Refused(Analysis.Code.BUDGET, e.getMessage());
    } catch (InvalidSyntaxException e) {
      throw new Refused(Analysis.Code.PARSE, e.getMessage());
    }
  }

  /** Why a document of few tokens would keep the parser too long; null if it would not. */
  static @Nullable String slow(DocumentScan scan) {
    if (scan.slow() > MAX_SLOW) {
      return "a document has at most "
          + MAX_SLOW
          + " characters that are beyond ASCII or of very long numbers";
    }
    return scan.moved() > MAX_MOVED
        ? "too many lines at the beginning of a block string are blank"
        : null;
  }

  private Analysis analysed(
      Document document, @Nullable String operationName, Map<String, ?> variables) {
    DocumentBounds.Problem problem = DocumentBounds.check(compiler.schema(), document).orElse(null);
    if (problem != null && problem.kind() == DocumentBounds.Kind.CYCLE) {
      throw new Refused(Analysis.Code.VALIDATION, problem.message());
    }
    if (problem == null) {
      validate(document);
    }
    InputShape input = InputShape.of(variables);
    if (input.depth() > InputShape.MAX_DEPTH) {
      throw new Refused(
          Analysis.Code.VARIABLES, "the variables nest deeper than " + InputShape.MAX_DEPTH);
    }
    try {
      DocumentPlan plan = compiler.compile(document, operationName);
      CoercedVariables coerced = coerced(plan, variables);
      Analysis answer =
          bothWays ? largest(plan, coerced, input) : judged(plan.evaluate(coerced), input);
      return problem == null ? answer : refused(answer, problem);
    } catch (InvalidDocumentException e) {
      throw new Refused(Analysis.Code.VALIDATION, e.getMessage());
    } catch (BudgetExceededException e) {
      throw new Refused(Analysis.Code.BUDGET, e.getMessage());
    }
  }

  // what exceeds a limit is refused with its numbers, valid or not; what exceeds none could still
  // not be validated, and must not pass for something that may run
  private static Analysis refused(Analysis answer, DocumentBounds.Problem problem) {
    boolean exceeds =
        answer instanceof OperationAnalysis analysis && !analysis.violations().isEmpty();
    return exceeds ? answer : new Analysis.Failed(Analysis.Code.BUDGET, problem.message());
  }

  private void validate(Document document) {
    List<ValidationError> errors =
        ParseAndValidate.validate(
            compiler.schema(),
            document,
            DocumentBounds.rules(rule -> rule != OperationValidationRule.GOOD_FAITH_INTROSPECTION),
            Locale.ROOT,
            QueryComplexityLimits.NONE);
    if (!errors.isEmpty()) {
      throw new Refused(Analysis.Code.VALIDATION, errors.get(0).getMessage());
    }
  }

  private CoercedVariables coerced(DocumentPlan plan, Map<String, ?> variables) {
    List<VariableDefinition> definitions = plan.operation().getVariableDefinitions();
    if (bothWays) {
      definitions =
          definitions.stream()
              .filter(
                  each -> variables.containsKey(each.getName()) || each.getDefaultValue() != null)
              .toList();
    }
    try {
      return ValuesResolver.coerceVariableValues(
          compiler.schema(),
          definitions,
          RawVariables.of(new HashMap<>(variables)),
          GraphQLContext.getDefault(),
          Locale.ROOT);
    } catch (RuntimeException e) {
      throw new Refused(Analysis.Code.VARIABLES, variablesMessage(e));
    }
  }

  // this one names a variable and its type; others repeat values, or keys inside them
  private static String variablesMessage(RuntimeException e) {
    return e instanceof NonNullableValueCoercedAsNullException
        ? String.valueOf(e.getMessage())
        : "the variables do not fit the operation";
  }

  private Analysis judged(Evaluation asked, InputShape input) {
    Optional<String> negative = asked.negativeSlice();
    if (negative.isPresent()) {
      throw new Refused(
          Analysis.Code.SLICING_ARGUMENT,
          "a slicing argument of " + negative.get() + " is negative");
    }
    return new OperationAnalysis(
        asked.typeCost(),
        asked.fieldCost(),
        asked.depth(),
        asked.fields(),
        asked.aliases(),
        asked.rootFields(),
        asked.directives(),
        asked.tokens(),
        Judge.violations(asked, input, limits));
  }

  private Analysis largest(DocumentPlan plan, CoercedVariables coerced, InputShape input) {
    Largest largest = new Largest();
    plan.evaluateAll(coerced, asked -> largest.add((OperationAnalysis) judged(asked, input)));
    return largest.result();
  }
}
