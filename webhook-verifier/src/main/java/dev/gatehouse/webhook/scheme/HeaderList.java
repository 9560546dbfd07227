package dev.gatehouse.webhook.scheme;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A list of headers that the sender signed and names in the request: bounded, each name once and a
 * plain header name, the required ones among them, and no value that could be cut elsewhere.
 *
 * @param in where the list stands
 * @param separator what stands between the names
 * @param named whether the content has {@code name:value}, or the values alone
 * @param join what stands between headers in the content
 * @param sorted whether they are sorted by name before they are joined
 * @param required the names that must be in it, lower case
 * @param maxNames how many it may hold
 */
public record HeaderList(
    ValueSource in,
    String separator,
    boolean named,
    String join,
    boolean sorted,
    List<String> required,
    int maxNames) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");

  /** The names in the list, lower case; empty if the list is not acceptable. */
  public Optional<List<String>> names(String text) {
    List<String> names = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (String name : text.split(Pattern.quote(separator), maxNames + 1)) {
      String lower = name.toLowerCase(Locale.ROOT);
      if (names.size() == maxNames || !NAME.matcher(name).matches() || !seen.add(lower)) {
        return Optional.empty();
      }
      names.add(lower);
    }
    if (!seen.containsAll(required)) {
      return Optional.empty();
    }
    if (sorted) {
      names.sort(null);
    }
    return Optional.of(names);
  }

  /**
   * The headers as they are signed; empty if one is missing or could be cut elsewhere.
   *
   * @param names the names, as {@link #names} gave them
   * @param leftOut a name to leave out, for what identifies a delivery; empty for none
   * @param values the value of a header, null if it is absent
   */
  public Optional<String> render(
      List<String> names, String leftOut, Function<String, @Nullable String> values) {
    StringBuilder joined = new StringBuilder();
    boolean first = true;
    for (String name : names) {
      String value = values.apply(name);
      if (value == null || couldBeCut(value.strip(), names)) {
        return Optional.empty();
      }
      if (!name.equals(leftOut)) {
        joined.append(first ? "" : join).append(named ? name + ":" : "").append(value.strip());
        first = false;
      }
    }
    return Optional.of(joined.toString());
  }

  // In a:1;b:2 the value of a may have been "1;b:2". With bare values the danger is the body, which
  // comes next: a value that takes in the beginning of a JSON body would leave the rest of it.
  private boolean couldBeCut(String value, List<String> names) {
    if (!named) {
      return value.contains(join + "{")
          || value.contains(join + "[")
          || value.contains(join + "\"");
    }
    for (String name : names) {
      if (value.contains(join + name + ":")) {
        return true;
      }
    }
    return false;
  }
}
