package dev.gatehouse.graphql.reference;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Makes the SDL of a schema that has what costs can depend on: interfaces, unions, nested lists,
 * inputs with defaults, weights of every kind, and sizes of every kind.
 */
final class RandomSchema {
  private static final String DIRECTIVES =
      """
      directive @cost(weight: String!) on
        ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR
      directive @listSize(
        assumedSize: Int
        slicingArguments: [String!]
        sizedFields: [String!]
        requireOneSlicingArgument: Boolean = true
      ) on FIELD_DEFINITION
      """;
  private static final List<String> WEIGHTS =
      List.of("-7", "-3", "-1", "-0.5", "0", "1", "2", "2.5", "5", "12");
  private static final List<String> LEAVES = List.of("Int", "String", "Heavy", "Color", "Boolean");

  /** A field of an output type, and the sizes that it may be given. */
  private static final class Output {
    private final String name;
    private final String type;
    private final boolean list;
    private final String arguments;
    private final List<String> slicing;
    private String listSize = "";

    Output(String name, String type, String arguments, List<String> slicing) {
      this.name = name;
      this.type = type;
      this.list = type.startsWith("[");
      this.arguments = arguments;
      this.slicing = slicing;
    }

    String named() {
      return type.replaceAll("[\\[\\]!]", "");
    }
  }

  private final Random random;
  private final Map<String, List<Output>> types = new LinkedHashMap<>();
  private final Map<String, List<String>> interfaces = new LinkedHashMap<>();
  private final List<String> composites = new ArrayList<>();
  private int objects;
  private int abstracts;

  private RandomSchema(Random random) {
    this.random = random;
  }

  static String sdl(Random random) {
    return new RandomSchema(random).write();
  }

  private String write() {
    objects = 2 + random.nextInt(4);
    abstracts = random.nextInt(3);
    for (int i = 0; i < objects; i++) {
      composites.add("O" + i);
    }
    for (int i = 0; i < abstracts; i++) {
      composites.add("I" + i);
    }
    composites.add("U");
    for (int i = 0; i < abstracts; i++) {
      types.put("I" + i, outputs(1 + random.nextInt(3), "i" + i));
    }
    for (int i = 0; i < objects; i++) {
      types.put("O" + i, object("O" + i));
    }
    types.put("Query", outputs(3 + random.nextInt(4), "f"));
    types.put("Mutation", outputs(2, "f"));
    types.values().forEach(outputs -> outputs.forEach(this::size));
    StringBuilder sdl = new StringBuilder(DIRECTIVES).append(inputs());
    types.forEach((name, outputs) -> sdl.append(type(name, outputs)));
    sdl.append("union U = O0 | O").append(1 + random.nextInt(objects - 1));
    return sdl.append('\n').toString();
  }

  private List<Output> object(String name) {
    List<Output> own = outputs(2 + random.nextInt(4), "f");
    List<String> implemented = new ArrayList<>();
    for (int i = 0; i < abstracts; i++) {
      // The first object has every interface, so that each has an implementation.
      if (name.equals("O0") || random.nextInt(2) == 0) {
        implemented.add("I" + i);
        own.addAll(types.get("I" + i));
      }
    }
    interfaces.put(name, implemented);
    return own;
  }

