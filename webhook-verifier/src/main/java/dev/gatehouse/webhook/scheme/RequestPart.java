package dev.gatehouse.webhook.scheme;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A part of signed content that is worked out of the whole request by one of the named functions.
 *
 * @param name the part as it is written, such as {@code json:/a/b or-empty}
 * @param kind which function
 * @param argument the pointer, field, header, element or list that it is about; empty if none
 * @param orEmpty whether an absent or null JSON value stands for the empty text
 * @param free whether the value may hold what separates it from its neighbours
 * @param neighbours the literals before and after it
 */
public record RequestPart(
    String name,
    Kind kind,
    String argument,
    boolean orEmpty,
    boolean free,
    List<String> neighbours) {
  private static final String FIELDS_BUT = "fields attempt:";

  /** The functions. */
  public enum Kind {
    /** A scalar of the JSON body, as it is written. */
    JSON("json:", Reading.Covers.FIELDS),
    /** A field of the form, decoded. */
    FORM("form:", Reading.Covers.FIELDS),
    /** An element of the signature header. */
    ELEMENT("element:", Reading.Covers.NOTHING),
    /** A header that differs with each attempt of one delivery. */
    ATTEMPT("attempt:", Reading.Covers.NOTHING),
    /** Fields as lines; see {@link FieldLines}. */
    LINES("lines:", Reading.Covers.FIELDS),
    /**
     * All parameters but the signature; see {@link SortedPairs#ampersandLed}. Written {@code fields
     * attempt:NAME} where that one differs with each attempt of one delivery.
     */
    FIELDS("fields", Reading.Covers.BODY),
    /** The headers of the scheme's header list; see {@link HeaderList}. */
    HEADERS("headers", Reading.Covers.NOTHING),
    /** The 32 bytes of the body's SHA-256. */
    SHA256("sha256", Reading.Covers.BODY),
    /** The body's CRC-32; see {@link BodyChecksum}. */
    CRC32("crc32", Reading.Covers.CHECKSUM),
    /** The URL without its query; see {@link UrlParts#base}. */
    URL_BASE("url-base", Reading.Covers.NOTHING),
    /** Path and query; see {@link UrlParts#twiceEscapedTarget}. */
    ESCAPED_TARGET("escaped-target", Reading.Covers.NOTHING),
    /** The query; see {@link SortedPairs#encoded}. */
    SORTED_QUERY("sorted-query", Reading.Covers.NOTHING),
    /** URL, query and form; see {@link SortedTarget}. */
    SORTED_TARGET("sorted-target", Reading.Covers.BODY);

    private final String written;
    private final Reading.Covers covers;

    Kind(String written, Reading.Covers covers) {
      this.written = written;
      this.covers = covers;
    }

    /** How much of the body it covers. */
    Reading.Covers covers() {
      return covers;
    }

    /** Whether the host that was called is part of it. */
    boolean signsHost() {
      return this == URL_BASE || this == SORTED_TARGET;
    }

    private boolean takesArgument() {
      return written.endsWith(":");
    }
  }

  /**
   * Reads a part; empty if it is none of these.
   *
   * @throws IllegalArgumentException if its argument is not one
   */
  static Optional<RequestPart> parse(String text) {
    for (Kind kind : Kind.values()) {
      boolean is = kind.takesArgument() ? text.startsWith(kind.written) : text.equals(kind.written);
      if (is) {
        return Optional.of(parse(text, kind));
      }
    }
    return text.startsWith(FIELDS_BUT) && text.length() > FIELDS_BUT.length()
        ? Optional.of(
            new RequestPart(
                text, Kind.FIELDS, text.substring(FIELDS_BUT.length()), false, false, List.of()))
        : Optional.empty();
  }

  private static RequestPart parse(String text, Kind kind) {
    String argument = text.substring(kind.written.length());
    boolean free = kind == Kind.JSON && argument.endsWith(" free");
    argument = free ? argument.substring(0, argument.length() - 5) : argument;
    boolean orEmpty = kind == Kind.JSON && argument.endsWith(" or-empty");
    argument = orEmpty ? argument.substring(0, argument.length() - 9) : argument;
    if (kind.takesArgument() && argument.isEmpty()) {
      throw new IllegalArgumentException("has {" + text + "} without a name behind the colon");
    }
    if (kind == Kind.JSON && (!argument.startsWith("/") || argument.indexOf(' ') >= 0)) {
      throw new IllegalArgumentException(
          "has {" + text + "}: write {json:/POINTER}, then or-empty and free if need be");
    }
    if (kind == Kind.LINES) {
      FieldLines.parse(argument);
    }
    return new RequestPart(text, kind, argument, orEmpty, free, List.of());
  }

  /** What may be written, for messages. */
  static String known() {
    return Arrays.stream(Kind.values())
        .map(kind -> "{" + kind.written + (kind.takesArgument() ? "…}" : "}"))
        .collect(Collectors.joining(", "));
  }

  RequestPart between(List<String> literals) {
    return new RequestPart(name, kind, argument, orEmpty, free, List.copyOf(literals));
  }

  /** Whether this text, here, could be taken for text and a neighbour. */
  public boolean couldBeCut(String text) {
    return !free && neighbours.stream().anyMatch(text::contains);
  }

  /** The JSON pointers that it reads. */
  public List<String> pointers() {
    return switch (kind) {
      case JSON -> List.of(argument);
      case LINES -> FieldLines.parse(argument).names().stream().map(name -> "/" + name).toList();
      default -> List.of();
    };
  }
}
