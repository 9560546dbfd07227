package dev.gatehouse.core;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where secrets come from: asked at start and at each reload, never while a request waits.
 *
 * <p>{@link #load} reads anew each time, so a rotated file or a new answer of a vault takes effect
 * with the next reload. A source that cannot be read throws; a {@link KeyRing} then keeps what it
 * had.
 *
 * <pre>{@code
 * SecretSource.env("GITHUB_WEBHOOK_SECRET")
 *     .and(SecretSource.file(Path.of("/run/secrets/github-old")).validUntil(endOfYear))
 * }</pre>
 */
@FunctionalInterface
public interface SecretSource {
  /** The most that a secret's file may hold, in bytes. */
  int MAX_FILE_BYTES = 64 * 1024;

  /**
   * Reads the secrets, best first.
   *
   * @throws IllegalArgumentException if one is missing or cannot be a secret; the message says
   *     where and what to do, never the value
   */
  List<Secret> load();

  /** Secrets given in code; for tests and for sources of your own. */
  static SecretSource of(Secret... secrets) {
    List<Secret> fixed = List.of(secrets);
    return () -> fixed;
  }

  /** The environment variable of that name; its name is the secret's id. */
  static SecretSource env(String name) {
    return env(name, System::getenv);
  }

  /** The same, from an environment of your own. */
  static SecretSource env(String name, UnaryOperator<@Nullable String> environment) {
    return () -> {
      String value = environment.apply(name);
      if (value == null) {
        throw new IllegalArgumentException(
            "environment variable " + name + " is not set: set it before the start");
      }
      return List.of(Secret.of(name, value));
    };
  }

  /**
   * The content of a file, as UTF-8 and without the one line end that editors and mounted secrets
   * append; the file's name is the secret's id.
   */
  static SecretSource file(Path path) {
    return () -> List.of(Secret.of(nameOf(path), read(path)));
  }

  /** These secrets and then the other source's. */
  default SecretSource and(SecretSource other) {
    return () -> Stream.concat(load().stream(), other.load().stream()).toList();
  }

  /**
   * These secrets under another id (with {@code -1}, {@code -2}… appended if there are several).
   */
  default SecretSource named(String id) {
    return () -> {
      List<Secret> loaded = load();
      if (loaded.size() == 1) {
        return List.of(loaded.get(0).named(id));
      }
      return Stream.iterate(0, i -> i < loaded.size(), i -> i + 1)
          .map(i -> loaded.get(i).named(id + "-" + (i + 1)))
          .toList();
    };
  }

  /** These secrets, valid from that moment on. */
  default SecretSource validFrom(Instant from) {
    return () -> load().stream().map(s -> s.validBetween(from, s.notAfter().orElse(null))).toList();
  }

  /** These secrets, valid until that moment. */
  default SecretSource validUntil(Instant until) {
    return () ->
        load().stream().map(s -> s.validBetween(s.notBefore().orElse(null), until)).toList();
  }

  private static String nameOf(Path path) {
    Path name = path.getFileName();
    return name == null ? path.toString() : name.toString();
  }

  private static String read(Path path) {
    try {
      if (Files.size(path) > MAX_FILE_BYTES) {
        throw new IllegalArgumentException(
            "secret file " + path + " is larger than 64 KiB: it is not a secret");
      }
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(Files.readAllBytes(path)))
              .toString();
      return withoutLineEnd(text);
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "secret file " + path + " is not UTF-8 text: store the secret as text", e);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "secret file " + path + " cannot be read: check that it exists and its permissions", e);
    }
  }

  private static String withoutLineEnd(String text) {
    if (text.endsWith("\r\n")) {
      return text.substring(0, text.length() - 2);
    }
    return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
  }
}
