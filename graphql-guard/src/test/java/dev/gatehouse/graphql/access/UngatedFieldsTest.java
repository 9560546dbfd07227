package dev.gatehouse.graphql.access;

import static org.assertj.core.api.Assertions.assertThat;

import graphql.Scalars;
import graphql.schema.GraphQLFieldDefinition;
import graphql.schema.idl.RuntimeWiring;
import graphql.schema.idl.SchemaGenerator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class UngatedFieldsTest {
  private static SchemaAccess access() {
    return SchemaAccessBuilder.build(
        new SchemaGenerator()
            .makeExecutableSchema(
                AccessDirectives.read("type Query { it: Int @public }"),
                RuntimeWiring.newRuntimeWiring().build()),
        new RuleSet(),
        "1");
  }

  private static GraphQLFieldDefinition field(int number) {
    return GraphQLFieldDefinition.newFieldDefinition()
        .name("f" + number)
        .type(Scalars.GraphQLInt)
        .build();
  }

  @Test
  void field_isKnownUnderTheRulesItWasLookedUpBy_andUnderNoOthers() {
    SchemaAccess rules = access();
    SchemaAccess others = access();
    UngatedFields fields = new UngatedFields();
    GraphQLFieldDefinition one = field(1);
    fields.add(one, rules);

    assertThat(fields.has(one, rules)).isTrue();
    assertThat(fields.has(field(1), rules)).as("another of the same name").isFalse();
    assertThat(fields.has(one, others)).isFalse();

    fields.add(field(2), others);

    assertThat(fields.has(one, rules)).isFalse();
  }

  @Test
  void fields_beyondTheFirstFew_areNotKept_andNoneIsMistaken() {
    SchemaAccess rules = access();
    UngatedFields fields = new UngatedFields();
    List<GraphQLFieldDefinition> all =
        IntStream.range(0, 100).mapToObj(UngatedFieldsTest::field).toList();
    all.forEach(each -> fields.add(each, rules));

    assertThat(all.stream().filter(each -> fields.has(each, rules)))
        .containsExactlyElementsOf(all.subList(0, 8));
    assertThat(fields.has(field(1), rules)).isFalse();
  }
}
