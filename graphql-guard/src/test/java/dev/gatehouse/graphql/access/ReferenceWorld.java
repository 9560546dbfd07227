package dev.gatehouse.graphql.access;

import dev.gatehouse.core.Principal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/** A schema, its rules and its data, made at random; the rules are kept apart from the SDL too. */
final class ReferenceWorld {
  /** What one directive asks. */
  record Asked(boolean isAuthenticated, List<List<String>> scopes) {
    boolean holds(Principal caller) {
      if (isAuthenticated && caller == null) {
        return false;
      }
      return scopes.isEmpty()
          || (caller != null
              && scopes.stream().anyMatch(group -> caller.scopes().containsAll(group)));
    }

    String text() {
      StringBuilder text = new StringBuilder();
      if (isAuthenticated) {
        text.append(" @authenticated");
      }
      if (!scopes.isEmpty()) {
        List<String> groups = new ArrayList<>();
        scopes.forEach(group -> groups.add("[\"" + String.join("\", \"", group) + "\"]"));
        text.append(" @requiresScopes(scopes: [").append(String.join(", ", groups)).append("])");
      }
      return text.toString();
    }
  }

  private static final List<String> SCOPES = List.of("a", "b", "c");
  private static final int OBJECTS = 4;
  static final int INSTANCES = 3;

  private final Random random;
  final Map<String, List<Asked>> rules = new HashMap<>();

  /** Types whose objects their tenant, or their owner, alone sees. */
  final Map<String, Set<String>> objectRules = new HashMap<>();

  /** Fields that show this in their place to who lacks the scope. */
  final Map<String, String> masks = new HashMap<>();

  final Map<String, List<String>> interfaces = new TreeMap<>();
  final Map<String, Map<String, String>> fields = new TreeMap<>();
  final Map<String, Object> data = new LinkedHashMap<>();
  final String sdl;

  ReferenceWorld(Random random) {
    this.random = random;
    this.sdl = write();
    fill();
  }

  private String write() {
    StringBuilder sdl = new StringBuilder();
    for (String name : List.of("I0", "I1")) {
      fields.put(
          name, new LinkedHashMap<>(Map.of(name.toLowerCase(java.util.Locale.ROOT), leaf())));
    }
    for (int i = 0; i < OBJECTS; i++) {
      String name = "O" + i;
      Map<String, String> own = new LinkedHashMap<>();
      List<String> implemented = new ArrayList<>();
      for (String one : List.of("I0", "I1")) {
        if (i == 0 || random.nextBoolean()) {
          implemented.add(one);
          own.putAll(fields.get(one));
        }
      }
      own.put("x", leaf());
      own.put("y", leaf());
      own.put("e", random.nextInt(3) == 0 ? "[E]" : "E");
      for (int f = 0; f < 3; f++) {
        own.put("f" + f, output());
      }
      interfaces.put(name, implemented);
      fields.put(name, own);
    }
    Map<String, String> root = new LinkedHashMap<>();
    for (int f = 0; f < 5; f++) {
      root.put("f" + f, output());
    }
    fields.put("Query", root);
    fields.put("Mutation", new LinkedHashMap<>(Map.of("m0", output(), "m1", output())));
    fields.forEach((name, own) -> sdl.append(type(name, own)));
    sdl.append("union U = O0 | O1 | O2\n");
    sdl.append("enum E { V0 V1").append(rule("E.V1", 35)).append(" V2 }\n");
    sdl.append("input In { p: String q: String").append(rule("In.q", 60));
    return sdl.append(" e: E in: In }\n").toString();
  }

  private String leaf() {
    return random.nextInt(4) == 0 ? "String!" : "String";
  }

  private String output() {
    String named = List.of("O0", "O1", "O2", "O3", "I0", "I1", "U").get(random.nextInt(7));
    return switch (random.nextInt(7)) {
      case 0 -> named + "!";
      case 1 -> "[" + named + "]";
      case 2 -> "[" + named + "!]!";
      case 3 -> "[[" + named + "!]]";
      default -> named;
    };
  }

