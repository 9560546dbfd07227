package dev.gatehouse.receiver;

import dev.gatehouse.core.Problems;
import dev.gatehouse.core.Spelling;
import dev.gatehouse.core.StrictJson;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.SchemeReader;
import dev.gatehouse.webhook.scheme.Schemes;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads a scheme: a name of the catalogue, or the scheme itself. */
final class SchemeChoice {
  /** Goes on reading in the place of a scheme that could not be read; never served. */
  static final Scheme STAND_IN = Schemes.named("standard-webhooks");

  private SchemeChoice() {}

  /** The scheme at that key; empty if there is none to use, which is reported. */
  static Optional<Scheme> read(StrictJson in, String key, Problems problems) {
    Object value = in.any(key).orElse(null);
    if (value instanceof Map) {
      return SchemeReader.read(value, in.pathOf(key), problems);
    }
    String name = in.requiredString(key);
    if (name.isBlank()) {
      return Optional.empty();
    }
    Optional<Scheme> scheme = Schemes.find(name);
    if (scheme.isEmpty()) {
      in.problem(key, "no scheme is named '" + printable(name) + "'" + suggestion(name));
    }
    return scheme;
  }

  private static String printable(String name) {
    return name.length() > 64 ? name.substring(0, 64) + "…" : name;
  }

  private static String suggestion(String name) {
    List<String> names = Schemes.names();
    return Spelling.nearest(name, names)
        .map(near -> "; did you mean " + near + "?")
        .orElse("; 'gatehouse schemes' lists them all");
  }
}
