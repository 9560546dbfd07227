package dev.gatehouse.webhook.rfc9421;

import dev.gatehouse.webhook.rfc9421.MessageRefusal.RefusedException;
import dev.gatehouse.webhook.rfc9421.StructuredField.Bare;
import dev.gatehouse.webhook.rfc9421.StructuredField.Bool;
import dev.gatehouse.webhook.rfc9421.StructuredField.Item;
import dev.gatehouse.webhook.rfc9421.StructuredField.Limits;
import dev.gatehouse.webhook.rfc9421.StructuredField.Parsed;
import dev.gatehouse.webhook.rfc9421.StructuredField.Read;
import dev.gatehouse.webhook.rfc9421.StructuredField.Text;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The identifier of a part of a message that a signature covers (RFC 9421, section 2): a header
 * field, or something derived from the message.
 *
 * <p>What is not about the message itself is refused: trailers ({@code tr}), since they come after
 * the body was acted upon, and the request of a response ({@code req}).
 *
 * @param name the field's name in lower case, or the derived name with its {@code @}
 * @param parameters the parameters, in their order
 */
public record SignatureComponent(String name, Map<String, Bare> parameters) {
  static final String CONTENT_DIGEST = "content-digest";

  private static final Set<String> DERIVED =
      Set.of(
          "@method",
          "@target-uri",
          "@authority",
          "@scheme",
          "@request-target",
          "@path",
          "@query",
          "@query-param",
          "@status");
  private static final String NAME_CHARACTERS = "!#$%&'*+-.^_`|~0123456789";

  /**
   * Reads an identifier as it is written in configuration: {@code @method}, {@code content-digest},
   * or with parameters {@code "@query-param";name="x"}.
   *
   * @throws IllegalArgumentException if it is none; the message says why
   */
  public static SignatureComponent of(String text) {
    String item = text.startsWith("\"") ? text : new Text(text).serialize();
    Parsed<Item> parsed = StructuredField.item(item, Limits.DEFAULT);
    if (!(parsed instanceof Read<Item> read)) {
      throw new IllegalArgumentException(
          "must be a component such as @method, content-digest or \"@query-param\";name=\"x\"");
    }
    try {
      return of(read.value());
    } catch (RefusedException e) {
      throw new IllegalArgumentException(e.refusal().detail(), e);
    }
  }

  /**
   * Reads several, parted by spaces, as an inner list has them, with or without its parentheses;
   * quotes may be left out where there are no parameters.
   *
   * @throws IllegalArgumentException if one is none
   */
  public static List<SignatureComponent> listOf(String text) {
    if (text.startsWith("(") && text.endsWith(")")) {
      return listOf(text.substring(1, text.length() - 1));
    }
    if (text.isBlank()) {
      return List.of();
    }
    if (!text.contains("\"")) {
      return List.of(text.strip().split(" +")).stream().map(SignatureComponent::of).toList();
    }
    Parsed<List<StructuredField.Member>> parsed =
        StructuredField.list("(" + text + ")", Limits.DEFAULT);
    if (parsed instanceof Read<List<StructuredField.Member>> read
        && read.value().size() == 1
        && read.value().get(0) instanceof StructuredField.InnerList list
        && list.parameters().isEmpty()) {
      return list.items().stream().map(item -> of(item.serialize())).toList();
    }
    throw new IllegalArgumentException(
        "must be components parted by spaces, such as \"@method\" \"@path\" \"content-digest\"");
  }

  /**
   * Refuses what no signature may cover (RFC 9421, section 2): a component twice.
   *
   * @throws IllegalArgumentException if one stands twice; the message names it
   */
  public static void requireEachOnce(List<SignatureComponent> components) {
    Set<String> seen = new HashSet<>();
    for (SignatureComponent component : components) {
      if (!seen.add(component.identity())) {
        throw new IllegalArgumentException("names " + component + " twice: name it once");
      }
    }
  }

