package dev.gatehouse.core;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads one JSON or YAML object so that nothing in it goes unnoticed: an unknown key, a wrong type
 * and a value out of bounds are each a {@link Problems.Problem} with its path.
 *
 * <p>It reads trees of maps, lists, strings, numbers and booleans, as Jackson, SnakeYAML and {@code
 * JsonObject.getMap()} make them. Ask for each key that may stand there, then call {@link #close}:
 * keys that nobody asked for are reported, with the nearest known key as a suggestion. A getter
 * that reports a problem returns its default, so that reading goes on and all mistakes are found in
 * one pass.
 *
 * <pre>{@code
 * Problems problems = new Problems();
 * StrictJson in = StrictJson.object(tree, "", problems);
 * int port = in.integer("port", 8080, 0, 65535);
 * in.close();
 * problems.throwIfAny();
 * }</pre>
 */
public final class StrictJson {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,12})(ms|s|m|h|d)");
  private static final long TOO_LARGE = Long.MAX_VALUE;
  private static final Pattern SIZE = Pattern.compile("(\\d{1,12})(B|KiB|MiB|GiB)?");

  private final Map<?, ?> tree;
  private final String path;
  private final Problems problems;
  private final Set<String> asked = new LinkedHashSet<>();

  private StrictJson(Map<?, ?> tree, String path, Problems problems) {
    this.tree = tree;
    this.path = path;
    this.problems = problems;
  }

  /**
   * Begins to read.
   *
   * @param value the object; anything but a map is a problem and reads as empty
   * @param path where it stands; empty for the root
   */
  public static StrictJson object(@Nullable Object value, String path, Problems problems) {
    if (value instanceof Map<?, ?> map) {
      return new StrictJson(map, path, problems);
    }
    if (value != null) {
      problems.add(path, "must be an object, not " + typeOf(value));
    }
    return new StrictJson(Map.of(), path, problems);
  }

  /** Where this object stands. */
  public String path() {
    return path;
  }

  /** Where a key of this object stands. */
  public String pathOf(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  /** Reports a mistake at a key of this object. */
  public void problem(String key, String message) {
    problems.add(key.isEmpty() ? path : pathOf(key), message);
  }

  /** Whether the key is there and not null. */
  public boolean has(String key) {
    asked.add(key);
    return tree.get(key) != null;
  }

  /** The keys that are there, in their order; for objects whose keys are names. */
  public List<String> keys() {
    return tree.keySet().stream().map(String::valueOf).toList();
  }

  /** The value as it is, whatever it is. */
  public Optional<Object> any(String key) {
    asked.add(key);
    return Optional.ofNullable(tree.get(key));
  }

  /** A text, if it is there. */
  public Optional<String> string(String key) {
    asked.add(key);
    Object value = tree.get(key);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof String text) {
      return Optional.of(text);
    }
    problem(key, "must be a text, not " + typeOf(value) + quotingHint(value));
    return Optional.empty();
  }

  /** A text, or the default. */
  public String string(String key, String otherwise) {
    return string(key).orElse(otherwise);
  }

  /** A text that must be there and not be blank; empty if it was not, which is reported. */
  public String requiredString(String key) {
    boolean present = has(key);
    String text = string(key, "");
    if (text.isBlank() && (!present || tree.get(key) instanceof String)) {
      problem(key, present ? "must not be empty" : "is missing");
    }
    return text;
  }

  /** A boolean, or the default. */
  public boolean bool(String key, boolean otherwise) {
    asked.add(key);
    Object value = tree.get(key);
    if (value == null) {
      return otherwise;
    }
    if (value instanceof Boolean flag) {
      return flag;
    }
    problem(key, "must be true or false, not " + typeOf(value));
    return otherwise;
  }

  /** A whole number between two bounds, both allowed, or the default. */
  public int integer(String key, int otherwise, int min, int max) {
    asked.add(key);
    Object value = tree.get(key);
    if (value == null) {
      return otherwise;
    }
    boolean whole = value instanceof Integer || value instanceof Long;
    if (value instanceof BigInteger) {
      problem(key, "must be between " + min + " and " + max);
      return otherwise;
    }
    if (!whole) {
      problem(key, "must be a whole number, not " + typeOf(value));
      return otherwise;
    }
    long number = ((Number) value).longValue();
    if (number < min || number > max) {
      problem(key, "must be between " + min + " and " + max);
      return otherwise;
    }
    return (int) number;
  }

  /** A duration such as {@code 250ms}, {@code 10s}, {@code 5m}, {@code 6h} or {@code 3d}. */
  public Duration duration(String key, Duration otherwise, Duration min, Duration max) {
    if (!has(key)) {
      return otherwise;
    }
    Optional<Duration> parsed =
        tree.get(key) instanceof String text ? parseDuration(text) : Optional.empty();
    if (parsed.isEmpty()) {
      problem(key, "must be a duration such as 250ms, 10s, 5m, 6h or 3d");
      return otherwise;
    }
    if (parsed.get().compareTo(min) < 0 || parsed.get().compareTo(max) > 0) {
      problem(key, "must be between " + format(min) + " and " + format(max));
      return otherwise;
    }
    return parsed.get();
  }

  /** A size in bytes, as a number or such as {@code 64KiB}, {@code 1MiB}. */
  public long size(String key, long otherwise, long min, long max) {
    asked.add(key);
    Object value = tree.get(key);
    if (value == null) {
      return otherwise;
    }
    Matcher matcher = SIZE.matcher(String.valueOf(value));
    if (value instanceof Boolean || !matcher.matches()) {
      problem(key, "must be a size such as 65536, 64KiB or 1MiB");
      return otherwise;
    }
    long bytes = bytes(matcher);
    if (bytes < min || bytes > max || bytes == TOO_LARGE) {
      problem(key, "must be between " + min + " and " + max + " bytes");
      return otherwise;
    }
    return bytes;
  }

  /** A moment in RFC 3339, if it is there. */
  public Optional<Instant> instant(String key) {
    asked.add(key);
    Object value = tree.get(key);
    if (value == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(Instant.parse(String.valueOf(value)));
    } catch (DateTimeParseException e) {
      problem(key, "must be a time in RFC 3339, such as 2026-12-31T00:00:00Z");
      return Optional.empty();
    }
  }

  /** One of an enum's constants, written in lower case with hyphens, or the default. */
  public <E extends Enum<E>> E choice(String key, Class<E> type, E otherwise) {
    if (!has(key)) {
      return otherwise;
    }
    for (E constant : type.getEnumConstants()) {
      if (nameOf(constant).equals(tree.get(key))) {
        return constant;
      }
    }
    List<String> names = Arrays.stream(type.getEnumConstants()).map(StrictJson::nameOf).toList();
    problem(key, "must be one of " + String.join(", ", names));
    return otherwise;
  }

  /** How {@link #choice} spells a constant. */
  public static String nameOf(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** An object; one without keys if it is absent. Close it too. */
  public StrictJson child(String key) {
    asked.add(key);
    return object(tree.get(key), pathOf(key), problems);
  }

  /** The objects of a list, each read by {@code reader} and closed; empty if absent. */
  public <T> List<T> children(String key, Function<StrictJson, T> reader) {
    List<T> read = new ArrayList<>();
    int index = 0;
    for (Object item : list(key)) {
      String at = pathOf(key) + "[" + index++ + "]";
      if (!(item instanceof Map)) {
        problems.add(at, "must be an object, not " + typeOf(item));
        continue;
      }
      StrictJson child = object(item, at, problems);
      read.add(reader.apply(child));
      child.close();
    }
    return read;
  }

  /** The texts of a list; empty if absent. */
  public List<String> strings(String key) {
    List<String> texts = new ArrayList<>();
    int index = 0;
    for (Object item : list(key)) {
      if (item instanceof String text) {
        texts.add(text);
      } else {
        problems.add(
            pathOf(key) + "[" + index + "]",
            "must be a text, not " + typeOf(item) + quotingHint(item));
      }
      index++;
    }
    return texts;
  }

  /** An object whose keys are names and whose values are texts; empty if absent. */
  public Map<String, String> stringMap(String key) {
    StrictJson child = child(key);
    Map<String, String> texts = new LinkedHashMap<>();
    for (String name : child.keys()) {
      child.string(name).ifPresent(text -> texts.put(name, text));
    }
    return texts;
  }

  private List<?> list(String key) {
    asked.add(key);
    Object value = tree.get(key);
    if (value == null) {
      return List.of();
    }
    if (value instanceof List<?> items) {
      return items;
    }
    problem(key, "must be a list, not " + typeOf(value));
    return List.of();
  }

  /** Reports every key that nobody asked for. */
  public void close() {
    for (Object name : tree.keySet()) {
      String key = String.valueOf(name);
      if (!asked.contains(key)) {
        problem(key, "is not a known key" + suggestion(key));
      }
    }
  }

  private String suggestion(String key) {
    List<String> absent = asked.stream().filter(known -> !keys().contains(known)).toList();
    return Spelling.nearest(key, absent)
        .map(known -> "; did you mean " + known + "?")
        .orElse(
            asked.isEmpty()
                ? "; none is allowed here"
                : "; known here: " + String.join(", ", asked));
  }

  /** Parses {@code 250ms}, {@code 10s}, {@code 5m}, {@code 6h} or {@code 3d}. */
  public static Optional<Duration> parseDuration(String text) {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long amount = Long.parseLong(matcher.group(1));
    return Optional.of(
        switch (matcher.group(2)) {
          case "ms" -> Duration.ofMillis(amount);
          case "s" -> Duration.ofSeconds(amount);
          case "m" -> Duration.ofMinutes(amount);
          case "h" -> Duration.ofHours(amount);
          default -> Duration.ofDays(amount);
        });
  }

  private static String format(Duration duration) {
    if (duration.toMillis() % 1000 != 0) {
      return duration.toMillis() + "ms";
    }
    long seconds = duration.toSeconds();
    if (seconds != 0 && seconds % 86_400 == 0) {
      return seconds / 86_400 + "d";
    }
    if (seconds != 0 && seconds % 3600 == 0) {
      return seconds / 3600 + "h";
    }
    return seconds + "s";
  }

  private static long bytes(Matcher matcher) {
    long amount = Long.parseLong(matcher.group(1));
    String unit = matcher.group(2) == null ? "B" : matcher.group(2);
    return switch (unit) {
      case "KiB" -> times(amount, 1L << 10);
      case "MiB" -> times(amount, 1L << 20);
      case "GiB" -> times(amount, 1L << 30);
      default -> amount;
    };
  }

  private static long times(long amount, long unit) {
    return amount > Long.MAX_VALUE / unit ? TOO_LARGE : amount * unit;
  }

  private static String typeOf(@Nullable Object value) {
    if (value == null) {
      return "null";
    }
    if (value instanceof Map) {
      return "an object";
    }
    if (value instanceof List) {
      return "a list";
    }
    if (value instanceof Boolean) {
      return "a boolean";
    }
    return value instanceof Number ? "a number" : "a text";
  }

  // YAML reads 2026-11 as a text but 202611 and yes as something else.
  private static String quotingHint(@Nullable Object value) {
    return value instanceof Number || value instanceof Boolean ? ": put it in quotes" : "";
  }
}
