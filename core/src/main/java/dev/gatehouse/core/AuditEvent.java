package dev.gatehouse.core;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What was decided about one call, in a form that is safe to keep: never a payload, a secret or a
 * signature.
 *
 * <p>Denied and broken are told apart: {@link Outcome#DENIED} is an answer, {@link Outcome#BROKEN}
 * says that none could be given. Details marked sensitive reach only sinks that ask for them.
 */
public final class AuditEvent {
  private static final int MAX_DETAIL = 256;

  /** How the call ended. */
  public enum Outcome {
    /** It was let through. */
    ALLOWED,
    /** It was refused, for a reason that has a code. */
    DENIED,
    /** Nothing could be decided. */
    BROKEN
  }

  /**
   * One detail.
   *
   * @param text the value, cut to 256 characters, control characters replaced
   * @param sensitive whether it names a person, an address or the like
   */
  public record Detail(String text, boolean sensitive) {}

  private final Instant time;
  private final String door;
  private final String action;
  private final Outcome outcome;
  private final String code;
  private final String subject;
  private final @Nullable TenantId tenant;
  private final Map<String, Detail> details;

  private AuditEvent(Builder builder) {
    this.time = builder.time;
    this.door = builder.door;
    this.action = builder.action;
    this.outcome = builder.outcome;
    this.code = builder.code;
    this.subject = builder.subject;
    this.tenant = builder.tenant;
    this.details = Collections.unmodifiableMap(new LinkedHashMap<>(builder.details));
  }

  /**
   * Begins an event.
   *
   * @param time when it was decided
   * @param door which door decided: {@code webhook}, {@code graphql}, {@code events}
   * @param action what was tried: {@code verify}, {@code claim}, {@code deliver}
   * @param outcome how it ended
   * @param code the stable reason code; {@code ok} where there is nothing to say
   */
  public static Builder of(Instant time, String door, String action, Outcome outcome, String code) {
    return new Builder(time, door, action, outcome, code);
  }

  /** When it was decided. */
  public Instant time() {
    return time;
  }

  /** Which door decided. */
  public String door() {
    return door;
  }

  /** What was tried. */
  public String action() {
    return action;
  }

  /** How it ended. */
  public Outcome outcome() {
    return outcome;
  }

  /** The stable reason code. */
  public String code() {
    return code;
  }

  /** The source, principal or coordinate concerned; empty if none. */
  public String subject() {
    return subject;
  }

  /** The tenant concerned, if known. */
  public Optional<TenantId> tenant() {
    return Optional.ofNullable(tenant);
  }

  /** Further details in the order given; unmodifiable. */
  public Map<String, Detail> details() {
    return details;
  }

  /** One line, without what is sensitive. */
  @Override
  public String toString() {
    StringBuilder line = new StringBuilder(96);
    line.append(door).append(' ').append(action).append(' ').append(outcome);
    line.append(" code=").append(code);
    if (!subject.isEmpty()) {
      line.append(" subject=").append(subject);
    }
    if (tenant != null) {
      line.append(" tenant=").append(tenant);
    }
    details.forEach(
        (name, detail) ->
            line.append(' ')
                .append(name)
                .append('=')
                .append(detail.sensitive() ? "[sensitive]" : detail.text()));
    return line.toString();
  }

  /** Collects one event. */
  public static final class Builder {
    private final Instant time;
    private final String door;
    private final String action;
    private final Outcome outcome;
    private final String code;
    private String subject = "";
    private @Nullable TenantId tenant;
    private final Map<String, Detail> details = new LinkedHashMap<>();

    private Builder(Instant time, String door, String action, Outcome outcome, String code) {
      this.time = time;
      this.door = door;
      this.action = action;
      this.outcome = outcome;
      this.code = code;
    }

    /** The source, principal or coordinate concerned. */
    public Builder subject(String value) {
      this.subject = oneLine(value);
      return this;
    }

    /** The tenant concerned. */
    public Builder tenant(@Nullable TenantId value) {
      this.tenant = value;
      return this;
    }

    /** A detail that anyone who reads the log may see. */
    public Builder detail(String name, String value) {
      details.put(name, new Detail(oneLine(value), false));
      return this;
    }

    /** A detail such as an address, which a sink shows only when it was told to. */
    public Builder sensitive(String name, String value) {
      details.put(name, new Detail(oneLine(value), true));
      return this;
    }

    /** The event. */
    public AuditEvent build() {
      return new AuditEvent(this);
    }

    // An attacker chooses header values: a line break or an escape sequence must not forge a log
    // line or drive a terminal.
    private static String oneLine(String value) {
      String cut = value.length() <= MAX_DETAIL ? value : value.substring(0, MAX_DETAIL) + "…";
      StringBuilder clean = new StringBuilder(cut.length());
      cut.codePoints().forEach(c -> clean.appendCodePoint(isPrintable(c) ? c : '\uFFFD'));
      return clean.toString();
    }

    private static boolean isPrintable(int c) {
      return switch (Character.getType(c)) {
        case Character.CONTROL,
            Character.FORMAT,
            Character.SURROGATE,
            Character.LINE_SEPARATOR,
            Character.PARAGRAPH_SEPARATOR,
            Character.UNASSIGNED ->
            false;
        default -> true;
      };
    }
  }
}
