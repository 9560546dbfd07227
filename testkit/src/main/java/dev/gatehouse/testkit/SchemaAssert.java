package dev.gatehouse.testkit;

import dev.gatehouse.graphql.access.AccessAudit;
import dev.gatehouse.graphql.access.AccessRules;
import graphql.schema.GraphQLSchema;
import java.util.List;
import org.assertj.core.api.AbstractAssert;

/**
 * Fails a build whose schema is open in part: a test of one line where a guard would refuse to
 * start.
 *
 * <pre>{@code
 * assertThat(schema).withRules(rules).isFullyGuarded();
 * }</pre>
 */
public final class SchemaAssert extends AbstractAssert<SchemaAssert, GraphQLSchema> {
  private AccessRules rules = AccessRules.none();

  private SchemaAssert(GraphQLSchema schema) {
    super(schema, SchemaAssert.class);
  }

  /** Begins. */
  public static SchemaAssert assertThat(GraphQLSchema schema) {
    return new SchemaAssert(schema);
  }

  /** With rules that hold beside the schema's directives. */
  public SchemaAssert withRules(AccessRules further) {
    rules = rules.and(further);
    return this;
  }

  /**
   * Each field of each object type has a rule, its own or inherited, and each mutation that returns
   * objects with rules says which it acts on.
   */
  public SchemaAssert isFullyGuarded() {
    isNotNull();
    AccessAudit audit = AccessAudit.of(actual, rules);
    List<String> open =
        audit.coordinates().stream()
            .filter(each -> !each.isProtected())
            .map(AccessAudit.Coordinate::name)
            .toList();
    if (!open.isEmpty()) {
      failWithMessage("no rule says who may have <%s>", String.join(", ", open));
    }
    if (!audit.unasked().isEmpty()) {
      failWithMessage(
          "these return objects with rules, and do not say which they act on: <%s>",
          String.join(", ", audit.unasked().keySet().stream().sorted().toList()));
    }
    return this;
  }
}
