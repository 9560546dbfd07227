package dev.gatehouse.cli.conformance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.gatehouse.webhook.scheme.Grammar;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.TimeRule;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/** The time that a vector signs: the moment at which to judge one that does not tell its own. */
final class SignedMoment {
  private SignedMoment() {}

  /** The time, if the scheme has one and the vector a readable one. */
  static Optional<Instant> of(Scheme scheme, JsonNode vector) {
    return scheme.variants().stream()
        .map(Scheme.Variant::time)
        .filter(Objects::nonNull)
        .flatMap(rule -> text(scheme, rule, vector).flatMap(rule.unit()::parse).stream())
        .findFirst();
  }

  private static Optional<String> text(Scheme scheme, TimeRule rule, JsonNode vector) {
    return switch (rule.in().kind()) {
      case HEADER -> header(vector, rule.in().name());
      case ELEMENT ->
          header(vector, scheme.variants().get(0).places().get(0).header())
              .flatMap(list -> element(scheme.grammar(), list, rule.in().name()));
      case FORM -> field(vector.path("body").asText(), rule.in().name());
      case JSON -> scalar(vector.path("body").asText(), rule.in().name());
      case FIELD -> {
        String body = vector.path("body").asText();
        String url = vector.path("url").asText();
        yield field(body.isEmpty() ? url.substring(url.indexOf('?') + 1) : body, rule.in().name());
      }
      default -> Optional.empty();
    };
  }

  private static Optional<String> header(JsonNode vector, String name) {
    return vector.path("headers").properties().stream()
        .filter(h -> h.getKey().toLowerCase(Locale.ROOT).equals(name.toLowerCase(Locale.ROOT)))
        .map(h -> h.getValue().asText())
        .findFirst();
  }

  private static Optional<String> field(String form, String name) {
    for (String pair : form.split("&", -1)) {
      if (pair.startsWith(name + "=")) {
        return Optional.of(pair.substring(name.length() + 1));
      }
    }
    return Optional.empty();
  }

  private static Optional<String> element(Grammar grammar, String list, String key) {
    if (grammar.kind() == Grammar.Kind.POSITIONAL) {
      String[] elements = list.split(java.util.regex.Pattern.quote(grammar.separator()), -1);
      return Optional.of(elements[Integer.parseInt(key)]);
    }
    for (String entry : list.split(java.util.regex.Pattern.quote(grammar.separator()), -1)) {
      String start = key + grammar.assign();
      if (entry.strip().startsWith(start)) {
        return Optional.of(entry.strip().substring(start.length()));
      }
    }
    return Optional.empty();
  }

  private static Optional<String> scalar(String body, String pointer) {
    try {
      JsonNode at = new JsonMapper().readTree(body).at(pointer);
      return at.isValueNode() ? Optional.of(at.asText()) : Optional.empty();
    } catch (JsonProcessingException noJson) {
      return Optional.empty();
    }
  }
}
