package dev.gatehouse.webhook;

import dev.gatehouse.webhook.scheme.Handshake;
import dev.gatehouse.webhook.scheme.Scheme;
import java.util.Map;

/** Holds the constants that a source is given against those that its scheme asks for. */
final class ParamChecks {
  private ParamChecks() {}

  /**
   * Checks all of them.
   *
   * @throws IllegalArgumentException if one is unknown, missing or unusable; the message names it
   */
  static void check(Scheme scheme, Map<String, String> params) {
    checkKnown(scheme, params);
    checkRequired(scheme, params);
    checkAnswers(scheme, params);
  }

  private static void checkKnown(Scheme scheme, Map<String, String> params) {
    for (String name : params.keySet()) {
      if (!scheme.params().containsKey(name) && !ConfiguredKeys.areIn(name, scheme)) {
        throw new IllegalArgumentException(
            "params."
                + name
                + " is not known to scheme "
                + scheme.name()
                + "; it takes "
                + (scheme.params().isEmpty()
                    ? "none"
                    : String.join(", ", scheme.params().keySet())));
      }
    }
  }

  private static void checkRequired(Scheme scheme, Map<String, String> params) {
    scheme
        .params()
        .forEach(
            (name, param) -> {
              if (param.required() && params.getOrDefault(name, "").isBlank()) {
                throw new IllegalArgumentException(
                    "params." + name + " is missing: " + param.description());
              }
            });
  }

  // They go out in bodies and headers as they are.
  private static void checkAnswers(Scheme scheme, Map<String, String> params) {
    for (Handshake handshake : scheme.handshakes()) {
      for (String name : handshake.answerParams()) {
        if (!params.getOrDefault(name, "").matches("[A-Za-z0-9._~:/*+=-]*")) {
          throw new IllegalArgumentException(
              "params." + name + " is part of an answer: use letters, digits and ._~:/*+=- only");
        }
      }
    }
  }
}
