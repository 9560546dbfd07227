package dev.gatehouse.graphql.access;

import static dev.gatehouse.graphql.access.MatrixWorld.SECRET;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.Principal;
import dev.gatehouse.graphql.access.MatrixWorld.Place;
import dev.gatehouse.graphql.access.MatrixWorld.Rule;
import graphql.ExecutionResult;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every path to a guarded thing, under every kind of rule, for callers that may and may not. */
class AccessMatrixTest {
  private static final List<String> CALLERS = List.of("granted", "denied", "nobody");

  private static final List<Rule> CALLER_RULES =
      List.of(
          directive("authenticated", "@authenticated"),
          directive("scopes", "@requiresScopes(scopes: [[\"s\"]])"),
          directive("one of two groups", "@requiresScopes(scopes: [[\"a\", \"b\"], [\"s\"]])"),
          directive("policy", "@policy(policies: [[\"may\"]])"),
          directive("policy of two groups", "@policy(policies: [[\"never\", \"may\"], [\"may\"]])"),
          directive("both", "@requiresScopes(scopes: [[\"s\"]]) @policy(policies: [[\"may\"]])"));

  private static final List<Rule> OBJECT_RULES =
      List.of(
          new Rule("tenant", "@tenant", AccessRules.none(), true),
          new Rule("owner", "@owner(by: \"ownerId\")", AccessRules.none(), true),
          new Rule(
              "owner or scope",
              "@owner(by: \"ownerId\", orScopes: [\"s\"])",
              AccessRules.none(),
              true),
          new Rule("both", "@tenant @owner(by: \"ownerId\")", AccessRules.none(), true),
          new Rule(
              "own rule",
              "",
              AccessRules.builder().each("Thing", (caller, thing) -> may(caller)).build(),
              true),
          new Rule(
              "batched rule",
              "",
              AccessRules.builder()
                  .batched(
                      "Thing",
                      (caller, things) ->
                          Future.succeededFuture(
                              things.stream().map(thing -> may(caller)).toList()))
                  .build(),
              true));

  private static final Rule MASK =
      directive("mask", "@masked(unlessScopes: [\"s\"], with: \"***\")");

  private static boolean may(Optional<Principal> caller) {
    return caller.isPresent() && caller.get().id().equals("ann");
  }

  private static Rule directive(String name, String text) {
    return new Rule(name, text, AccessRules.none(), false);
  }

  /** Documents that lead to the field by many ways; FIELD stands for it. */
  private static final Map<String, String> PATHS = paths();

