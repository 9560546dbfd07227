package dev.gatehouse.graphql.access;

import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.graphql.access.ReferenceWorld.Asked;
import graphql.language.Argument;
import graphql.language.BooleanValue;
import graphql.language.Directive;
import graphql.language.Document;
import graphql.language.EnumValue;
import graphql.language.Field;
import graphql.language.FragmentDefinition;
import graphql.language.FragmentSpread;
import graphql.language.InlineFragment;
import graphql.language.ObjectField;
import graphql.language.ObjectValue;
import graphql.language.OperationDefinition;
import graphql.language.Selection;
import graphql.language.SelectionSet;
import graphql.language.Value;
import graphql.language.VariableDefinition;
import graphql.language.VariableReference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Runs an operation as the rules have it, by the plainest means: it walks the document and the data
 * together, asks every rule again at every place, and shares no code with the guard.
 */
final class ReferenceEvaluator {
  /** The operation is refused as a whole. */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** A null where none may stand. */
  private static final class Bubble extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Bubble() {
      super(null, null, false, false);
    }
  }

  private final ReferenceWorld world;
  private final @Nullable Principal caller;
  private final Map<String, FragmentDefinition> fragments = new HashMap<>();
  private final OperationDefinition operation;
  private final Map<String, Object> variables = new HashMap<>();

  /** Whether something that was asked for was refused on the way. */
  boolean refusedSomething;

  ReferenceEvaluator(
      ReferenceWorld world,
      @Nullable Principal caller,
      Document document,
      Map<String, Object> given) {
    this.world = world;
    this.caller = caller;
    document
        .getDefinitionsOfType(FragmentDefinition.class)
        .forEach(each -> fragments.put(each.getName(), each));
    this.operation = document.getDefinitionsOfType(OperationDefinition.class).get(0);
    for (VariableDefinition variable : operation.getVariableDefinitions()) {
      if (given.containsKey(variable.getName())) {
        variables.put(variable.getName(), given.get(variable.getName()));
      } else if (variable.getDefaultValue() != null) {
        variables.put(variable.getName(), variable.getDefaultValue());
      }
    }
  }

  /** The data that the caller may have. */
  @Nullable Object data() {
    boolean isMutation = operation.getOperation() == OperationDefinition.Operation.MUTATION;
    String root = isMutation ? "Mutation" : "Query";
    List<SelectionSet> sets = List.of(operation.getSelectionSet());
    if (isMutation && asksForRefused(root, sets)) {
      throw new Refused();
    }
    Map<String, List<Field>> fields = collected(root, sets);
    boolean isAllRefused =
        !fields.isEmpty() && fields.values().stream().allMatch(same -> isRefused(root, same));
    if (caller == null && isAllRefused) {
      throw new Refused();
    }
    try {
      return object(root, world.data.get(root), sets);
    } catch (Bubble bubble) {
      return null;
    }
  }

  private boolean asksForRefused(String type, List<SelectionSet> sets) {
    for (List<Field> same : collected(type, sets).values()) {
      if (isRefused(type, same)) {
        return true;
      }
      String returned = bare(world.fields.get(type).getOrDefault(same.get(0).getName(), "String"));
      for (String possible : world.possible(returned)) {
        if (asksForRefused(possible, below(same))) {
          return true;
        }
      }
    }
    return false;
  }

  private static String bare(String type) {
    return type.replaceAll("[\\[\\]!]", "");
  }

  private static List<SelectionSet> below(List<Field> same) {
    List<SelectionSet> sets = new ArrayList<>();
    same.forEach(
        field -> {
          if (field.getSelectionSet() != null) {
            sets.add(field.getSelectionSet());
          }
        });
    return sets;
  }

  private Map<String, Object> object(String type, Object source, List<SelectionSet> sets) {
    Map<String, Object> result = new LinkedHashMap<>();
    collected(type, sets)
        .forEach((key, same) -> result.put(key, field(type, (Map<?, ?>) source, same)));
    return result;
  }

  private @Nullable Object field(String type, Map<?, ?> source, List<Field> same) {
    String name = same.get(0).getName();
    if (name.equals("__typename")) {
      return refuse(isRefused(type, same)) ? bubble() : type;
    }
    String declared = world.fields.get(type).get(name);
    if (refuse(isRefused(type, same))) {
      return declared.endsWith("!") ? bubble() : null;
    }
    for (String owner : family(type)) {
      String scope = world.masks.get(owner + "." + name);
      if (scope != null && (caller == null || !caller.scopes().contains(scope))) {
        return "***";
      }
    }
    return complete(declared, source.get(name), below(same));
  }

  private boolean refuse(boolean isRefused) {
    refusedSomething |= isRefused;
    return isRefused;
  }

  private static Object bubble() {
    throw new Bubble();
  }

  private @Nullable Object complete(String type, @Nullable Object value, List<SelectionSet> sets) {
    if (type.endsWith("!")) {
      Object present = complete(type.substring(0, type.length() - 1), value, sets);
      return present == null ? bubble() : present;
    }
    try {
      return nullable(type, value, sets);
    } catch (Bubble bubble) {
      return null;
    }
  }

  private @Nullable Object nullable(String type, @Nullable Object value, List<SelectionSet> sets) {
    if (value == null) {
      return null;
    }
    if (value instanceof List<?> list) {
      String element = type.substring(1, type.length() - 1);
      List<Object> kept = new ArrayList<>();
      for (Object each : list) {
        boolean isHidden = each instanceof Map<?, ?> object && isHidden(object);
        if (!isHidden) {
          kept.add(complete(element, each, sets));
        } else if (!element.endsWith("!")) {
          kept.add(null);
        }
      }
      return kept;
    }
    if (value instanceof Map<?, ?> object) {
      return isHidden(object) ? null : object((String) object.get("is"), object, sets);
    }
    boolean isEnum = type.equals("E");
    return isEnum && refuse(!holds("E." + value)) ? null : value;
  }

  private boolean isHidden(Map<?, ?> object) {
    String type = (String) object.get("is");
    if (family(type).stream().anyMatch(owner -> !holds(owner))) {
      return true;
    }
    Set<String> rules = world.objectRules.getOrDefault(type, Set.of());
    String tenant = caller == null ? "" : caller.tenant().map(TenantId::value).orElse("");
    return (rules.contains("tenant") && !tenant.equals(object.get("tenantId")))
        || (rules.contains("owner")
            && (caller == null || !caller.id().equals(object.get("ownerId"))));
  }

  private List<String> family(String type) {
    List<String> all = new ArrayList<>(List.of(type));
    all.addAll(world.interfaces.getOrDefault(type, List.of()));
    return all;
  }

  private boolean holds(String coordinate) {
    for (Asked asked : world.rules.getOrDefault(coordinate, List.of())) {
      if (!asked.holds(caller)) {
        return false;
      }
    }
    return true;
  }

  private boolean isRefused(String type, List<Field> same) {
    String name = same.get(0).getName();
    for (String owner : family(type)) {
      if (!holds(owner) || !holds(owner + "." + name)) {
        return true;
      }
    }
    String declared = world.fields.get(type).get(name);
    if (declared == null) {
      return false;
    }
    String returned = bare(declared);
    boolean isObject = returned.startsWith("O") || returned.startsWith("I");
    if (isObject && family(returned).stream().anyMatch(owner -> !holds(owner))) {
      return true;
    }
    return same.stream().anyMatch(field -> givesRefused(type, field));
  }

  private boolean givesRefused(String type, Field field) {
    for (Argument argument : field.getArguments()) {
      Object value = resolved(argument.getValue());
      boolean isGiven = !(value instanceof VariableReference);
      if (isGiven
          && argument.getName().equals("g")
          && !holds(type + "." + field.getName() + "(g:)")) {
        return true;
      }
      if (isGiven && argument.getName().equals("in") && givesRefused(value)) {
        return true;
      }
    }
    return false;
  }

  private boolean givesRefused(@Nullable Object input) {
    Map<String, Object> members = new HashMap<>();
    if (input instanceof ObjectValue literal) {
      for (ObjectField member : literal.getObjectFields()) {
        members.put(member.getName(), resolved(member.getValue()));
      }
    } else if (input instanceof Map<?, ?> map) {
      map.forEach((key, value) -> members.put((String) key, value));
    }
    members.values().removeIf(VariableReference.class::isInstance);
    if (members.containsKey("q") && !holds("In.q")) {
      return true;
    }
    Object level = members.get("e");
    String value = level instanceof EnumValue literal ? literal.getName() : String.valueOf(level);
    return (level != null && !holds("E." + value))
        || (members.containsKey("in") && givesRefused(members.get("in")));
  }

  private @Nullable Object resolved(@Nullable Value<?> value) {
    return value instanceof VariableReference variable && variables.containsKey(variable.getName())
        ? variables.get(variable.getName())
        : value;
  }

  private Map<String, List<Field>> collected(String type, List<SelectionSet> sets) {
    Map<String, List<Field>> all = new LinkedHashMap<>();
    sets.forEach(set -> collect(type, set, all));
    return all;
  }

  private void collect(String type, SelectionSet set, Map<String, List<Field>> into) {
    for (Selection<?> selection : set.getSelections()) {
      if (selection instanceof Field field && counts(field.getDirectives())) {
        into.computeIfAbsent(field.getResultKey(), key -> new ArrayList<>()).add(field);
      } else if (selection instanceof InlineFragment inline && counts(inline.getDirectives())) {
        if (inline.getTypeCondition() == null || isA(type, inline.getTypeCondition().getName())) {
          collect(type, inline.getSelectionSet(), into);
        }
      } else if (selection instanceof FragmentSpread spread && counts(spread.getDirectives())) {
        FragmentDefinition fragment = fragments.get(spread.getName());
        if (isA(type, fragment.getTypeCondition().getName())) {
          collect(type, fragment.getSelectionSet(), into);
        }
      }
    }
  }

  private boolean isA(String type, String condition) {
    return type.equals(condition) || world.possible(condition).contains(type);
  }

  private boolean counts(List<Directive> directives) {
    for (Directive directive : directives) {
      Object when = resolved(directive.getArgument("if").getValue());
      boolean isTrue =
          when instanceof BooleanValue literal ? literal.isValue() : Boolean.TRUE.equals(when);
      if (isTrue == directive.getName().equals("skip")) {
        return false;
      }
    }
    return true;
  }
}
