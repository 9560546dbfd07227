package dev.gatehouse.graphql.access;

import dev.gatehouse.core.Mode;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Rules that add to those of a schema's directives; all of them hold, and none lifts another.
 *
 * <pre>{@code
 * AccessRules rules =
 *     AccessRules.builder()
 *         .requiresScopes("Order.internalNotes", "order:internal")
 *         .tenant("Order", "tenantId")
 *         .actsOn("Mutation.cancelOrder", "id", "Order", orders::find)
 *         .build();
 * }</pre>
 *
 * <p>A coordinate is a type ({@code Order}), a field ({@code Order.status}), an argument ({@code
 * Query.orders(where:)}), a field of an input object ({@code OrderFilter.notesContain}) or a value
 * of an enum ({@code OrderStatus.PAID}). A type's rule holds for all of its fields and for what
 * returns or takes it, an interface's for its implementations.
 */
public final class AccessRules {
  static final String SOURCE = "java";

  final RuleSet set;

  private AccessRules(RuleSet set) {
    this.set = set;
  }

  static AccessRules of(RuleSet set) {
    return new AccessRules(set);
  }

  /** No further rules: those of the directives alone. */
  public static AccessRules none() {
    return new AccessRules(new RuleSet());
  }

  /** Begins rules from Java. */
  public static Builder builder() {
    return new Builder();
  }

  /** These and the other's. */
  public AccessRules and(AccessRules other) {
    RuleSet both = new RuleSet();
    both.add(set);
    both.add(other.set);
    return new AccessRules(both);
  }

  /** Collects rules. */
  public static final class Builder {
    private final RuleSet set = new RuleSet();
    private Mode mode = Mode.ENFORCE;

    private Builder() {}

    /** Anyone may, as {@code @public} says. */
    public Builder open(String coordinate) {
      return rule(coordinate, new Condition.Open());
    }

    /** Whoever is known may, as {@code @authenticated} says. */
    public Builder authenticated(String coordinate) {
      return rule(coordinate, new Condition.Authenticated());
    }

    /** Whoever holds all of the scopes may. */
    public Builder requiresScopes(String coordinate, String... scopes) {
      return rule(coordinate, Condition.scopes(List.of(List.of(scopes))));
    }

    /** Whoever all of the policies let may. */
    public Builder policy(String coordinate, String... policies) {
      return rule(coordinate, Condition.policies(List.of(List.of(policies))));
    }

    /** A rule in full. */
    public Builder rule(String coordinate, Condition condition) {
      set.rules.add(new RuleSet.Stated(coordinate, condition, mode, SOURCE));
      return this;
    }

    /** Objects of the type are seen by their tenant only, whose name the property holds. */
    public Builder tenant(String type, String property) {
      return objects(
          type, ObjectCheck.tenant(ObjectCheck.property(property)), "tenant by " + property);
    }

    /** The same, read by a function; null is no tenant's. */
    public Builder tenant(String type, Function<Object, @Nullable Object> read) {
      return objects(type, ObjectCheck.tenant(read), "tenant");
    }

    /**
     * Objects of the type are seen by the person whose id the property holds, and by who has all of
     * the scopes, if any are given.
     */
    public Builder owner(String type, String property, String... orScopes) {
      Set<String> scopes = Set.of(orScopes);
      return objects(
          type, ObjectCheck.owner(ObjectCheck.property(property), scopes), "owner by " + property);
    }

    /** Objects of the type are seen by whom the rule says, asked of each and answered at once. */
    public Builder each(String type, ObjectRule.Each rule) {
      return objects(type, new ObjectCheck.Immediate(rule), "own rule");
    }

    /** Objects of the type are seen by whom the rule says, asked once for each level. */
    public Builder batched(String type, ObjectRule rule) {
      return objects(type, new ObjectCheck.Batched(rule), "own batched rule");
    }

    private Builder objects(String type, ObjectCheck check, String text) {
      set.objects.add(new RuleSet.StatedObjects(type, check, text, mode, SOURCE));
      return this;
    }

    /** Another value, or null, stands in a field's place for who lacks one of the scopes. */
    public Builder masked(String coordinate, @Nullable Object with, String... unlessScopes) {
      set.masks.add(new RuleSet.StatedMask(coordinate, Set.of(unlessScopes), with, mode, SOURCE));
      return this;
    }

    /**
     * Says which object a mutation acts on, so that its rules are asked before the mutation runs;
     * what the caller may not see is answered like what is not there, with null, and nothing runs.
     * Said again for one mutation, here or in rules that are joined with these, it adds an object:
     * all are looked up, at the same time, and all must be seen.
     *
     * @param mutation such as {@code Mutation.cancelOrder}
     * @param argument the argument that names the object; full stops lead into input objects; a
     *     list names several, and all must be seen; one that is null or left out names none, and is
     *     answered like what is not there
     * @param type the object's type
     */
    public Builder actsOn(String mutation, String argument, String type, ObjectLoader loader) {
      List<String> path = List.of(argument.split("\\."));
      set.actsOn(new RuleSet.ActsOn(mutation, path, type, loader));
      return this;
    }

    /**
     * Says that a mutation returns objects with rules, and acts on none that was there before: the
     * rules are asked of its result only, when it has run.
     */
    public Builder dangerouslyActsUnasked(String mutation) {
      set.unasked.add(mutation);
      return this;
    }

    /** What is refused at the coordinate, whoever's rule it is, refuses a query too, whole. */
    public Builder refusesOperation(String coordinate) {
      set.wholeOperation.add(coordinate);
      return this;
    }

    /**
     * The mode of all rules that follow, masks among them: {@link Mode#OBSERVE} decides, records,
     * and lets through.
     */
    public Builder mode(Mode value) {
      mode = value;
      return this;
    }

    /** The rules that directives state at the coordinate itself are observed only. */
    public Builder observeDirectives(String coordinate) {
      set.observedDirectives.add(coordinate);
      return this;
    }

    /** A directive of another name says what one of ours does, with the same arguments. */
    public Builder directiveNamed(String name, String ours) {
      set.directiveNames.put(name, ours);
      return this;
    }

    /** A directive that looks like a rule of access is none; without this a guard refuses it. */
    public Builder dangerouslyIgnoreDirective(String name) {
      set.ignoredDirectives.add(name);
      return this;
    }

    /** The rules. */
    public AccessRules build() {
      RuleSet built = new RuleSet();
      built.add(set);
      return new AccessRules(built);
    }
  }
}
