package dev.gatehouse.graphql.access;

import dev.gatehouse.core.Mode;
import dev.gatehouse.core.Problems;
import dev.gatehouse.core.StrictJson;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the tree of a policy file, strictly. */
final class PolicyFileReader {
  private final RuleSet rules = new RuleSet();
  private final String source;

  private PolicyFileReader(String source) {
    this.source = source;
  }

  static PolicyFile.Version read(@Nullable Object tree, String source, String digest) {
    Problems problems = new Problems();
    StrictJson in = StrictJson.object(tree, "", problems);
    String version = in.string("version", digest);
    PolicyFileReader reader = new PolicyFileReader(source);
    StrictJson all = in.child("rules");
    for (String coordinate : all.keys()) {
      StrictJson rule = all.child(coordinate);
      reader.rule(coordinate, rule);
      rule.close();
    }
    in.close();
    if (reader.rules.rules.isEmpty()
        && reader.rules.objects.isEmpty()
        && reader.rules.masks.isEmpty()) {
      problems.add("rules", "there are none: an empty file is more likely a mistake");
    }
    problems.throwIfAny();
    return new PolicyFile.Version(version, reader.rules);
  }

  private enum Refuse {
    FIELD,
    OPERATION
  }

  private void rule(String coordinate, StrictJson in) {
    Mode mode = in.choice("mode", Mode.class, Mode.ENFORCE);
    if (in.choice("refuse", Refuse.class, Refuse.FIELD) == Refuse.OPERATION) {
      rules.wholeOperation.add(coordinate);
    }
    if (in.bool("public", false)) {
      add(coordinate, new Condition.Open(), mode);
    }
    if (in.bool("authenticated", false)) {
      add(coordinate, new Condition.Authenticated(), mode);
    }
    try {
      if (in.has("scopes")) {
        add(coordinate, Condition.scopes(groups(in, "scopes")), mode);
      }
      if (in.has("policies")) {
        add(coordinate, Condition.policies(groups(in, "policies")), mode);
      }
    } catch (IllegalArgumentException e) {
      in.problem("", String.valueOf(e.getMessage()));
    }
    objects(coordinate, in, mode);
    if (in.has("masked")) {
      StrictJson mask = in.child("masked");
      Set<String> scopes = new LinkedHashSet<>(mask.strings("unlessScopes"));
      rules.masks.add(
          new RuleSet.StatedMask(coordinate, scopes, mask.any("with").orElse(null), mode, source));
      mask.close();
    }
  }

  private void objects(String coordinate, StrictJson in, Mode mode) {
    in.string("tenant")
        .ifPresent(
            by ->
                rules.objects.add(
                    new RuleSet.StatedObjects(
                        coordinate,
                        ObjectCheck.tenant(ObjectCheck.property(by)),
                        "tenant by " + by,
                        mode,
                        source)));
    if (in.has("owner")) {
      StrictJson owner = in.child("owner");
      String by = owner.requiredString("by");
      Set<String> scopes = new LinkedHashSet<>(owner.strings("orScopes"));
      rules.objects.add(
          new RuleSet.StatedObjects(
              coordinate,
              ObjectCheck.owner(ObjectCheck.property(by), scopes),
              "owner by " + by,
              mode,
              source));
      owner.close();
    }
  }

  private void add(String coordinate, Condition condition, Mode mode) {
    rules.rules.add(new RuleSet.Stated(coordinate, condition, mode, source));
  }

  private static List<List<String>> groups(StrictJson in, String key) {
    Object value = in.any(key).orElse(List.of());
    if (!(value instanceof List<?> all)) {
      throw new IllegalArgumentException(key + " is a list of lists");
    }
    return all.stream()
        .map(
            group -> {
              if (!(group instanceof List<?> names)
                  || !names.stream().allMatch(String.class::isInstance)) {
                throw new IllegalArgumentException(key + " is a list of lists of texts");
              }
              return names.stream().map(String.class::cast).toList();
            })
        .toList();
  }
}
