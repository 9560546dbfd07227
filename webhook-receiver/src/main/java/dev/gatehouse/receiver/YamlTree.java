package dev.gatehouse.receiver;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import dev.gatehouse.core.Problems;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;

/**
 * Reads YAML as a tree of maps, lists and scalars, and lets nothing pass that would be read in two
 * ways: a key twice in one object, an alias, a second document.
 *
 * <p>{@code ${…}} may stand without quotes anywhere, also inside {@code { }}, where YAML itself
 * would take the braces for its own.
 */
final class YamlTree {
  private static final int MAX_CHARS = 1 << 20;
  private static final int MAX_DEPTH = 40;

  // Braces and what else has a meaning in YAML, as characters that have none. Same length, so that
  // the lines and columns of messages stay right.
  private static final String PLAIN = "${:,[]#&*?}";
  private static final char FIRST_STANDIN = '\uE000';

  private final YAMLParser parser;
  private final Problems problems;

  private YamlTree(YAMLParser parser, Problems problems) {
    this.parser = parser;
    this.problems = problems;
  }

  /** The tree; null for an empty text or one that cannot be read, which is reported. */
  static @Nullable Object read(String text, Problems problems) {
    if (text.length() > MAX_CHARS) {
      problems.add("", "the file is larger than 1 MiB: it is not a configuration");
      return null;
    }
    if (text.chars().anyMatch(c -> c >= FIRST_STANDIN && c < FIRST_STANDIN + PLAIN.length())) {
      problems.add("", "the file holds private-use characters (U+E000…): remove them");
      return null;
    }
    LoaderOptions options = new LoaderOptions();
    options.setCodePointLimit(MAX_CHARS);
    options.setNestingDepthLimit(MAX_DEPTH);
    options.setAllowDuplicateKeys(true); // found below, with their paths
    YAMLFactory factory = YAMLFactory.builder().loaderOptions(options).build();
    try (YAMLParser parser = factory.createParser(shield(text))) {
      return new YamlTree(parser, problems).document();
    } catch (JsonProcessingException e) {
      problems.add("", "is not YAML" + at(e.getLocation()) + ": " + firstLine(e));
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private @Nullable Object document() throws IOException {
    if (parser.nextToken() == null) {
      return null;
    }
    Object tree = value("");
    if (parser.nextToken() != null) {
      problems.add("", "holds a second document" + here() + ": keep one");
    }
    return tree;
  }

  private @Nullable Object value(String path) throws IOException {
    if (parser.isCurrentAlias()) {
      problems.add(path, "is a YAML alias" + here() + ": write the value out");
      return null;
    }
    JsonToken token = parser.currentToken();
    return switch (token) {
      case START_OBJECT -> object(path);
      case START_ARRAY -> array(path);
      case VALUE_NUMBER_INT -> parser.getNumberValue();
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      default -> unshield(parser.getText());
    };
  }

  private Map<String, @Nullable Object> object(String path) throws IOException {
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = unshield(parser.currentName());
      String at = path.isEmpty() ? key : path + "." + key;
      String where = here();
      parser.nextToken();
      Object value = value(at);
      if (object.containsKey(key)) {
        problems.add(at, "stands here twice" + where + ": keep one");
      }
      object.put(key, value);
    }
    return object;
  }

  private List<@Nullable Object> array(String path) throws IOException {
    List<@Nullable Object> array = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      array.add(value(path + "[" + array.size() + "]"));
    }
    return array;
  }

  private String here() {
    return at(parser.currentTokenLocation());
  }

  private static String at(@Nullable JsonLocation location) {
    return location == null ? "" : " (line " + location.getLineNr() + ")";
  }

  // The message goes on with an excerpt of the file, and that may hold a secret.
  private static String firstLine(JsonProcessingException e) {
    String message = e.getOriginalMessage();
    String line = message.lines().findFirst().orElse("it cannot be read");
    return unshield(line).replaceAll("['\"].*", "").strip() + " — check indentation and quotes";
  }

  private static String shield(String text) {
    StringBuilder shielded = new StringBuilder(text);
    int from = text.indexOf("${");
    while (from >= 0) {
      int end = endOf(text, from + 2);
      if (end < 0) {
        // such as in a comment: those that follow are shielded all the same
        from = text.indexOf("${", from + 2);
        continue;
      }
      for (int i = from; i <= end; i++) {
        int standin = PLAIN.indexOf(text.charAt(i));
        if (standin >= 0) {
          shielded.setCharAt(i, (char) (FIRST_STANDIN + standin));
        }
      }
      from = text.indexOf("${", end);
    }
    return shielded.toString();
  }

  private static int endOf(String text, int from) {
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '}') {
        return i;
      }
      if (c == '\n' || c == '"' || c == '\'') {
        return -1;
      }
    }
    return -1;
  }

  private static String unshield(String text) {
    StringBuilder plain = new StringBuilder(text);
    for (int i = 0; i < plain.length(); i++) {
      int standin = plain.charAt(i) - FIRST_STANDIN;
      if (standin >= 0 && standin < PLAIN.length()) {
        plain.setCharAt(i, PLAIN.charAt(standin));
      }
    }
    return plain.toString();
  }
}