  static SignatureComponent of(Item item) throws RefusedException {
    if (!(item.value() instanceof Text text)) {
      throw MessageRefusal.malformed("a component's identifier is not a string");
    }
    SignatureComponent component = new SignatureComponent(text.value(), item.parameters());
    component.check();
    return component;
  }

  private void check() throws RefusedException {
    if (isDerived() ? !DERIVED.contains(name) : !isFieldName(name)) {
      throw MessageRefusal.malformed(
          "a component is neither a field in lower case nor a derived one that is known");
    }
    for (Map.Entry<String, Bare> parameter : parameters.entrySet()) {
      if (!isAllowed(parameter.getKey(), parameter.getValue())) {
        throw MessageRefusal.malformed(
            "component "
                + name
                + " has a parameter that it cannot have (tr and req are never accepted)");
      }
    }
    if (name.equals("@query-param") && !parameters.containsKey("name")) {
      throw MessageRefusal.malformed("component @query-param lacks its parameter name");
    }
    if (has("bs") && parameters.size() > 1) {
      throw MessageRefusal.malformed("component " + name + " joins bs with sf or key");
    }
  }

  private boolean isAllowed(String parameter, Bare value) {
    if (isDerived()) {
      return name.equals("@query-param") && parameter.equals("name") && value instanceof Text;
    }
    return switch (parameter) {
      case "sf", "bs" -> value.equals(new Bool(true));
      case "key" -> value instanceof Text;
      default -> false;
    };
  }

  private static boolean isFieldName(String name) {
    return !name.isEmpty()
        && name.chars().allMatch(c -> (c >= 'a' && c <= 'z') || NAME_CHARACTERS.indexOf(c) >= 0);
  }

  /** Whether it is derived from the message, and no field. */
  public boolean isDerived() {
    return name.startsWith("@");
  }

  boolean has(String parameter) {
    return parameters.containsKey(parameter);
  }

  String text(String parameter) {
    return parameters.get(parameter) instanceof Text text ? text.value() : "";
  }

  /** The identifier as it stands in the signature base. */
  public String serialize() {
    return new Item(new Text(name), parameters).serialize();
  }

  /** Equal for identifiers that name the same, in whatever order their parameters come. */
  String identity() {
    return new Item(new Text(name), new TreeMap<>(parameters)).serialize();
  }

  /**
   * Whether these cover what is required, by itself or through what it is a part of: {@code @path}
   * through {@code @target-uri} or {@code @request-target}, a field through its {@code bs} form.
   */
  static boolean cover(List<SignatureComponent> covered, SignatureComponent required) {
    if (coverOne(covered, required)) {
      return true;
    }
    return required.name().equals("@target-uri")
        && List.of("@scheme", "@authority", "@path", "@query").stream()
            .allMatch(part -> coverOne(covered, new SignatureComponent(part, Map.of())));
  }

  private static boolean coverOne(List<SignatureComponent> covered, SignatureComponent required) {
    Set<String> wholes =
        switch (required.name()) {
          case "@scheme", "@authority" -> Set.of("@target-uri");
          case "@path", "@query", "@request-target" -> Set.of("@target-uri", "@request-target");
          case "@query-param" -> Set.of("@target-uri", "@request-target", "@query");
          default -> Set.of();
        };
    return covered.stream()
        .anyMatch(c -> c.identity().equals(required.identity()) || c.isWhole(required, wholes));
  }

  private boolean isWhole(SignatureComponent required, Set<String> wholes) {
    return wholes.contains(name)
        || (!required.isDerived() && name.equals(required.name()) && !has("key"));
  }

  /** Whether the body's digest is covered, by all of the field or by a digest that is checked. */
  public boolean coversBody() {
    return name.equals(CONTENT_DIGEST)
        && (!has("key") || ContentDigest.Algorithm.named(text("key")).isPresent());
  }

  @Override
  public String toString() {
    return parameters.isEmpty() ? name.toLowerCase(Locale.ROOT) : serialize();
  }
}
