package dev.gatehouse.webhook.scheme;

import java.util.Optional;

/**
 * Where in a request a value stands. Written {@code kind:name}, as in {@code header:webhook-id},
 * {@code element:t}, {@code json:/event_id}, {@code query:hub.challenge}.
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
      case "claim" -> Optional.of(new ValueSource(Kind.CLAIM, name));
      default -> Optional.empty();
    };
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
