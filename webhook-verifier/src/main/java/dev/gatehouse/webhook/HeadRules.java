package dev.gatehouse.webhook;

import dev.gatehouse.webhook.scheme.Requirement;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.TimeRule;
import dev.gatehouse.webhook.scheme.ValueSource;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the heads of requests are read by: a scheme whose headers were looked up once, so that each
 * request takes its values by their positions.
 */
final class HeadRules {
  private static final int NONE = -1;

  private final Scheme scheme;
  private final SoughtHeaders sought;
  private final @Nullable Duration window;
  private final Reads[] variants;
  private final int[] required;

  /**
   * The rules of a scheme.
   *
   * @param window the replay window; null to keep none
   */
  HeadRules(Scheme scheme, @Nullable Duration window) {
    this.scheme = scheme;
    this.sought = SoughtHeaders.of(scheme);
    this.window = window;
    this.variants = scheme.variants().stream().map(v -> new Reads(v, sought)).toArray(Reads[]::new);
    this.required =
        scheme.requirements().stream()
            .map(Requirement.HeaderEquals::header)
            .mapToInt(sought::at)
            .toArray();
  }

  /** What a variant reads, by the positions at which it is found. */
  static final class Reads {
    private final Scheme.Variant variant;
    private final int[] places;
    private final int[] ids;
    private final int time;
    private final String timeKey;

    private Reads(Scheme.Variant variant, SoughtHeaders sought) {
      this.variant = variant;
      this.places = variant.places().stream().mapToInt(p -> sought.at(p.header())).toArray();
      this.ids =
          variant.ids().stream()
              .filter(id -> id.kind() == ValueSource.Kind.HEADER)
              .mapToInt(id -> sought.at(id.name()))
              .toArray();
      TimeRule rule = variant.time();
      ValueSource in = rule == null ? null : rule.in();
      this.time = in != null && in.kind() == ValueSource.Kind.HEADER ? sought.at(in.name()) : NONE;
      this.timeKey = in != null && in.kind() == ValueSource.Kind.ELEMENT ? in.name() : "";
    }

    Scheme.Variant variant() {
      return variant;
    }

    /** The header of a place. */
    int place(int index) {
      return places[index];
    }

    /** The headers that may hold the id, in their order; do not change it. */
    int[] ids() {
      return ids;
    }

    /** The header that holds the time; negative if none does. */
    int time() {
      return time;
    }

    /** The key of the element of the signature that holds the time; empty if none does. */
    String timeKey() {
      return timeKey;
    }

    /** How many of them came, or did not come. */
    int count(@Nullable String[] found, boolean present) {
      int count = time >= 0 && (found[time] != null) == present ? 1 : 0;
      for (int place : places) {
        count += (found[place] != null) == present ? 1 : 0;
      }
      for (int id : ids) {
        count += (found[id] != null) == present ? 1 : 0;
      }
      return count;
    }
  }

  Scheme scheme() {
    return scheme;
  }

  SoughtHeaders sought() {
    return sought;
  }

  @Nullable Duration window() {
    return window;
  }

  /** The variant to begin with. */
  Reads first() {
    return variants[0];
  }

  /** All variants, in the scheme's order; do not change it. */
  Reads[] variants() {
    return variants;
  }

  /**
   * Why a time that is a number cannot be accepted, or null.
   *
   * @param nowMillis the time of the check, in milliseconds since the epoch
   */
  @Nullable RejectReason checkNumber(TimeRule.Unit unit, String text, long nowMillis) {
    long time = unit.parseNumber(text);
    if (time < 0) {
      return RejectReason.MALFORMED_TIMESTAMP;
    }
    if (window == null) {
      return null;
    }
    // Whole seconds against whole seconds: a fraction of now that the sender could not write must
    // not decide.
    boolean seconds = unit == TimeRule.Unit.S;
    long age = (seconds ? Math.floorDiv(nowMillis, 1000L) : nowMillis) - time;
    long most = seconds ? window.toSeconds() : window.toMillis();
    if (age > most) {
      return RejectReason.TOO_OLD;
    }
    return age < -most ? RejectReason.TOO_NEW : null;
  }

  /** The header of the scheme's requirement at that position. */
  int required(int index) {
    return required[index];
  }
}
