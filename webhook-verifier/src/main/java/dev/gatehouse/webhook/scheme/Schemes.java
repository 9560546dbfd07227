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

  // Made when YAML is read: schemes of the catalogue need none.
  private static final class Yaml {
    static final ObjectMapper MAPPER =
        JsonMapper.builder(
                YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
  }

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
    return Optional.ofNullable(index().get(name)).map(known -> load(known, pack()));
  }

  /** The names of the catalogue, in alphabetical order, without aliases. */
  public static List<String> names() {
    return index().values().stream().distinct().sorted().toList();
  }

  /** Every scheme of the catalogue, in alphabetical order. */
  public static List<Scheme> all() {
    CataloguePack pack = pack();
    // side by side: a new process reads them before any of this code is compiled
    return names().parallelStream().map(name -> load(name, pack)).toList();
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

  static Object tree(String yaml) {
    try {
      return Yaml.MAPPER.readValue(yaml, Object.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "not YAML at line "
              + (e.getLocation() == null ? "?" : e.getLocation().getLineNr())
              + ": "
              + e.getOriginalMessage(),
          e);
    }
  }

  // Classes that were compiled without the build's step have no pack: there the files are read.
  static CataloguePack pack() {
    return CataloguePack.of(resourceIfAny(CataloguePack.FILE).orElse(""));
  }

  // The vectors are most of a file and nobody's business at start, so they are read when somebody
  // asks for them. In the catalogue they come last; a test looks at that. What is packed was
  // checked
  // when it was built.
  static Scheme load(String name, CataloguePack pack) {
    Optional<Object> packed = pack.tree(name);
    Scheme scheme =
        packed.isPresent() ? SchemeReader.readKnown(packed.get()) : parse(withoutVectors(name));
    return scheme.withVectors(new UnreadVectors(name));
  }

  /** A file of the catalogue up to its vectors. */
  static String withoutVectors(String name) {
    String text = resource(name + ".yaml");
    int vectors = text.indexOf(VECTORS);
    return vectors < 0 ? text : text.substring(0, vectors + 1);
  }

  /** The vectors of a file of the catalogue. */
  static List<Scheme.Vector> vectors(String name) {
    String text = resource(name + ".yaml");
    int vectors = text.indexOf(VECTORS);
    if (vectors < 0) {
      return List.of();
    }
    Problems problems = new Problems();
    List<Scheme.Vector> read = SchemeReader.vectors(tree(text.substring(vectors + 1)), problems);
    problems.throwIfAny();
    return read;
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
    return resourceIfAny(name)
        .orElseThrow(() -> new IllegalStateException("the catalogue lacks " + name));
  }

  private static Optional<String> resourceIfAny(String name) {
    try (InputStream in = Schemes.class.getResourceAsStream(FOLDER + name)) {
      return in == null
          ? Optional.empty()
          : Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("the catalogue's " + name + " cannot be read", e);
    }
  }
}
