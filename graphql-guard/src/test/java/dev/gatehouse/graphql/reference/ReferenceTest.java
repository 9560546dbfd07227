package dev.gatehouse.graphql.reference;

import static org.assertj.core.api.Assertions.assertThat;

import graphql.language.Document;
import graphql.parser.Parser;
import graphql.schema.GraphQLSchema;
import graphql.schema.idl.SchemaParser;
import graphql.schema.idl.UnExecutableSchemaGenerator;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The reference itself, held against the published cases before anything is held against it. */
class ReferenceTest {
  @TestFactory
  Stream<DynamicTest> reference_publishedCase_costsWhatIsPublished() {
    return Conformance.costCases()
        .map(each -> DynamicTest.dynamicTest(each.id(), () -> check(each)));
  }

  private static void check(Conformance.Case each) {
    Reference.Found found =
        Reference.of(
            schema(each.sdl()),
            Parser.parse(each.operation()),
            each.operationName(),
            each.variables(),
            each.defaultListSize());

    assertThat(found.typeCost()).isEqualTo(each.typeCost());
    assertThat(found.fieldCost()).isEqualTo(each.fieldCost());
  }

  @Test
  void tokens_ofEveryKind_areCounted() {
    assertThat(
            Tokens.count(
                "\uFEFFquery Q($a: [Int!]! = -1.5e-3) @d { # a comment, of no token\n"
                    + " f(s: \"a \\\" b\", b: \"\"\"x \\\"\"\" y\"\"\", o: {k: RED}), ...F }"))
        .hasValue(36);
  }

  @Test
  void operations_madeAtRandom_areValidMoreOftenThanNot() {
    Random random = new Random(7);
    int valid = 0;
    for (int i = 0; i < 200; i++) {
      GraphQLSchema schema = schema(RandomSchema.sdl(random));
      Document document = Parser.parse(RandomOperation.make(schema, random).text());
      valid += RandomOperation.isValid(schema, document) ? 1 : 0;
    }
    assertThat(valid).isGreaterThan(100);
  }

  static GraphQLSchema schema(String sdl) {
    return UnExecutableSchemaGenerator.makeUnExecutableSchema(new SchemaParser().parse(sdl));
  }
}
