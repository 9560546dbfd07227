package dev.gatehouse.webhook.scheme;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A text with places in it, each filled once: what was filled in is never looked at for places of
 * its own.
 *
 * <p>The places are {@code {echo}}, the echoed value; {@code {param.NAME}}, a configured constant;
 * and {@code {hmac-ALGORITHM-ENCODING}}, a MAC of the echoed value under the scheme's key, such as
 * {@code {hmac-sha256-base64}}. All else, the braces of JSON included, stands for itself.
 */
public final class AnswerTemplate {
  private static final Pattern PLACE = Pattern.compile("\\{([a-z][A-Za-z0-9._-]*)\\}");
  private static final Pattern MAC = Pattern.compile("(hmac-sha(?:1|256|512))-(hex|base64)");
  private static final String ECHO = "echo";
  private static final String PARAM = "param.";

  /** A piece of the text, or a place in it. */
  sealed interface Piece {
    /** What stands there as it is. */
    record Literal(String text) implements Piece {}

    /** The echoed value. */
    record Echoed() implements Piece {}

    /** A configured constant. */
    record Param(String name) implements Piece {}

    /** A MAC of the echoed value. */
    record Signed(Mac mac) implements Piece {}
  }

  /**
   * A MAC in its written form.
   *
   * @param algorithm how it is made
   * @param encoding how it is written
   */
  public record Mac(Algorithm algorithm, Encoding encoding) {}

  private final String text;
  private final List<Piece> pieces;

  private AnswerTemplate(String text, List<Piece> pieces) {
    this.text = text;
    this.pieces = List.copyOf(pieces);
  }

  /**
   * Reads a text.
   *
   * @throws IllegalArgumentException if it names a place that does not exist; the message says
   *     which
   */
  static AnswerTemplate parse(String text) {
    List<Piece> pieces = new ArrayList<>();
    Matcher place = PLACE.matcher(text);
    int at = 0;
    while (place.find()) {
      if (place.start() > at) {
        pieces.add(new Piece.Literal(text.substring(at, place.start())));
      }
      pieces.add(piece(place.group(1)));
      at = place.end();
    }
    if (at < text.length()) {
      pieces.add(new Piece.Literal(text.substring(at)));
    }
    return new AnswerTemplate(text, pieces);
  }

  private static Piece piece(String name) {
    if (name.equals(ECHO)) {
      return new Piece.Echoed();
    }
    if (name.startsWith(PARAM) && name.length() > PARAM.length()) {
      return new Piece.Param(name.substring(PARAM.length()));
    }
    Matcher mac = MAC.matcher(name);
    if (!mac.matches()) {
      throw new IllegalArgumentException(
          "has no place {" + name + "}: use {echo}, {param.NAME} or {hmac-sha256-hex}");
    }
    return new Piece.Signed(
        new Mac(
            Algorithm.valueOf(mac.group(1).replace('-', '_').toUpperCase(Locale.ROOT)),
            Encoding.valueOf(mac.group(2).toUpperCase(Locale.ROOT))));
  }

  /** Whether there is nothing in it. */
  public boolean isEmpty() {
    return text.isEmpty();
  }

  /** Whether it repeats the echoed value. */
  public boolean echoes() {
    return pieces.stream().anyMatch(Piece.Echoed.class::isInstance);
  }

  /** Whether it holds a MAC. */
  public boolean isSigned() {
    return pieces.stream().anyMatch(Piece.Signed.class::isInstance);
  }

  /** The MACs that it holds. */
  public Set<Mac> macs() {
    return pieces.stream()
        .flatMap(piece -> piece instanceof Piece.Signed signed ? List.of(signed).stream() : null)
        .map(Piece.Signed::mac)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** The configured constants that it repeats. */
  public Set<String> params() {
    return pieces.stream()
        .flatMap(piece -> piece instanceof Piece.Param param ? List.of(param).stream() : null)
        .map(Piece.Param::name)
        .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * The text with its places filled; empty if something to fill them with is missing.
   *
   * @param echoed the echoed value
   * @param params gives a constant, or null
   * @param macs gives a written MAC of the echoed value, or null
   */
  public Optional<String> fill(
      String echoed,
      Function<String, @Nullable String> params,
      Function<Mac, @Nullable String> macs) {
    StringBuilder filled = new StringBuilder(text.length() + echoed.length());
    for (Piece piece : pieces) {
      String next = null;
      if (piece instanceof Piece.Literal literal) {
        next = literal.text();
      } else if (piece instanceof Piece.Echoed) {
        next = echoed;
      } else if (piece instanceof Piece.Param param) {
        next = params.apply(param.name());
      } else if (piece instanceof Piece.Signed signed) {
        next = macs.apply(signed.mac());
      }
      if (next == null) {
        return Optional.empty();
      }
      filled.append(next);
    }
    return Optional.of(filled.toString());
  }

  /** The text as it was written. */
  @Override
  public String toString() {
    return text;
  }
}
