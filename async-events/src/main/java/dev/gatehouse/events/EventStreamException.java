package dev.gatehouse.events;

import dev.gatehouse.core.Decision;
import dev.gatehouse.core.PublicFailure;
import java.util.Objects;
import java.util.Optional;

/**
 * Why a {@link EventPublisher}'s stream ended: it was refused, it was ended, or something is
 * missing from it. Its message may be read by the subscriber.
 */
public final class EventStreamException extends RuntimeException implements PublicFailure {
  private static final long serialVersionUID = 1L;

  private final String code;
  private final transient Optional<Refusal> refusal;

  private EventStreamException(String code, String message, Optional<Refusal> refusal) {
    super(message, null, false, false);
    this.code = code;
    this.refusal = refusal;
  }

  static EventStreamException refused(Refusal refusal) {
    return new EventStreamException(refusal.code().code(), refusal.message(), Optional.of(refusal));
  }

  static EventStreamException ended(EndReason reason) {
    return new EventStreamException(
        reason.code(), "the subscription was ended: " + reason.code(), Optional.empty());
  }

  static EventStreamException missing(Delivery.Gap gap) {
    return new EventStreamException(
        "events_missing",
        "events are missing: " + SseFrames.codeOf(gap.reason()),
        Optional.empty());
  }

  /** The {@link Refusal.Code} or {@link EndReason} in lower case, or {@code events_missing}. */
  public String code() {
    return code;
  }

  @Override
  public Decision.Deny told() {
    return new Decision.Deny(code, Objects.requireNonNull(getMessage()));
  }

  /** The refusal, if the subscription was refused, and its exception did not come by wire. */
  public Optional<Refusal> refusal() {
    return refusal == null ? Optional.empty() : refusal;
  }
}