  private static Map<String, String> paths() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("direct", "{ thing { FIELD } }");
    all.put("alias", "{ a: thing { id: FIELD } }");
    all.put("not null", "{ sure { FIELD } }");
    all.put("named fragment", "{ thing { ...F } } fragment F on Thing { FIELD }");
    all.put(
        "chained", "{ ...A } fragment A on Query { thing { ...B } } fragment B on Thing { FIELD }");
    all.put("inline", "{ ... on Query { thing { ... { ... on Thing { FIELD } } } } }");
    all.put("interface", "{ holder { HOLDER } }");
    all.put("interface, by type", "{ holder { ... on Thing { FIELD } } }");
    all.put("another interface", "{ plain { ... on Thing { FIELD } } }");
    all.put("interface by interface", "{ plain { ... on Holder { HOLDER } } }");
    all.put("type by interface", "{ thing { ... on Holder { HOLDER } } }");
    all.put("union", "{ any { ... on Thing { FIELD } } }");
    all.put("union by interface", "{ any { ... on Holder { HOLDER } } }");
    all.put("node", "{ node(id: \"t1\") { ... on Thing { FIELD } } }");
    all.put("nodes", "{ nodes(ids: [\"t1\"]) { ... on Holder { HOLDER } } }");
    all.put("list", "{ things { FIELD } }");
    all.put("list not null", "{ sureThings { FIELD } }");
    all.put("nested list", "{ nested { FIELD } }");
    all.put("list of interface", "{ holders { HOLDER } }");
    all.put("list of union", "{ anys { ... on Thing { x: FIELD } } }");
    all.put("entities", "{ _entities { ... on Thing { FIELD } } }");
    all.put("page", "{ page { nodes { FIELD } } }");
    all.put("through another", "{ page { other { thing { FIELD } } } }");
    all.put("asynchronous", "{ later { FIELD } }");
    all.put("twice", "{ thing { x: FIELD ...F } } fragment F on Thing { x: FIELD }");
    all.put("condition", "query($b: Boolean = true) { thing { FIELD @include(if: $b) } }");
    all.put("another operation", "query A { __typename } query B { thing { FIELD } }");
    all.put("mutation", "mutation { touch { FIELD } }");
    all.put("mutation's payload", "mutation { touchAll { nodes { FIELD } } }");
    all.put("subscription", "subscription { thing { FIELD } }");
    all.put("subscription by interface", "subscription { holder { HOLDER } }");
    return all;
  }

  /** Documents that give the guarded value by many ways; PLACE tells which value it is. */
  private record Given(String name, String document, Map<String, Object> variables) {}

  private static List<Given> given(Place place) {
    List<Given> all = new ArrayList<>();
    if (place == Place.ARGUMENT) {
      all.add(new Given("literal", "{ find(guarded: \"x\") }", Map.of()));
      all.add(new Given("null", "{ find(guarded: null) }", Map.of()));
      all.add(new Given("alias", "{ a: find b: find(guarded: \"x\") }", Map.of()));
      all.add(
          new Given("fragment", "{ ...F } fragment F on Query { find(guarded: \"x\") }", Map.of()));
      all.add(new Given("variable", "query($v: String) { find(guarded: $v) }", Map.of("v", "x")));
      all.add(new Given("default", "query($v: String = \"x\") { find(guarded: $v) }", Map.of()));
      return all;
    }
    String value = place == Place.INPUT_FIELD ? "guarded: \"x\"" : "level: HIGH";
    Map<String, Object> in =
        place == Place.INPUT_FIELD ? Map.of("guarded", "x") : Map.of("level", "HIGH");
    all.add(new Given("literal", "{ find(in: {" + value + "}) }", Map.of()));
    all.add(new Given("nested", "{ find(in: {deep: {in: {" + value + "}}}) }", Map.of()));
    all.add(
        new Given(
            "list", "{ find(in: {deep: {ins: [{plain: \"x\"}, {" + value + "}]}}) }", Map.of()));
    all.add(new Given("list of one", "{ find(in: {deep: {ins: {" + value + "}}}) }", Map.of()));
    all.add(new Given("variable", "query($in: In) { find(in: $in) }", Map.of("in", in)));
    all.add(
        new Given(
            "nested variable",
            "query($d: Deep) { find(in: {deep: $d}) }",
            Map.of("d", Map.of("ins", List.of(in)))));
    all.add(new Given("default", "query($in: In = {" + value + "}) { find(in: $in) }", Map.of()));
    all.add(
        new Given(
            "default in a fragment",
            "query($in: In = {" + value + "}) { ...F } fragment F on Query { x: find(in: $in) }",
            Map.of()));
    if (place == Place.ENUM_VALUE) {
      all.add(new Given("argument", "{ find(level: HIGH) }", Map.of()));
      all.add(new Given("values", "{ find(levels: [LOW, HIGH]) }", Map.of()));
      all.add(
          new Given("one value", "query($l: Level!) { find(levels: [$l]) }", Map.of("l", "HIGH")));
      all.add(
          new Given("value's default", "query($l: Level = HIGH) { find(level: $l) }", Map.of()));
    }
    return all;
  }

  private record Case(String name, Runnable check) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static List<Case> cases() {
    List<Case> all = new ArrayList<>();
    for (Place place : Place.values()) {
      if (place.isInput()) {
        CALLER_RULES.stream()
            .filter(rule -> !rule.directive().contains("@authenticated"))
            .forEach(rule -> inputs(all, place, rule));
      } else {
        CALLER_RULES.forEach(rule -> outputs(all, place, rule));
      }
    }
    OBJECT_RULES.forEach(rule -> outputs(all, Place.TYPE, rule));
    outputs(all, Place.FIELD, MASK);
    outputs(all, Place.INTERFACE_FIELD, MASK);
    return all;
  }

  private static void outputs(List<Case> all, Place place, Rule rule) {
    // a directive that does not stand on scalars or interfaces has no such place
    MatrixWorld world = new MatrixWorld(place, rule);
    PATHS.forEach(
        (name, template) -> {
          boolean isOfAScalar = place == Place.RETURNED;
          if (isOfAScalar && template.contains("HOLDER")) {
            return;
          }
          String document =
              template
                  .replace("FIELD", isOfAScalar ? "typed" : "secret")
                  .replace("HOLDER", "secret");
          for (String who : CALLERS) {
            all.add(
                new Case(
                    String.join(", ", place.toString(), rule.name(), name, who),
                    () -> output(world, rule, document, who)));
          }
        });
  }

  private static void output(MatrixWorld world, Rule rule, String document, String who) {
    Optional<Principal> caller = MatrixWorld.caller(who);
    int before = world.mutations.get();
    List<ExecutionResult> sent = world.ask(caller, document, Map.of());
    boolean isGranted =
        who.equals("granted")
            || (who.equals("denied") && rule.directive().equals("@authenticated"));
    String text = text(sent);
    if (isGranted) {
      assertThat(text).contains(SECRET).doesNotContain("errors");
      return;
    }
    assertThat(text).doesNotContain(SECRET);
    boolean isMutation = document.startsWith("mutation");
    if (rule.equals(MASK)) {
      assertThat(text).contains("***").doesNotContain("errors");
    } else if (rule.isAbsence()) {
      assertThat(text).isEqualTo(text(world.askWithout(caller, document)));
    } else {
      assertThat(text).contains(who.equals("nobody") ? "UNAUTHENTICATED" : "FORBIDDEN");
      assertThat(world.mutations.get() - before).as("mutations").isZero();
      assertThat(isMutation && sent.get(0).isDataPresent()).isFalse();
    }
  }

  private static void inputs(List<Case> all, Place place, Rule rule) {
    MatrixWorld world = new MatrixWorld(place, rule);
    for (Given given : given(place)) {
      for (String who : CALLERS) {
        all.add(
            new Case(
                String.join(", ", place.toString(), rule.name(), given.name(), who),
                () -> input(world, given, who)));
      }
    }
  }

  private static void input(MatrixWorld world, Given given, String who) {
    List<ExecutionResult> sent =
        world.ask(MatrixWorld.caller(who), given.document(), given.variables());
    if (who.equals("granted")) {
      assertThat(text(sent)).contains(SECRET).doesNotContain("errors");
    } else if (given.name().equals("alias")) {
      Map<String, Object> data = sent.get(0).getData();
      assertThat(data).containsEntry("a", SECRET).containsEntry("b", null);
    } else {
      assertThat(text(sent))
          .doesNotContain(SECRET)
          .contains(who.equals("nobody") ? "UNAUTHENTICATED" : "FORBIDDEN");
    }
  }

  private static String text(List<ExecutionResult> sent) {
    return sent.stream().map(each -> each.toSpecification().toString()).toList().toString();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void path_toAGuardedThing_isDecided(Case one) {
    one.check().run();
  }

  @Test
  void matrix_isOfManyCases() {
    assertThat(cases()).hasSizeGreaterThanOrEqualTo(1_500);
  }
}
