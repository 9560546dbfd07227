package dev.gatehouse.webhook;

import dev.gatehouse.webhook.Mistakes.Mistake;
import dev.gatehouse.webhook.scheme.Acceptance;
import dev.gatehouse.webhook.scheme.Algorithm;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.TimeRule;
import java.util.ArrayList;
import java.util.List;

/** Senders that do not quite do what their scheme says; pure functions. */
final class SchemeMistakes {
  private SchemeMistakes() {}

  /** The scheme with its time in the other unit of the two numbers; empty if it has none. */
  static List<Mistake<Scheme>> timeUnits(Scheme scheme) {
    List<Mistake<Scheme>> all = new ArrayList<>();
    TimeRule time = scheme.variants().get(0).time();
    if (time != null && time.unit() == TimeRule.Unit.S) {
      all.add(unit(scheme, TimeRule.Unit.MS, "milliseconds", "seconds"));
    } else if (time != null && time.unit() == TimeRule.Unit.MS) {
      all.add(unit(scheme, TimeRule.Unit.S, "seconds", "milliseconds"));
    }
    return all;
  }

  private static Mistake<Scheme> unit(
      Scheme scheme, TimeRule.Unit unit, String signed, String wanted) {
    return new Mistake<>(
        "time_unit",
        "The sender signed its time in " + signed + "; the scheme has " + wanted + ".",
        "If you sign yourself, sign the time in "
            + wanted
            + "; else check that the scheme is the right one.",
        scheme.withTimeUnit(unit));
  }

  /** The scheme with each other MAC. */
  static List<Mistake<Scheme>> algorithms(Scheme scheme) {
    List<Mistake<Scheme>> all = new ArrayList<>();
    boolean isMac = scheme.accepts().stream().map(Acceptance::algorithm).allMatch(Algorithm::isMac);
    for (Algorithm other : Algorithm.values()) {
      boolean known = scheme.accepts().stream().anyMatch(a -> a.algorithm() == other);
      if (isMac && !scheme.accepts().isEmpty() && other.isMac() && !known) {
        all.add(
            new Mistake<>(
                "signature_algorithm",
                "The sender signed with " + other.jcaName() + ", which the scheme does not accept.",
                "If you sign yourself, use the scheme's algorithm; else check that the scheme is"
                    + " the right one, and the version of the provider's signatures.",
                scheme.withAlgorithm(other)));
      }
    }
    return all;
  }
}
