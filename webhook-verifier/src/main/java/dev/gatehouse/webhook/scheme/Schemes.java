package dev.gatehouse.webhook.scheme;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.gatehouse.core.Problems;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringTokenizer;

/**
 * The catalogue of schemes that come with Gatehouse, and the reader of schemes of your own.
 *
 * <p>Schemes of the catalogue are read when they are asked for and were checked, with their
 * vectors, when Gatehouse was built. A scheme of your own is the same YAML: give it to {@link
 * #parse}.
 */
public final class Schemes {
  private static final String FOLDER = "/dev/gatehouse/webhook/schemes/";
  private static final String VECTORS = "\nvectors:\n";
  private static final ObjectMapper YAML =
      JsonMapper.builder(
              YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Schemes() {}

  /**
   * The scheme of that name or alias.
   *
   * @throws IllegalArgumentException if there is none; the message suggests one
   */
  public static Scheme named(String name) {
    return find(name)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no scheme is named '" + name + "': known are " + String.join(", ", names())));
  }

  /** The scheme of that name or alias, if there is one. */
  public static Optional<Scheme> find(String name) {
    return Optional.ofNullable(index().get(name)).map(Schemes::load);
  }

  /** The names of the catalogue, in alphabetical order, without aliases. */
  public static List<String> names() {
    return index().values().stream().distinct().sorted().toList();
  }

  /** Every scheme of the catalogue, in alphabetical order. */
  public static List<Scheme> all() {
    return names().stream().map(Schemes::load).toList();
  }

  /**
   * Reads a scheme of your own.
   *
   * @param yaml the scheme as YAML or JSON
   * @throws Problems.InvalidException if anything in it is wrong; the message has one line a
   *     mistake
   */
  public static Scheme parse(String yaml) {
    Problems problems = new Problems();
    Optional<Scheme> scheme = SchemeReader.read(tree(yaml), "", problems);
    problems.throwIfAny();
    return scheme.orElseThrow();
  }

  private static Object tree(String yaml) {
    try {
      return YAML.readValue(yaml, Object.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "not YAML at line "
              + (e.getLocation() == null ? "?" : e.getLocation().getLineNr())
              + ": "
              + e.getOriginalMessage(),
          e);
    }
  }

  // The vectors are most of a file and nobody's business at start, so they are read when somebody
  // asks for them. In the catalogue they come last; a test looks at that.
  private static Scheme load(String name) {
    String text = resource(name + ".yaml");
    int vectors = text.indexOf(VECTORS);
    if (vectors < 0) {
      return parse(text);
    }
    return parse(text.substring(0, vectors + 1))
        .withVectors(new UnreadVectors(text.substring(vectors + 1)));
  }

  static List<Scheme.Vector> vectors(String yaml) {
    Problems problems = new Problems();
    List<Scheme.Vector> vectors = SchemeReader.vectors(tree(yaml), problems);
    problems.throwIfAny();
    return vectors;
  }

  // One line a scheme: its name, then its aliases. A test keeps it in step with the files.
  private static Map<String, String> index() {
    Map<String, String> names = new LinkedHashMap<>();
    for (String line : resource("index.txt").lines().toList()) {
      StringTokenizer words = new StringTokenizer(line);
      String name = words.hasMoreTokens() ? words.nextToken() : "";
      names.put(name, name);
      while (words.hasMoreTokens()) {
        names.put(words.nextToken(), name);
      }
    }
    names.remove("");
    return names;
  }

  private static String resource(String name) {
    try (InputStream in = Schemes.class.getResourceAsStream(FOLDER + name)) {
      if (in == null) {
        throw new IllegalStateException("the catalogue lacks " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("the catalogue's " + name + " cannot be read", e);
    }
  }
}
