package dev.gatehouse.receiver;

import dev.gatehouse.core.Problems;
import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Replaces <code>${env:NAME}</code> and <code>${file:PATH}</code> in texts; what cannot be resolved
 * is a mistake, never an empty text.
 *
 * <p>What is put in is not searched again: a value that holds a reference itself is refused, so
 * that what was read holds none. Relative paths are of the configuration's folder.
 */
final class Interpolation {
  /** What is said of a path that the machine cannot have. */
  static final String NO_FILE_NAME =
      "holds a character that no file's name can have here; if it is no ASCII, set"
          + " LC_ALL=C.UTF-8";

  private static final Pattern REFERENCE = Pattern.compile("\\$\\{([^{}]*)\\}");

  // Kept as written: a SecretSource resolves them anew at each reload.
  private static final Pattern SECRET =
      Pattern.compile(
          "sources\\.[^.]+\\.((secrets|keys)\\[\\d+\\]\\.value|deliver\\.sign\\.secret)");

  private static final Pattern OTHER_SECRET =
      Pattern.compile(
          "server\\.management\\.token|store\\.(password|encryption\\.keys\\[\\d+\\]\\.value)"
              + "|sources\\.[^.]+\\.deliver\\.kafka\\.password");

  private static final Pattern URL_WITH_SECRET =
      Pattern.compile("shared\\.url|sources\\.[^.]+\\.deliver\\.redis\\.url");

  private final UnaryOperator<@Nullable String> environment;
  private final Path folder;
  private final Set<Path> files = ConcurrentHashMap.newKeySet();

  Interpolation(UnaryOperator<@Nullable String> environment, Path folder) {
    this.environment = environment;
    this.folder = folder;
  }

  /** The tree with its references replaced, except those of secrets. */
  @Nullable Object tree(@Nullable Object tree, String path, Problems problems) {
    if (tree instanceof Map<?, ?> map) {
      Map<String, @Nullable Object> resolved = new LinkedHashMap<>();
      map.forEach(
          (key, value) -> {
            String at = path.isEmpty() ? String.valueOf(key) : path + "." + key;
            resolved.put(String.valueOf(key), tree(value, at, problems));
          });
      return resolved;
    }
    if (tree instanceof List<?> list) {
      List<@Nullable Object> resolved = new ArrayList<>();
      for (Object item : list) {
        resolved.add(tree(item, path + "[" + resolved.size() + "]", problems));
      }
      return resolved;
    }
    if (tree instanceof String text && !SECRET.matcher(path).matches()) {
      return resolve(text, path, problems);
    }
    return tree;
  }

  private String resolve(String text, String path, Problems problems) {
    try {
      return resolve(text);
    } catch (IllegalArgumentException e) {
      problems.add(path, String.valueOf(e.getMessage()));
      return text;
    }
  }

  /**
   * The secret that the text gives, resolved anew each time it is loaded.
   *
   * @param text the value as it stands in the file
   */
  SecretSource secret(String id, String text) {
    return () -> List.of(Secret.of(id, resolve(text)));
  }

  /**
   * The text with its references replaced.
   *
   * @throws IllegalArgumentException if one cannot be
   */
  String resolve(String text) {
    int open = text.indexOf("${");
    if (open < 0) {
      return text;
    }
    Matcher matcher = REFERENCE.matcher(text);
    StringBuilder resolved = new StringBuilder();
    int at = 0;
    while (matcher.find()) {
      refuseOpen(text.substring(at, matcher.start()));
      resolved.append(text, at, matcher.start()).append(valueOf(matcher.group(1)));
      at = matcher.end();
    }
    refuseOpen(text.substring(at));
    String all = resolved.append(text, at, text.length()).toString();
    refuseOpen(all);
    return all;
  }

  private static void refuseOpen(String rest) {
    if (rest.contains("${")) {
      throw new IllegalArgumentException(
          "holds an unresolved ${…}: write ${env:NAME} or ${file:PATH}, with its closing brace");
    }
  }

  private String valueOf(String reference) {
    if (reference.startsWith("env:") && reference.length() > 4) {
      String name = reference.substring(4);
      String value = environment.apply(name);
      if (value == null) {
        throw new IllegalArgumentException(
            "environment variable " + name + " is not set: set it before the start");
      }
      return closed("environment variable " + name, value);
    }
    if (reference.startsWith("file:") && reference.length() > 5) {
      Path file = file(reference.substring(5));
      files.add(file);
      return closed("file " + file, SecretSource.file(file).load().get(0).revealText());
    }
    throw new IllegalArgumentException(
        "holds an unresolved ${…}: only ${env:NAME} and ${file:PATH} are known");
  }

  private Path file(String path) {
    try {
      return folder.resolve(path);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("the path in ${file:PATH} " + NO_FILE_NAME, e);
    }
  }

  // Such as a file of variables that nobody expanded. Readers take "${" for what is reported.
  private static String closed(String name, String value) {
    if (value.contains("${")) {
      throw new IllegalArgumentException(
          name + " holds an unresolved ${…}: put the value itself there");
    }
    return value;
  }

  /**
   * The paths of secrets that the tree holds as they are, in the order of the file.
   *
   * @param further the paths that are secrets because the scheme says so
   */
  static List<String> literalSecrets(@Nullable Object raw, Set<String> further) {
    List<String> found = new ArrayList<>();
    collectLiterals(raw, "", further, found);
    return List.copyOf(found);
  }

  private static void collectLiterals(
      @Nullable Object tree, String path, Set<String> further, List<String> found) {
    if (tree instanceof Map<?, ?> map) {
      map.forEach(
          (key, value) ->
              collectLiterals(value, path.isEmpty() ? "" + key : path + "." + key, further, found));
    } else if (tree instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        collectLiterals(list.get(i), path + "[" + i + "]", further, found);
      }
    } else if (tree instanceof String text
        && !text.contains("${")
        && (isSecret(path, text) || further.contains(path))) {
      found.add(path);
    }
  }

  private static boolean isSecret(String path, String text) {
    return SECRET.matcher(path).matches()
        || OTHER_SECRET.matcher(path).matches()
        || (URL_WITH_SECRET.matcher(path).matches() && text.contains("@"));
  }

  /** The files that were read, so that a change of one is seen. */
  Set<Path> files() {
    return Set.copyOf(files);
  }
}
