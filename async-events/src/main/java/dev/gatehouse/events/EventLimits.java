package dev.gatehouse.events;

import dev.gatehouse.core.RateLimiter.Rate;
import java.time.Duration;

/**
 * How much of a node one connection, principal and tenant may take; immutable.
 *
 * <p>Everything has a limit: what is not set has its default, which {@link #defaults()} shows.
 */
public final class EventLimits {
  private static final EventLimits DEFAULTS = builder().build();

  private final Builder values;

  private EventLimits(Builder values) {
    this.values = values;
  }

  /** The defaults. */
  public static EventLimits defaults() {
    return DEFAULTS;
  }

  /** Begins with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** The most connections of the node (20,000), a tenant (5,000) and a principal (50). */
  public Scope connections() {
    return values.connections;
  }

  /** The most subscriptions of the node (100,000), a tenant (20,000) and a principal (500). */
  public Scope subscriptions() {
    return values.subscriptions;
  }

  /** The most subscriptions of one connection (100). */
  public int subscriptionsPerConnection() {
    return values.subscriptionsPerConnection;
  }

  /** How often a principal may subscribe or refresh (200 at once, 50 a second). */
  public Rate operations() {
    return values.operations;
  }

  /**
   * How many connections the node admits (2,000 at once, 500 a second). The last half of those at
   * once is kept for tenants within a quarter, and principals within a twentieth, of this rate.
   */
  public Rate admissions() {
    return values.admissions;
  }

  /** The most deliveries that wait for one subscriber (1,024). */
  public int queuedEvents() {
    return values.queuedEvents;
  }

  /** The most bytes of events that wait for one subscriber (1 MiB). */
  public long queuedBytes() {
    return values.queuedBytes;
  }

  /** The largest event that is published (256 KiB). */
  public long eventBytes() {
    return values.eventBytes;
  }

  /** The largest frame that a door reads from a subscriber (64 KiB). */
  public int frameBytes() {
    return values.frameBytes;
  }

  /** The largest message that a door reads from a subscriber (64 KiB). */
  public int messageBytes() {
    return values.messageBytes;
  }

  /** How many log entries are looked at for one principal's replays (20,000, 2,000 a second). */
  public Rate replay() {
    return values.replay;
  }

  /** How long a policy may take to say whether somebody may subscribe (2 s). */
  public Duration policyTime() {
    return values.policyTime;
  }

  /**
   * Numbers for the node, for one tenant, and for one principal.
   *
   * @param node of the whole node
   * @param tenant of one tenant
   * @param principal of one principal
   */
  public record Scope(int node, int tenant, int principal) {
    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is not positive
     */
    public Scope {
      if (node < 1 || tenant < 1 || principal < 1) {
        throw new IllegalArgumentException("limits are positive");
      }
    }
  }

  /** Collects limits. */
  public static final class Builder {
    private Scope connections = new Scope(20_000, 5_000, 50);
    private Scope subscriptions = new Scope(100_000, 20_000, 500);
    private int subscriptionsPerConnection = 100;
    private Rate operations = Rate.perSecond(50, 200);
    private Rate admissions = Rate.perSecond(500, 2_000);
    private int queuedEvents = 1_024;
    private long queuedBytes = 1 << 20;
    private long eventBytes = 256 << 10;
    private int frameBytes = 64 << 10;
    private int messageBytes = 64 << 10;
    private Rate replay = Rate.perSecond(2_000, 20_000);
    private Duration policyTime = Duration.ofSeconds(2);

    private Builder() {}

    private Builder(Builder other) {
      this.connections = other.connections;
      this.subscriptions = other.subscriptions;
      this.subscriptionsPerConnection = other.subscriptionsPerConnection;
      this.operations = other.operations;
      this.admissions = other.admissions;
      this.queuedEvents = other.queuedEvents;
      this.queuedBytes = other.queuedBytes;
      this.eventBytes = other.eventBytes;
      this.frameBytes = other.frameBytes;
      this.messageBytes = other.messageBytes;
      this.replay = other.replay;
      this.policyTime = other.policyTime;
    }

    /** The most connections of the node, a tenant and a principal. */
    public Builder connections(int node, int tenant, int principal) {
      this.connections = new Scope(node, tenant, principal);
      return this;
    }

    /** The most subscriptions of the node, a tenant and a principal. */
    public Builder subscriptions(int node, int tenant, int principal) {
      this.subscriptions = new Scope(node, tenant, principal);
      return this;
    }

    /** The most subscriptions of one connection. */
    public Builder subscriptionsPerConnection(int value) {
      this.subscriptionsPerConnection = value;
      return this;
    }

    /** How often a principal may subscribe or refresh. */
    public Builder operations(Rate value) {
      this.operations = value;
      return this;
    }

    /** How many connections the node admits. */
    public Builder admissions(Rate value) {
      this.admissions = value;
      return this;
    }

    /** The most deliveries, and bytes of events, that wait for one subscriber. */
    public Builder queue(int events, long bytes) {
      this.queuedEvents = events;
      this.queuedBytes = bytes;
      return this;
    }

    /** The largest event that is published. */
    public Builder eventBytes(long value) {
      this.eventBytes = value;
      return this;
    }

    /** The largest frame, and message, that a door reads from a subscriber. */
    public Builder incoming(int frame, int message) {
      this.frameBytes = frame;
      this.messageBytes = message;
      return this;
    }

    /** How many log entries are looked at for one principal's replays. */
    public Builder replay(Rate value) {
      this.replay = value;
      return this;
    }

    /** How long a policy may take to say whether somebody may subscribe. */
    public Builder policyTime(Duration value) {
      this.policyTime = value;
      return this;
    }

    /**
     * The limits.
     *
     * @throws IllegalArgumentException if one is not positive, or an event is larger than a queue
     */
    public EventLimits build() {
      boolean positive =
          subscriptionsPerConnection > 0
              && queuedEvents > 0
              && eventBytes > 0
              && frameBytes > 0
              && messageBytes > 0
              && !policyTime.isNegative()
              && !policyTime.isZero();
      if (!positive) {
        throw new IllegalArgumentException("limits are positive");
      }
      if (eventBytes > queuedBytes) {
        throw new IllegalArgumentException(
            "queuedBytes must hold an event of eventBytes, or nobody could receive it");
      }
      return new EventLimits(new Builder(this));
    }
  }
}
