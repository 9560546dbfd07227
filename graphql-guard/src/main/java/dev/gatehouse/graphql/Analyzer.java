package dev.gatehouse.graphql;

import dev.gatehouse.graphql.plan.BudgetExceededException;
import dev.gatehouse.graphql.plan.DocumentPlan;
import dev.gatehouse.graphql.plan.Evaluation;
import dev.gatehouse.graphql.plan.InvalidDocumentException;
import dev.gatehouse.graphql.plan.PlanCompiler;
import graphql.GraphQLContext;
import graphql.GraphQLError;
import graphql.ParseAndValidate;
import graphql.execution.CoercedVariables;
import graphql.execution.RawVariables;
import graphql.execution.ValuesResolver;
import graphql.language.Document;
import graphql.language.VariableDefinition;
import graphql.parser.InvalidSyntaxException;
import graphql.parser.Parser;
import graphql.parser.ParserEnvironment;
import graphql.parser.ParserOptions;
import graphql.validation.ValidationError;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The way of one operation from its text to its numbers. */
final class Analyzer {
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
    try {
      return new Parser()
          .parseDocument(
              ParserEnvironment.newParserEnvironment()
                  .document(text)
                  .parserOptions(ParserOptions.getDefaultOperationParserOptions())
                  .locale(Locale.ROOT)
                  .build());
    } catch (InvalidSyntaxException e) {
      throw new Refused(Analysis.Code.PARSE, e.getMessage());
    }
  }

  private Analysis analysed(
      Document document, @Nullable String operationName, Map<String, ?> variables) {
    validate(document);
    try {
      DocumentPlan plan = compiler.compile(document, operationName);
      CoercedVariables coerced = coerced(plan, variables);
      return bothWays ? largest(plan, coerced) : judged(plan.evaluate(coerced));
    } catch (InvalidDocumentException e) {
      throw new Refused(Analysis.Code.VALIDATION, e.getMessage());
    } catch (BudgetExceededException e) {
      throw new Refused(Analysis.Code.BUDGET, e.getMessage());
    }
  }

  private void validate(Document document) {
    List<ValidationError> errors =
        ParseAndValidate.validate(compiler.schema(), document, Locale.ROOT);
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

  // what coercion says of its own names types and variables; another exception might say more
  private static String variablesMessage(RuntimeException e) {
    return e instanceof GraphQLError error
        ? String.valueOf(error.getMessage())
        : "the variables do not fit the operation";
  }

  private Analysis judged(Evaluation asked) {
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
        Judge.violations(asked, limits));
  }

  private Analysis largest(DocumentPlan plan, CoercedVariables coerced) {
    Largest largest = new Largest();
    plan.evaluateAll(coerced, asked -> largest.add((OperationAnalysis) judged(asked)));
    return largest.result();
  }
}
