package dev.gatehouse.webhook.scheme;

import dev.gatehouse.core.Problems;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a handshake alone cannot tell: whether it fits the scheme around it. */
final class HandshakeChecks {
  private HandshakeChecks() {}

  static void check(Scheme scheme, String path, Problems problems) {
    for (int i = 0; i < scheme.handshakes().size(); i++) {
      String at = SchemeChecks.at(path, "handshakes[" + i + "]");
      Handshake handshake = scheme.handshakes().get(i);
      checkParams(scheme, handshake, at, problems);
      checkMacs(scheme, handshake, at, problems);
      checkStranger(scheme, handshake, at, problems);
    }
  }

  /** Why subscriptions of this scheme cannot be confirmed under these constants. */
  static Optional<String> confirmationFlaw(Scheme scheme, Map<String, String> params) {
    List<Handshake.Confirm> confirms =
        scheme.handshakes().stream()
            .flatMap(handshake -> Optional.ofNullable(handshake.confirm()).stream())
            .toList();
    if (confirms.isEmpty()) {
      return Optional.of(
          "scheme " + scheme.name() + " has no subscription to confirm: leave it out");
    }
    for (Handshake.Confirm confirm : confirms) {
      Handshake.Compare only = confirm.only();
      if (only != null && params.getOrDefault(only.param(), "").isBlank()) {
        return Optional.of(
            "params."
                + only.param()
                + " is missing: without it anybody's subscription would be confirmed");
      }
    }
    return Optional.empty();
  }

  private static void checkParams(
      Scheme scheme, Handshake handshake, String at, Problems problems) {
    Set<String> names = new LinkedHashSet<>(handshake.answerParams());
    for (String name : names) {
      Scheme.Parameter param = scheme.params().get(name);
      if (param != null && param.secret()) {
        problems.add(at + ".answer", "gives {param." + name + "} away, which is secret");
      }
    }
    if (handshake.compare() != null) {
      names.add(handshake.compare().param());
    }
    if (handshake.confirm() != null && handshake.confirm().only() != null) {
      names.add(handshake.confirm().only().param());
    }
    if (!handshake.enabledBy().isEmpty()) {
      names.add(handshake.enabledBy());
    }
    for (String name : names) {
      if (!scheme.params().containsKey(name)) {
        problems.add(at, "uses " + name + ", which params lacks");
      }
    }
  }

  private static void checkMacs(Scheme scheme, Handshake handshake, String at, Problems problems) {
    boolean made =
        handshake
            .answer()
            .templates()
            .flatMap(template -> template.macs().stream())
            .allMatch(
                mac -> scheme.accepts().stream().anyMatch(a -> a.algorithm() == mac.algorithm()));
    if (!made) {
      problems.add(at + ".answer", "signs with an algorithm that signature.accept does not offer");
    }
  }

  private static void checkStranger(
      Scheme scheme, Handshake handshake, String at, Problems problems) {
    if (handshake.told().byMethodOnly() && scheme.methods().contains(handshake.method())) {
      problems.add(
          at, "must say what it is told by: " + handshake.method() + " brings deliveries too");
    }
    boolean asked =
        handshake.signed()
            || handshake.open()
            || handshake.compare() != null
            || !handshake.enabledBy().isEmpty();
    if (!asked && handshake.echo() != null) {
      problems.add(
          at,
          "echoes for anybody: an unsigned handshake compares a constant first, or says open: true");
    }
  }
}
