package dev.gatehouse.graphql.access;

import dev.gatehouse.core.Principal;
import dev.gatehouse.graphql.access.FieldAccess.TypeAccess;
import dev.gatehouse.graphql.access.Requirement.State;
import dev.gatehouse.graphql.plan.Evaluation;
import dev.gatehouse.graphql.plan.Selected;
import graphql.language.Field;
import graphql.language.OperationDefinition.Operation;
import graphql.schema.GraphQLObjectType;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides one operation for one caller: first by what its document asks, each thing once; only
 * where that is not granted as a whole, selection by selection.
 */
final class Judgement {
  private static final int MAX_DENIALS = 100;

  private final AccessPlan plan;
  private final Verdict verdict;
  private final InputUse inputs;

  /** Places that may hold several types, by what stands below. */
  private final IdentityHashMap<Object, List<Selected.Place>> abstractPlaces =
      new IdentityHashMap<>();

  private final Set<List<Object>> leftOut = new LinkedHashSet<>();
  private final Map<List<Object>, State> denied = new HashMap<>();
  private final List<List<Object>> deniedInOrder = new ArrayList<>();
  private boolean isOperationRefused;
  private final Set<Object> refusedRoots = new LinkedHashSet<>();
  private final Set<Object> allRoots = new LinkedHashSet<>();

  private Judgement(AccessPlan plan, Verdict verdict, InputUse inputs) {
    this.plan = plan;
    this.verdict = verdict;
    this.inputs = inputs;
  }

  /** The policies that a decision is needed of; none for most operations. */
  static Set<String> policies(AccessPlan plan, Evaluation asked) {
    Set<String> names = new LinkedHashSet<>();
    if (!plan.hasPolicies) {
      return names;
    }
    BitSet numbers = new BitSet();
    InputUse inputs = new InputUse(plan.access, asked.variables());
    asked.selections(
        (selected, place) ->
            selected.eachType(type -> numbers(plan.access, selected, type, inputs, numbers)));
    numbers.stream().forEach(number -> plan.access.requirement(number).policies(names));
    return names;
  }

  private static void numbers(
      SchemaAccess access,
      Selected selected,
      GraphQLObjectType type,
      InputUse inputs,
      BitSet into) {
    into.set(access.requirement(type, selected.field().getName()));
    FieldAccess field = access.field(type.getName(), selected.field().getName());
    if (field == null) {
      return;
    }
    if (!field.arguments().isEmpty()) {
      into.or(inputs.of(field, selected.field()));
    }
    if (field.objects() != null) {
      field.objects().byType().values().forEach(each -> into.set(each.requirement()));
    }
    if (field.values() != null) {
      String values = field.values().getName();
      field
          .values()
          .getValues()
          .forEach(each -> into.set(access.input(values + "." + each.getName())));
    }
  }

  /** Decides; policies that are not among those allowed are denied. */
  static Verdict of(
      AccessPlan plan, Evaluation asked, Optional<Principal> caller, Set<String> allowedPolicies) {
    Verdict verdict = new Verdict(plan, caller, allowedPolicies);
    InputUse inputs = new InputUse(plan.access, asked.variables());
    if (!isGrantedAtOnce(plan, verdict, inputs)) {
      Judgement judgement =
          new Judgement(plan, verdict, new InputUse(plan.access, asked.variables()));
      asked.selections(judgement::selection);
      judgement.conclude();
    }
    return verdict;
  }

  private static boolean isGrantedAtOnce(AccessPlan plan, Verdict verdict, InputUse inputs) {
    for (int requirement : plan.requirements) {
      if (verdict.state(requirement) != State.GRANTED) {
        return false;
      }
    }
    // whether they count or not: what is granted in any case needs no further look
    for (AccessPlan.WithInputs each : plan.inputs) {
      BitSet numbers = inputs.of(each.field(), each.written());
      if (numbers.stream().anyMatch(number -> verdict.state(number) != State.GRANTED)) {
        return false;
      }
    }
    return true;
  }

