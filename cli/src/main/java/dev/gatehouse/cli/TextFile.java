package dev.gatehouse.cli;

import dev.gatehouse.cli.JsonLine.UnreadableException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads a file that an option names, as UTF-8 text or as JSON. */
final class TextFile {
  private static final int MAX_BYTES = Json.MAX_CHARS;

  private TextFile() {}

  /** The text; {@code -} is standard input. */
  static String required(@Nullable String file, String option, Terminal terminal) {
    if (file == null) {
      throw Refusal.wrongUse(option, "is missing: give a file");
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes(file, option, terminal)))
          .toString();
    } catch (CharacterCodingException e) {
      throw Refusal.wrongUse(option, "the file is not UTF-8 text");
    }
  }

  /** The JSON object that the file holds. */
  static Map<String, Object> object(String file, String option, Terminal terminal) {
    byte[] bytes = bytes(file, option, terminal);
    Map<String, Object> object = new LinkedHashMap<>();
    try {
      new JsonLine()
          .object(bytes, bytes.length)
          .forEach((key, value) -> object.put(String.valueOf(key), value));
    } catch (UnreadableException e) {
      throw Refusal.wrongUse(
          option, String.valueOf(e.getMessage()).replace("the line", "the file"));
    }
    return object;
  }

  private static byte[] bytes(String file, String option, Terminal terminal) {
    byte[] bytes;
    try (InputStream in =
        file.equals("-") ? terminal.in() : Files.newInputStream(terminal.path(file))) {
      bytes = in.readNBytes(MAX_BYTES + 1);
    } catch (IOException | IllegalArgumentException e) {
      throw Refusal.wrongUse(
          option, "the file cannot be read: check that it exists and its permissions");
    }
    if (bytes.length > MAX_BYTES) {
      throw Refusal.wrongUse(option, "is larger than 64 MiB");
    }
    return bytes;
  }
}