  private List<Output> outputs(int count, String prefix) {
    List<Output> outputs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      outputs.add(output(prefix + i));
    }
    return outputs;
  }

  private Output output(String name) {
    String inner =
        random.nextInt(100) < 55
            ? pick(composites)
            : pick(LEAVES) + (random.nextInt(9) == 0 ? "!" : "");
    String type =
        switch (random.nextInt(10)) {
          case 0, 1, 2, 3 -> "[" + inner + "]";
          case 4 -> "[[" + inner.replace("!", "") + "!]]!";
          default -> inner;
        };
    List<String> arguments = new ArrayList<>();
    List<String> slicing = new ArrayList<>();
    if (random.nextInt(2) == 0) {
      arguments.add("first: Int" + pick(List.of("", "", " = 3", " = null")) + cost(20));
      slicing.add("first");
    }
    if (random.nextInt(4) == 0) {
      arguments.add("last: Int" + pick(List.of("", "", " = 2")));
      slicing.add("last");
    }
    if (random.nextInt(4) == 0) {
      arguments.add("in: Filter" + pick(List.of("", " = {}", " = {n: 1}")) + cost(50));
      slicing.addAll(List.of("in.n", "in.page.n", "in.ids"));
    }
    if (random.nextInt(5) == 0) {
      arguments.add("ids: [ID]" + pick(List.of("", " = [1, 2]")) + cost(50));
      slicing.add("ids");
    }
    if (random.nextInt(8) == 0) {
      arguments.add("many: [Page!]" + cost(30));
    }
    if (random.nextInt(5) == 0) {
      arguments.add("flag: Boolean" + pick(List.of("", " = true")) + cost(60));
    }
    String written = arguments.isEmpty() ? "" : "(" + String.join(", ", arguments) + ")";
    return new Output(name, type, written, slicing);
  }

  // A field of an interface and those of its objects are one Output, and so have one size.
  private void size(Output output) {
    if (!output.listSize.isEmpty()) {
      return;
    }
    List<String> parts = new ArrayList<>();
    if (random.nextInt(2) == 0) {
      parts.add("assumedSize: " + random.nextInt(5));
    }
    List<String> slicing = new ArrayList<>(output.slicing);
    slicing.removeIf(path -> random.nextInt(2) == 0);
    if (!slicing.isEmpty()) {
      parts.add("slicingArguments: [\"" + String.join("\", \"", slicing) + "\"]");
    }
    List<String> sized =
        types.getOrDefault(output.named(), List.of()).stream()
            .filter(below -> below.list)
            .map(below -> below.name)
            .toList();
    boolean moves =
        !sized.isEmpty() && !parts.isEmpty() && random.nextInt(output.list ? 5 : 2) == 0;
    if (moves) {
      parts.add("sizedFields: [\"" + pick(sized) + "\"]");
    }
    if (random.nextInt(2) == 0) {
      parts.add("requireOneSlicingArgument: false");
    }
    boolean given = !parts.isEmpty() && (moves || (output.list && random.nextInt(4) > 0));
    output.listSize = given ? " @listSize(" + String.join(", ", parts) + ")" : " ";
  }

  private String type(String name, List<Output> outputs) {
    boolean isInterface = name.startsWith("I");
    StringBuilder sdl = new StringBuilder(isInterface ? "interface " : "type ").append(name);
    List<String> implemented = interfaces.getOrDefault(name, List.of());
    if (!implemented.isEmpty()) {
      sdl.append(" implements ").append(String.join(" & ", implemented));
    }
    if (!isInterface) {
      sdl.append(cost(35));
    }
    sdl.append(" {\n");
    for (Output output : outputs) {
      sdl.append("  ")
          .append(output.name)
          .append(output.arguments)
          .append(": ")
          .append(output.type);
      sdl.append(isInterface ? "" : cost(40)).append(output.listSize).append('\n');
    }
    return sdl.append("}\n").toString();
  }

  private String inputs() {
    return "scalar Heavy"
        + cost(70)
        + "\nenum Color"
        + cost(50)
        + " { RED GREEN }\n"
        + "directive @note(level: Int"
        + pick(List.of("", " = 1"))
        + cost(80)
        + ", page: Page"
        + cost(50)
        + ") on FIELD\n"
        + ("input Page { n: Int" + pick(List.of("", " = 4")) + cost(60))
        + (" flag: Boolean" + pick(List.of("", " = true")) + cost(60) + " }\n")
        + ("input Filter { n: Int" + pick(List.of("", " = 2")) + cost(40))
        + (" page: Page" + pick(List.of("", " = {}", " = {n: 1}", " = null")) + cost(50))
        + (" ids: [ID]" + pick(List.of("", " = [7]")) + cost(40))
        + (" pages: [Page]" + cost(30) + " self: Filter" + cost(50) + " }\n");
  }

  private String cost(int percent) {
    return random.nextInt(100) < percent ? " @cost(weight: \"" + pick(WEIGHTS) + "\")" : "";
  }

  private String pick(List<String> from) {
    return from.get(random.nextInt(from.size()));
  }
}
