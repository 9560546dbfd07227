package dev.gatehouse.webhook.scheme;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The catalogue's files as the build packs them: one line a scheme, its name and its tree as JSON,
 * without vectors. It says the same as the files, which a test keeps; a new process reads all
 * schemes from it in half of the time, and its first in a third, since it is one file and no YAML.
 */
final class CataloguePack {
  static final String FILE = "catalogue.txt";
  private static final JsonFactory JSON = new JsonFactory();

  private final Map<String, String> lines;

  private CataloguePack(Map<String, String> lines) {
    this.lines = lines;
  }

  /** The pack in that text. */
  static CataloguePack of(String text) {
    Map<String, String> lines = new LinkedHashMap<>();
    for (String line : text.split("\n")) {
      int space = line.indexOf(' ');
      lines.put(line.substring(0, Math.max(space, 0)), line.substring(space + 1));
    }
    return new CataloguePack(lines);
  }

  /** The tree of a scheme's file; empty if the pack lacks it. */
  Optional<Object> tree(String name) {
    return Optional.ofNullable(lines.get(name)).map(CataloguePack::parse);
  }

  private static Object parse(String json) {
    try (JsonParser parser = JSON.createParser(json)) {
      parser.nextToken();
      return Objects.requireNonNull(value(parser));
    } catch (IOException e) {
      throw new UncheckedIOException("the catalogue's pack is broken", e);
    }
  }

  private static @Nullable Object value(JsonParser in) throws IOException {
    JsonToken token = in.currentToken();
    return switch (token) {
      case START_OBJECT -> object(in);
      case START_ARRAY -> list(in);
      case VALUE_STRING -> in.getText();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      default -> in.getNumberValue();
    };
  }

  private static Map<String, @Nullable Object> object(JsonParser in) throws IOException {
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    while (in.nextToken() != JsonToken.END_OBJECT) {
      String key = in.currentName();
      in.nextToken();
      object.put(key, value(in));
    }
    return object;
  }

  private static List<@Nullable Object> list(JsonParser in) throws IOException {
    List<@Nullable Object> list = new ArrayList<>();
    while (in.nextToken() != JsonToken.END_ARRAY) {
      list.add(value(in));
    }
    return list;
  }

  /**
   * Packs the catalogue; a step of the build.
   *
   * @param args the folder of the files, to which the pack is written
   */
  public static void main(String... args) throws IOException {
    JsonMapper json = JsonMapper.builder().build();
    StringBuilder pack = new StringBuilder();
    for (String name : Schemes.names()) {
      String file = json.writeValueAsString(Schemes.tree(Schemes.withoutVectors(name)));
      pack.append(name).append(' ').append(file).append('\n');
    }
    Files.writeString(Path.of(args[0], FILE), pack);
  }
}
