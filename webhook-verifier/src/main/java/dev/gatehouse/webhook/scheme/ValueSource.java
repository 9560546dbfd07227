package dev.gatehouse.webhook.scheme;

import java.util.Optional;

/**
 * Where in a request a value stands. Written {@code kind:name}, as in {@code header:webhook-id},
 * {@code element:t}, {@code json:/event_id}, {@code query:hub.challenge}, {@code field:sig}.
 *
 * @param kind the kind of place
 * @param name the header's name, the list element's key, the JSON pointer (RFC 6901) or the query
 *     parameter's name
 */
public record ValueSource(Kind kind, String name) {
  /** The kinds of places. */
  public enum Kind {
    /** A header. */
    HEADER,
    /** An element of the signature header's list, such as Stripe's {@code t}. */
    ELEMENT,
    /** A member of the JSON body, by pointer. */
    JSON,
    /** A query parameter. */
    QUERY,
    /** A field of a form body. */
    FORM,
    /**
     * A parameter of the request, wherever this request has them: in the query if it has no body,
     * else in the form or at the top of the JSON object that the body is.
     */
    FIELD,
    /** A claim of the token (RFC 7519) that is the signature. */
    CLAIM
  }

  /** Reads the written form; empty if it is not one. */
  public static Optional<ValueSource> parse(String text) {
    int colon = text.indexOf(':');
    if (colon < 1 || colon == text.length() - 1) {
      return Optional.empty();
    }
    String name = text.substring(colon + 1);
    return switch (text.substring(0, colon)) {
      case "header" -> Optional.of(new ValueSource(Kind.HEADER, name));
      case "element" -> Optional.of(new ValueSource(Kind.ELEMENT, name));
      case "json" ->
          name.startsWith("/") ? Optional.of(new ValueSource(Kind.JSON, name)) : Optional.empty();
      case "query" -> Optional.of(new ValueSource(Kind.QUERY, name));
      case "form" -> Optional.of(new ValueSource(Kind.FORM, name));
      case "field" -> Optional.of(new ValueSource(Kind.FIELD, name));
      case "claim" -> Optional.of(new ValueSource(Kind.CLAIM, name));
      default -> Optional.empty();
    };
  }

  /** The array whose items each have such a value, as a pointer; empty if there is no {@code *}. */
  public String itemsOf() {
    return kind == Kind.JSON ? itemsOf(name) : "";
  }

  static String itemsOf(String pointer) {
    int star = (pointer + "/").indexOf("/*/");
    return star < 0 ? "" : pointer.substring(0, star);
  }

  /** The same with one kind of text in its name replaced by another. */
  ValueSource replace(String text, String by) {
    return name.contains(text) ? new ValueSource(kind, name.replace(text, by)) : this;
  }

  /** Whether the value stands in the body. */
  public boolean isInBody() {
    return kind == Kind.JSON || kind == Kind.FORM;
  }

  @Override
  public String toString() {
    return kind.name().toLowerCase(java.util.Locale.ROOT) + ":" + name;
  }
}
