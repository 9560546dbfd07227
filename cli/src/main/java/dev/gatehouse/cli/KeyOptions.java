package dev.gatehouse.cli;

import dev.gatehouse.core.Problems;
import dev.gatehouse.core.Secret;
import dev.gatehouse.core.Spelling;
import dev.gatehouse.webhook.SchemeVectors;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.Schemes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How a request is signed, and with what. */
@Command
final class KeyOptions {
  private static final long MAX_VALUE_FILE = 64 * 1024;

  @Option(
      names = "--scheme",
      paramLabel = "NAME",
      description = {
        "The scheme: a name from the list of ./gatehouse schemes, or the path of a scheme file of"
            + " your own, ending in .yaml."
      })
  private @Nullable String scheme;

  @Option(
      names = "--secret",
      paramLabel = "VALUE",
      description = {
        "The secret (or key), as the sender shows it. Other users of this machine can read a"
            + " command line: env:NAME takes it from an environment variable, file:PATH from a"
            + " file. May be repeated."
      })
  private List<String> secrets = new ArrayList<>();

  @Option(
      names = "--param",
      paramLabel = "NAME=VALUE",
      description = {
        "A constant that the scheme asks for, such as Square's notification_url; the value may be"
            + " env:NAME or file:PATH. May be repeated."
      })
  private List<String> params = new ArrayList<>();

  /** Whether any of these options is given. */
  boolean isAnyGiven() {
    return scheme != null || !secrets.isEmpty() || !params.isEmpty();
  }

  /** The scheme that is asked for. */
  Scheme scheme(Terminal terminal) {
    if (scheme == null) {
      throw Refusal.wrongUse("--scheme", "is missing: give the name of a scheme");
    }
    if (scheme.endsWith(".yaml") || scheme.endsWith(".yml")) {
      return schemeFile(terminal.path(scheme));
    }
    Optional<Scheme> found = Schemes.find(scheme);
    if (found.isEmpty()) {
      throw Refusal.wrongUse("--scheme", unknownScheme(scheme));
    }
    return found.get();
  }

  static String unknownScheme(String typed) {
    return "there is no such scheme; "
        + Spelling.nearest(typed, Schemes.names())
            .map(name -> "did you mean " + name + "?")
            .orElse("./gatehouse schemes lists them");
  }

  private static Scheme schemeFile(Path file) {
    Scheme read;
    try {
      read = Schemes.parse(text("--scheme", file, 1 << 20));
    } catch (Problems.InvalidException e) {
      throw Refusal.wrongUse(e.problems().stream().map(problem -> "--scheme: " + problem).toList());
    } catch (IllegalArgumentException e) {
      throw Refusal.wrongUse("--scheme", "the file is not YAML; check indentation and quotes");
    }
    List<String> failures = vectorFailures(read);
    if (!failures.isEmpty()) {
      throw Refusal.wrongUse(failures.stream().map(f -> "--scheme: " + f).toList());
    }
    return read;
  }

  /** What is wrong with a scheme's own vectors. */
  static List<String> vectorFailures(Scheme scheme) {
    try {
      return SchemeVectors.failures(scheme);
    } catch (IllegalArgumentException e) {
      return List.of("vectors: " + e.getMessage());
    }
  }

  /** The secrets to verify with; none are needed where the constants hold public keys. */
  List<Secret> secrets(Map<String, String> params, Terminal terminal) {
    boolean published = params.containsKey("jwks") || params.containsKey("certificate");
    return published && secrets.isEmpty() ? List.of() : secrets(KeyOptions::byPlace, terminal);
  }

  /**
   * The id of a secret of which only the place is known, so that no token can name it by a claim.
   */
  static String byPlace(String place) {
    return "#" + place;
  }

  /** The secrets, named after the option. */
  List<Secret> secrets(Terminal terminal) {
    return secrets(UnaryOperator.identity(), terminal);
  }