  private String type(String name, Map<String, String> own) {
    boolean isInterface = name.startsWith("I");
    StringBuilder sdl = new StringBuilder(isInterface ? "interface " : "type ").append(name);
    List<String> implemented = interfaces.getOrDefault(name, List.of());
    if (!implemented.isEmpty()) {
      sdl.append(" implements ").append(String.join(" & ", implemented));
    }
    sdl.append(isInterface ? rule(name, 15) : " @public" + rule(name, 15));
    if (name.startsWith("O") && random.nextInt(3) == 0) {
      boolean isTenant = random.nextBoolean();
      objectRules.put(name, Set.of(isTenant ? "tenant" : "owner"));
      sdl.append(isTenant ? " @tenant" : " @owner(by: \"ownerId\")");
    }
    sdl.append(" {\n");
    own.forEach(
        (field, type) -> {
          sdl.append("  ").append(field);
          if (field.startsWith("f")) {
            sdl.append("(g: String")
                .append(rule(name + "." + field + "(g:)", 15))
                .append(" in: In)");
          }
          sdl.append(": ").append(type).append(rule(name + "." + field, 15));
          if (type.equals("String") && random.nextInt(6) == 0) {
            masks.put(name + "." + field, "a");
            sdl.append(" @masked(unlessScopes: [\"a\"], with: \"***\")");
          }
          sdl.append('\n');
        });
    return sdl.append("}\n").toString();
  }

  private String rule(String coordinate, int percent) {
    if (random.nextInt(100) >= percent) {
      return "";
    }
    Asked asked;
    // what stands on arguments, inputs and values is asked of scopes
    boolean takesScopesOnly =
        coordinate.contains("(") || coordinate.startsWith("E.") || coordinate.startsWith("In.");
    if (!takesScopesOnly && random.nextInt(3) == 0) {
      asked = new Asked(true, List.of());
    } else {
      List<List<String>> groups = new ArrayList<>();
      groups.add(List.of(scope()));
      if (random.nextBoolean()) {
        groups.add(List.of("a", "b"));
      }
      asked = new Asked(false, groups);
    }
    rules.computeIfAbsent(coordinate, key -> new ArrayList<>()).add(asked);
    return asked.text();
  }

  private String scope() {
    return SCOPES.get(random.nextInt(SCOPES.size()));
  }

  // objects of all types that refer to each other
  private void fill() {
    List<Map<String, Object>> all = new ArrayList<>();
    for (int type = 0; type < OBJECTS; type++) {
      for (int i = 0; i < INSTANCES; i++) {
        Map<String, Object> object = new HashMap<>();
        object.put("is", "O" + type);
        object.put("tenantId", i == 0 ? "acme" : random.nextBoolean() ? "acme" : "globex");
        object.put("ownerId", random.nextBoolean() ? "ann" : "bob");
        all.add(object);
        data.put("O" + type + i, object);
      }
    }
    for (Map<String, Object> object : all) {
      values(object, fields.get((String) object.get("is")));
    }
    data.put("Query", values(new HashMap<>(), fields.get("Query")));
    data.put("Mutation", values(new HashMap<>(), fields.get("Mutation")));
  }

  private Map<String, Object> values(Map<String, Object> object, Map<String, String> own) {
    own.forEach((field, type) -> object.put(field, value(type)));
    return object;
  }

  private Object value(String type) {
    if (type.endsWith("!")) {
      return present(type.substring(0, type.length() - 1));
    }
    return random.nextInt(7) == 0 ? null : present(type);
  }

  private Object present(String type) {
    if (type.startsWith("[")) {
      List<Object> list = new ArrayList<>();
      int length = random.nextInt(4);
      for (int i = 0; i < length; i++) {
        list.add(value(type.substring(1, type.length() - 1)));
      }
      return list;
    }
    List<String> possible = possible(type);
    if (!possible.isEmpty()) {
      String one = possible.get(random.nextInt(possible.size()));
      return data.get(one + random.nextInt(INSTANCES));
    }
    return type.equals("E") ? "V" + random.nextInt(3) : "text" + random.nextInt(1000);
  }

  List<String> possible(String type) {
    if (type.startsWith("O") || type.equals("Query") || type.equals("Mutation")) {
      return List.of(type);
    }
    if (type.equals("U")) {
      return List.of("O0", "O1", "O2");
    }
    return interfaces.entrySet().stream()
        .filter(entry -> entry.getValue().contains(type))
        .map(Map.Entry::getKey)
        .toList();
  }
}
