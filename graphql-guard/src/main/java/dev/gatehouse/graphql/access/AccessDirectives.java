package dev.gatehouse.graphql.access;

import dev.gatehouse.graphql.cost.CostDirectives;
import graphql.schema.GraphQLSchema;
import graphql.schema.idl.SchemaParser;
import graphql.schema.idl.TypeDefinitionRegistry;
import graphql.schema.idl.UnExecutableSchemaGenerator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The directives by which a schema says who may: {@code @public}, {@code @authenticated},
 * {@code @requiresScopes}, {@code @policy}, {@code @tenant}, {@code @owner} and {@code @masked}. An
 * SDL that uses them need not define them, nor those of cost.
 *
 * <p>{@code @authenticated}, {@code @requiresScopes} and {@code @policy} are spelled as in Apollo
 * Federation, and are also known by the names that an {@code @link} to it imports them under.
 */
public final class AccessDirectives {
  static final String PUBLIC = "public";
  static final String AUTHENTICATED = "authenticated";
  static final String REQUIRES_SCOPES = "requiresScopes";
  static final String POLICY = "policy";
  static final String TENANT = "tenant";
  static final String OWNER = "owner";
  static final String MASKED = "masked";

  private static final Map<String, String> DEFINITIONS = definitions();

  private AccessDirectives() {}

  private static Map<String, String> definitions() {
    String anywhere =
        " on OBJECT | INTERFACE | FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION"
            + " | ENUM | ENUM_VALUE | SCALAR";
    Map<String, String> all = new LinkedHashMap<>();
    all.put(PUBLIC, "directive @public on OBJECT | INTERFACE | FIELD_DEFINITION");
    all.put(
        AUTHENTICATED,
        "directive @authenticated on OBJECT | INTERFACE | FIELD_DEFINITION | ENUM | SCALAR");
    all.put(REQUIRES_SCOPES, "directive @requiresScopes(scopes: [[String!]!]!)" + anywhere);
    all.put(POLICY, "directive @policy(policies: [[String!]!]!)" + anywhere);
    all.put(TENANT, "directive @tenant(by: String! = \"tenantId\") on OBJECT");
    all.put(OWNER, "directive @owner(by: String!, orScopes: [String!] = []) on OBJECT");
    all.put(
        MASKED,
        "directive @masked(unlessScopes: [String!]!, with: String = null) on FIELD_DEFINITION");
    return all;
  }

  /**
   * Reads an SDL and supplies the definitions that it lacks.
   *
   * @throws graphql.schema.idl.errors.SchemaProblem if it is no SDL
   * @throws graphql.parser.InvalidSyntaxException if it is no GraphQL
   */
  public static TypeDefinitionRegistry read(String sdl) {
    TypeDefinitionRegistry found = CostDirectives.read(sdl);
    SchemaParser parser = new SchemaParser();
    DEFINITIONS.forEach(
        (name, definition) -> {
          if (found.getDirectiveDefinition(name).isEmpty()) {
            found.merge(parser.parse(definition));
          }
        });
    return found;
  }

  /** A schema that can be audited and analysed, not executed. */
  public static GraphQLSchema schema(String sdl) {
    return UnExecutableSchemaGenerator.makeUnExecutableSchema(read(sdl));
  }

  /** Whether one of ours has that name. */
  static boolean isKnown(String name) {
    return DEFINITIONS.containsKey(name);
  }

  static Iterable<String> names() {
    return DEFINITIONS.keySet();
  }
}