  private List<Secret> secrets(UnaryOperator<String> ids, Terminal terminal) {
    if (secrets.isEmpty()) {
      throw Refusal.wrongUse("--secret", "is missing: give at least one");
    }
    List<Secret> read = new ArrayList<>();
    for (int i = 0; i < secrets.size(); i++) {
      String id = secrets.size() == 1 ? "--secret" : "--secret[" + i + "]";
      String text = resolve(id, secrets.get(i), terminal);
      Secret.refusal(text)
          .ifPresent(
              why -> {
                throw Refusal.wrongUse(id, why);
              });
      read.add(Secret.of(ids.apply(id), text));
    }
    return read;
  }

  /** The constants, by their names. */
  Map<String, String> params(Scheme of, Terminal terminal) {
    Map<String, String> read = new LinkedHashMap<>();
    for (String param : params) {
      int assign = param.indexOf('=');
      String name = assign < 0 ? "" : param.substring(0, assign);
      if (assign < 0) {
        throw Refusal.wrongUse("--param", "must be NAME=VALUE");
      }
      if (!of.params().containsKey(name)) {
        throw Refusal.wrongUse(
            "--param",
            "the name before = is not known to scheme " + of.name() + "; it takes " + taken(of));
      }
      String value = resolve("--param " + name, param.substring(assign + 1), terminal);
      if (read.put(name, value) != null) {
        throw Refusal.wrongUse("--param " + name, "is given twice; give it once");
      }
    }
    return read;
  }

  private static String taken(Scheme scheme) {
    return scheme.params().isEmpty() ? "none" : String.join(", ", scheme.params().keySet());
  }

  /** The value itself, or what {@code env:} and {@code file:} point to. */
  static String resolve(String option, String value, Terminal terminal) {
    if (value.startsWith("env:")) {
      return variable(option, value.substring(4), terminal);
    }
    if (value.startsWith("file:")) {
      String text = text(option, terminal.path(value.substring(5)), MAX_VALUE_FILE);
      return text.replaceFirst("\\r?\\n\\z", "");
    }
    return value;
  }

  private static String variable(String option, String name, Terminal terminal) {
    if (!name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
      throw Refusal.wrongUse(option, "env: must be followed by the name of a variable");
    }
    String value = terminal.environment().get(name);
    if (value == null) {
      // Somebody may have put the secret itself behind env:, so only what looks like a name shows.
      String shown = name.matches("[A-Z][A-Z0-9]*(_[A-Z0-9]+)*") ? " " + name : "";
      throw Refusal.wrongUse(option, "the environment variable" + shown + " is not set");
    }
    return value;
  }

  /** A text file that is given in an option. */
  static String text(String option, Path file, long maxBytes) {
    try {
      if (Files.size(file) > maxBytes) {
        throw Refusal.wrongUse(option, "the file is larger than " + maxBytes / 1024 + " KiB");
      }
      byte[] bytes = Files.readAllBytes(file);
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw Refusal.wrongUse(option, "the file is not UTF-8 text");
    } catch (IOException e) {
      throw Refusal.wrongUse(
          option, "the file cannot be read: check that it exists and its permissions");
    }
  }

  /**
   * What the engine refused, with the option's name in front.
   *
   * @param url the option that gives the URL
   */
  static Refusal refused(IllegalArgumentException why, String url) {
    String message = String.valueOf(why.getMessage());
    if (message.startsWith("params.")) {
      String rest = message.substring("params.".length());
      int end = rest.indexOf(' ');
      return Refusal.wrongUse("--param " + rest.substring(0, end), rest.substring(end + 1));
    }
    if (message.startsWith("scheme ")) {
      return Refusal.wrongUse("--scheme", message.substring("scheme ".length()));
    }
    if (message.startsWith("url: ")) {
      return Refusal.wrongUse(url, message.substring(5));
    }
    if (message.startsWith("headers: ")) {
      return Refusal.wrongUse("--header", message.substring(9));
    }
    if (message.startsWith("body: ")) {
      return Refusal.wrongUse("--body", message.substring(6));
    }
    String bare = message.replaceFirst("^secret '#?(--secret[^']*)' (of scheme \\S+ )?", "$1: ");
    return bare.equals(message)
        ? Refusal.wrongUse("--secret", message)
        : Refusal.wrongUse(List.of(bare));
  }
}
