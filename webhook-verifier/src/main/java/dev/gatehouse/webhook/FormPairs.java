package dev.gatehouse.webhook;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The pairs of an {@code application/x-www-form-urlencoded} body or of a query, decoded strictly:
 * broken escapes, bytes that are not UTF-8 and more than {@value #MAX_PAIRS} pairs make it
 * unreadable.
 */
final class FormPairs {
  static final int MAX_PAIRS = 1_000;

  private final List<Map.Entry<String, String>> pairs;

  private FormPairs(List<Map.Entry<String, String>> pairs) {
    this.pairs = pairs;
  }

  /** Reads a form; empty if it cannot be read. */
  static Optional<FormPairs> read(byte[] body) {
    return read(new String(body, StandardCharsets.ISO_8859_1));
  }

  /** Reads the query of a URL; empty if it cannot be read. */
  static Optional<FormPairs> ofQuery(String url) {
    int question = url.indexOf('?');
    int fragment = url.indexOf('#');
    if (question < 0 || (fragment >= 0 && fragment < question)) {
      return Optional.of(new FormPairs(List.of()));
    }
    String query = url.substring(question + 1, fragment < 0 ? url.length() : fragment);
    return read(new String(query.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1));
  }

  // The text holds one char for each octet.
  private static Optional<FormPairs> read(String octets) {
    List<Map.Entry<String, String>> pairs = new ArrayList<>();
    int at = 0;
    while (at < octets.length()) {
      int end = octets.indexOf('&', at);
      end = end < 0 ? octets.length() : end;
      if (end > at) {
        if (pairs.size() == MAX_PAIRS || !add(octets.substring(at, end), pairs)) {
          return Optional.empty();
        }
      }
      at = end + 1;
    }
    return Optional.of(new FormPairs(pairs));
  }

  private static boolean add(String pair, List<Map.Entry<String, String>> pairs) {
    int equals = pair.indexOf('=');
    Optional<String> name = decode(equals < 0 ? pair : pair.substring(0, equals));
    Optional<String> value = decode(equals < 0 ? "" : pair.substring(equals + 1));
    if (name.isEmpty() || value.isEmpty()) {
      return false;
    }
    pairs.add(Map.entry(name.get(), value.get()));
    return true;
  }

  private static Optional<String> decode(String octets) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(octets.length());
    for (int i = 0; i < octets.length(); i++) {
      char c = octets.charAt(i);
      if (c != '%') {
        bytes.write(c == '+' ? ' ' : c);
        continue;
      }
      int value = i + 2 < octets.length() ? hex(octets, i + 1) : -1;
      if (value < 0) {
        return Optional.empty();
      }
      bytes.write(value);
      i += 2;
    }
    try {
      return Optional.of(
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(bytes.toByteArray()))
              .toString());
    } catch (CharacterCodingException notUtf8) {
      return Optional.empty();
    }
  }

  private static int hex(String text, int at) {
    int high = digit(text.charAt(at));
    int low = digit(text.charAt(at + 1));
    return (high | low) < 0 ? -1 : high << 4 | low;
  }

  private static int digit(char c) {
    return c < 128 ? Character.digit(c, 16) : -1;
  }

  /** Every value of that name, in their order. */
  List<String> all(String name) {
    return pairs.stream().filter(p -> p.getKey().equals(name)).map(Map.Entry::getValue).toList();
  }

  /** All pairs, in their order. */
  List<Map.Entry<String, String>> all() {
    return List.copyOf(pairs);
  }

  /** The first value of that name. */
  Optional<String> first(String name) {
    return pairs.stream().filter(p -> p.getKey().equals(name)).map(Map.Entry::getValue).findFirst();
  }

  /** Whether the name comes more than once with different values. */
  boolean isAmbiguous(String name) {
    return pairs.stream()
            .filter(p -> p.getKey().equals(name))
            .map(Map.Entry::getValue)
            .distinct()
            .count()
        > 1;
  }

  /** Twilio's form: names sorted by code unit, each value once, sorted, without separators. */
  byte[] sortedAndJoined() {
    SortedMap<String, SortedSet<String>> sorted = new TreeMap<>();
    for (Map.Entry<String, String> pair : pairs) {
      sorted.computeIfAbsent(pair.getKey(), name -> new TreeSet<>()).add(pair.getValue());
    }
    StringBuilder joined = new StringBuilder();
    sorted.forEach((name, values) -> values.forEach(v -> joined.append(name).append(v)));
    return joined.toString().getBytes(StandardCharsets.UTF_8);
  }
}
