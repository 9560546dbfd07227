package dev.gatehouse.graphql.access;

import dev.gatehouse.graphql.access.FieldAccess.TypeAccess;
import dev.gatehouse.graphql.access.RuleSet.ActsOn;
import dev.gatehouse.graphql.plan.DocumentPlan;
import dev.gatehouse.graphql.plan.Selected;
import graphql.language.Field;
import graphql.language.OperationDefinition.Operation;
import graphql.schema.GraphQLObjectType;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What one operation of a document touches of a schema's rules, as far as that goes without a
 * request: kept with the document's plan, for one version of the rules.
 */
final class AccessPlan {
  final SchemaAccess access;
  final Operation operation;

  /** The numbers of what its selections ask, each once. */
  final int[] requirements;

  /** Whether a decision of policies may be needed. */
  final boolean hasPolicies;

  /** The selections with arguments that may hold what carries rules. */
  final List<WithInputs> inputs;

  /** Whether something is done while it runs, though all of it is granted. */
  final boolean isGated;

  /** Whether an object rule is asked of a whole level at once, which needs to know when it ends. */
  final boolean hasBatches;

  /** A selection, and the field that it runs. */
  record WithInputs(FieldAccess field, Field written) {}

  private AccessPlan(Compiler compiler, DocumentPlan plan) {
    this.access = compiler.access;
    this.operation = plan.operation().getOperation();
    this.requirements = compiler.requirements.stream().toArray();
    this.inputs = List.copyOf(compiler.inputs);
    this.isGated = compiler.isGated;
    this.hasBatches = compiler.hasBatches;
    // which inputs are given is known with the variables only
    this.hasPolicies =
        !compiler.inputs.isEmpty()
            || compiler.requirements.stream()
                .anyMatch(number -> access.requirement(number).hasPolicies());
  }

  static AccessPlan of(SchemaAccess access, DocumentPlan plan) {
    return plan.attached(
        access,
        made -> {
          Compiler compiler = new Compiler(access);
          made.selections(compiler::add);
          return new AccessPlan(compiler, made);
        });
  }

  private static final class Compiler {
    private final SchemaAccess access;
    private final BitSet requirements = new BitSet();
    private final Set<FieldAccess> seen = new HashSet<>();
    private final List<WithInputs> inputs = new ArrayList<>();
    private boolean isGated;
    private boolean hasBatches;

    Compiler(SchemaAccess access) {
      this.access = access;
    }

    void add(Selected selected) {
      selected.eachType(type -> add(type, selected.field()));
    }

    private void add(GraphQLObjectType type, Field written) {
      requirements.set(access.requirement(type, written.getName()));
      FieldAccess field = access.field(type.getName(), written.getName());
      if (field == null) {
        return;
      }
      if (InputUse.mayBeGiven(field, written)) {
        inputs.add(new WithInputs(field, written));
      }
      if (!seen.add(field)) {
        return;
      }
      isGated |= field.isGated();
      if (field.objects() != null) {
        field.objects().byType().values().forEach(this::object);
      }
      for (ActsOn each : field.acts()) {
        TypeAccess acted = access.type(each.type());
        hasBatches |= acted != null && isBatched(acted);
      }
      if (field.values() != null) {
        String values = field.values().getName();
        field
            .values()
            .getValues()
            .forEach(v -> requirements.set(access.input(values + "." + v.getName())));
      }
    }

    // objects may come of a type of which nothing is selected
    private void object(TypeAccess type) {
      requirements.set(type.requirement());
      hasBatches |= isBatched(type);
    }

    private static boolean isBatched(TypeAccess type) {
      return type.checks().stream().anyMatch(each -> each.check() instanceof ObjectCheck.Batched);
    }
  }
}
