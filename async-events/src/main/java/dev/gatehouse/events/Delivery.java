package dev.gatehouse.events;

/**
 * What a subscriber gets: an event, or the mark of a gap where it was spared or has missed some.
 *
 * <p>Valid on the subscription's context; whoever sends it later keeps what it needs of it.
 */
public sealed interface Delivery {
  /** Why there is a gap. */
  enum GapReason {
    /** The cursor to resume from was not known here; the stream begins with what is live. */
    UNKNOWN_CURSOR,
    /** The log no longer had what came next. */
    LOG,
    /** More was missed than may be replayed; the stream goes on with what is live. */
    REPLAY_BUDGET,
    /** The subscriber's queue was full, and the oldest were dropped. */
    OVERFLOW,
    /** A later event took the place of one with the same key. */
    SUPERSEDED
  }

  /** From where a subscription for the same topics by the same principal goes on after this. */
  String cursor();

  /** An event, as this subscriber may see it. */
  final class Message implements Delivery {
    private final EventView event;
    private final Position position;
    private final Sealer sealer;

    Message(EventView event, Position position, Sealer sealer) {
      this.event = event;
      this.position = position;
      this.sealer = sealer;
    }

    /** The event. */
    public EventView event() {
      return event;
    }

    @Override
    public String cursor() {
      return sealer.seal(position);
    }

    @Override
    public String toString() {
      return "Message[" + event.topic() + "]";
    }
  }

  /** Something is missing here. */
  final class Gap implements Delivery {
    private final GapReason reason;
    private final long missed;
    private final Position position;
    private final Sealer sealer;

    Gap(GapReason reason, long missed, Position position, Sealer sealer) {
      this.reason = reason;
      this.missed = missed;
      this.position = position;
      this.sealer = sealer;
    }

    /** Why. */
    public GapReason reason() {
      return reason;
    }

    /** How many of the subscriber's own events are missing; -1 if that is not known. */
    public long missed() {
      return missed;
    }

    @Override
    public String cursor() {
      return sealer.seal(position);
    }

    @Override
    public String toString() {
      return "Gap[" + reason + "]";
    }
  }
}
