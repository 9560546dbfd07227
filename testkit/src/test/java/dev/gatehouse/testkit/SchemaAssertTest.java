package dev.gatehouse.testkit;

import static dev.gatehouse.testkit.SchemaAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.graphql.access.AccessDirectives;
import dev.gatehouse.graphql.access.AccessRules;
import graphql.schema.GraphQLSchema;
import io.vertx.core.Future;
import org.junit.jupiter.api.Test;

class SchemaAssertTest {
  private final GraphQLSchema schema =
      AccessDirectives.schema(
          """
          type Query { me: User @authenticated open: Int }
          type User @authenticated @tenant { id: ID }
          type Mutation { rename(id: ID): User @authenticated }
          """);

  @Test
  void schema_withAFieldWithoutARule_fails() {
    assertThatThrownBy(() -> assertThat(schema).isFullyGuarded())
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("Query.open");
  }

  @Test
  void schema_withAMutationThatSaysNoObject_fails() {
    AccessRules open = AccessRules.builder().open("Query.open").build();
    assertThatThrownBy(() -> assertThat(schema).withRules(open).isFullyGuarded())
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("Mutation.rename");
  }

  @Test
  void schema_fullyGuarded_passes() {
    AccessRules rules =
        AccessRules.builder()
            .open("Query.open")
            .actsOn("Mutation.rename", "id", "User", id -> Future.succeededFuture(null))
            .build();
    assertThat(schema).withRules(rules).isFullyGuarded();
  }
}
