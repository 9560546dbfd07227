package dev.gatehouse.graphql.cost;

import graphql.language.Argument;
import graphql.language.AstTransformer;
import graphql.language.Directive;
import graphql.language.Document;
import graphql.language.FloatValue;
import graphql.language.IntValue;
import graphql.language.Node;
import graphql.language.NodeVisitorStub;
import graphql.language.StringValue;
import graphql.language.Value;
import graphql.parser.Parser;
import graphql.parser.ParserEnvironment;
import graphql.parser.ParserOptions;
import graphql.schema.GraphQLSchema;
import graphql.schema.idl.SchemaParser;
import graphql.schema.idl.TypeDefinitionRegistry;
import graphql.schema.idl.UnExecutableSchemaGenerator;
import graphql.util.TraversalControl;
import graphql.util.TraverserContext;
import graphql.util.TreeTransformerUtil;
import java.util.Locale;

/**
 * The directives {@code @cost} and {@code @listSize} of the IBM cost specification: an SDL that
 * uses them need not define them.
 */
public final class CostDirectives {
  static final String COST = "cost";
  static final String LIST_SIZE = "listSize";

  private static final String DEFINE_COST =
      "directive @cost(weight: String!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION"
          + " | INPUT_FIELD_DEFINITION | OBJECT | SCALAR\n";
  private static final String DEFINE_LIST_SIZE =
      "directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!],"
          + " requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION\n";

  private CostDirectives() {}

  /**
   * Reads an SDL and supplies the definitions that it lacks; a weight may then be a text or a
   * number.
   *
   * @throws graphql.schema.idl.errors.SchemaProblem if it is no SDL
   * @throws graphql.parser.InvalidSyntaxException if it is no GraphQL
   */
  public static TypeDefinitionRegistry read(String sdl) {
    Document document =
        new Parser()
            .parseDocument(
                ParserEnvironment.newParserEnvironment()
                    .document(sdl)
                    .parserOptions(ParserOptions.getDefaultSdlParserOptions())
                    .locale(Locale.ROOT)
                    .build());
    SchemaParser parser = new SchemaParser();
    TypeDefinitionRegistry found = parser.buildRegistry(document);
    if (found.getDirectiveDefinition(COST).isEmpty()) {
      found = parser.buildRegistry((Document) weightsAsTexts(document));
      found.merge(parser.parse(DEFINE_COST));
    }
    if (found.getDirectiveDefinition(LIST_SIZE).isEmpty()) {
      found.merge(parser.parse(DEFINE_LIST_SIZE));
    }
    return found;
  }

  /** A schema that can be analysed, not executed. */
  public static GraphQLSchema schema(String sdl) {
    return UnExecutableSchemaGenerator.makeUnExecutableSchema(read(sdl));
  }

  private static Node<?> weightsAsTexts(Document document) {
    return new AstTransformer().transform(document, new WeightsAsTexts());
  }

  @SuppressWarnings("rawtypes") // as the visitor's methods are declared
  private static final class WeightsAsTexts extends NodeVisitorStub {
    @Override
    public TraversalControl visitArgument(Argument node, TraverserContext<Node> context) {
      Node<?> parent = context.getParentNode();
      boolean isWeight =
          node.getName().equals("weight")
              && parent instanceof Directive directive
              && directive.getName().equals(COST);
      if (!isWeight) {
        return TraversalControl.CONTINUE;
      }
      String text = text(node.getValue());
      return text.isEmpty()
          ? TraversalControl.CONTINUE
          : TreeTransformerUtil.changeNode(
              context, node.transform(argument -> argument.value(new StringValue(text))));
    }

    private static String text(Value<?> value) {
      if (value instanceof IntValue number) {
        return number.getValue().toString();
      }
      return value instanceof FloatValue number ? number.getValue().toString() : "";
    }
  }
}