  private void selection(Selected selected, Selected.Place place) {
    if (place.isRoot()) {
      allRoots.add(place.path().get(0));
    }
    selected.eachType(type -> selection(selected, place, type));
  }

  private void selection(Selected selected, Selected.Place place, GraphQLObjectType type) {
    Field written = selected.field();
    SchemaAccess access = plan.access;
    FieldAccess field = access.field(type.getName(), written.getName());
    State state = verdict.state(access.requirement(type, written.getName()));
    if (field != null && !field.arguments().isEmpty()) {
      state = inputs(field, written, state);
    }
    if (field != null && field.objects() != null && field.objects().isAbstract()) {
      // a stream of which no event could ever come
      boolean isEmpty = plan.operation == Operation.SUBSCRIPTION && place.isRoot();
      for (TypeAccess each : field.objects().byType().values()) {
        isEmpty &= verdict.hides(each);
      }
      state = isEmpty && state.compareTo(State.REFUSED) < 0 ? State.REFUSED : state;
      Object below = place.below();
      if (below != null && state.compareTo(State.REFUSED) < 0) {
        abstractPlace(below, place);
      }
    }
    if (state == State.GRANTED) {
      return;
    }
    String coordinate = type.getName() + "." + written.getName();
    if (state == State.OBSERVED) {
      verdict.observed(coordinate);
      return;
    }
    verdict.refused(coordinate);
    refused(place, type, state);
  }

  private State inputs(FieldAccess field, Field written, State state) {
    State worst = state;
    boolean isRefused = false;
    BitSet numbers = inputs.of(field, written);
    for (int i = numbers.nextSetBit(0); i >= 0; i = numbers.nextSetBit(i + 1)) {
      State one = verdict.state(i);
      isRefused |= one.compareTo(State.REFUSED) >= 0;
      worst = one.compareTo(worst) > 0 ? one : worst;
    }
    if (isRefused) {
      verdict.refusesInputs(field.field(), written);
    }
    return worst;
  }

  private void refused(Selected.Place place, GraphQLObjectType type, State state) {
    isOperationRefused |= state == State.OPERATION_REFUSED;
    List<Object> path = place.path();
    if (place.isRoot()) {
      refusedRoots.add(path.get(0));
    }
    if (denied.put(path, state) == null && deniedInOrder.size() < MAX_DENIALS) {
      deniedInOrder.add(path);
    }
    TypeAccess object = plan.access.type(type.getName());
    if (object != null && verdict.hides(object)) {
      leftOut(abstractPlaces.remove(place.among()));
    }
  }

  // a place comes again for each of its selections and types
  @SuppressWarnings("ReferenceEquality") // one place is one object
  private void abstractPlace(Object below, Selected.Place place) {
    List<Selected.Place> known = abstractPlaces.computeIfAbsent(below, key -> new ArrayList<>(1));
    if (known.isEmpty() || known.get(known.size() - 1) != place) {
      known.add(place);
    }
  }

  // once: all places are known by then, those above come first
  private void leftOut(@Nullable List<Selected.Place> places) {
    if (places == null) {
      return;
    }
    for (Selected.Place place : places) {
      leftOut.addAll(place.paths(MAX_DENIALS - leftOut.size()));
    }
  }

  private void conclude() {
    boolean isWhole = isOperationRefused;
    // what a mutation did before a refusal cannot be taken back
    isWhole |= plan.operation == Operation.MUTATION && !deniedInOrder.isEmpty();
    isWhole |= plan.operation == Operation.SUBSCRIPTION && !refusedRoots.isEmpty();
    // nothing is left of it, and whoever asks is told to say who it is
    isWhole |=
        verdict.caller.isEmpty() && !refusedRoots.isEmpty() && refusedRoots.containsAll(allRoots);
    if (isWhole) {
      verdict.operation = deniedInOrder.stream().map(verdict::denial).toList();
      return;
    }
    verdict.leftOut = leftOut.stream().map(verdict::denial).toList();
  }
}
