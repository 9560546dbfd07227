package dev.gatehouse.events;

import dev.gatehouse.core.Problems;
import dev.gatehouse.core.StrictJson;
import io.vertx.core.json.JsonObject;
import java.time.Duration;

/** How much a {@link MemoryEventLog} keeps. */
public final class MemoryLogOptions {
  private static final int MAX_COUNT = 10_000_000;
  private static final long MAX_SIZE = 1L << 40;

  private int eventsPerTopic = 1_000;
  private long bytesPerTopic = 1 << 20;
  private int topicsPerTenant = 1_000;
  private int tenants = 10_000;
  private long bytes = 64L << 20;
  private Duration maxAge = Duration.ofMinutes(10);

  /** The defaults. */
  public MemoryLogOptions() {}

  /** A copy. */
  public MemoryLogOptions(MemoryLogOptions other) {
    this.eventsPerTopic = other.eventsPerTopic;
    this.bytesPerTopic = other.bytesPerTopic;
    this.topicsPerTenant = other.topicsPerTenant;
    this.tenants = other.tenants;
    this.bytes = other.bytes;
    this.maxAge = other.maxAge;
  }

  /**
   * Reads options; an unknown key, a wrong type and a value out of bounds are refused.
   *
   * @throws IllegalArgumentException that names each of them with its path
   */
  public MemoryLogOptions(JsonObject json) {
    Problems problems = new Problems();
    StrictJson in = StrictJson.object(json.getMap(), "", problems);
    this.eventsPerTopic = in.integer("eventsPerTopic", eventsPerTopic, 1, MAX_COUNT);
    this.bytesPerTopic = in.size("bytesPerTopic", bytesPerTopic, 1, MAX_SIZE);
    this.topicsPerTenant = in.integer("topicsPerTenant", topicsPerTenant, 1, MAX_COUNT);
    this.tenants = in.integer("tenants", tenants, 1, MAX_COUNT);
    this.bytes = in.size("bytes", bytes, 1, MAX_SIZE);
    this.maxAge = in.duration("maxAge", maxAge, Duration.ofMillis(1), Duration.ofDays(365));
    in.close();
    problems.throwIfAny();
  }

  /** The most events kept for one topic of one tenant. */
  public int eventsPerTopic() {
    return eventsPerTopic;
  }

  /** The most events kept for one topic of one tenant. */
  public MemoryLogOptions eventsPerTopic(int value) {
    this.eventsPerTopic = value;
    return this;
  }

  /** The most bytes kept for one topic of one tenant. */
  public long bytesPerTopic() {
    return bytesPerTopic;
  }

  /** The most bytes kept for one topic of one tenant. */
  public MemoryLogOptions bytesPerTopic(long value) {
    this.bytesPerTopic = value;
    return this;
  }

  /** The most topics kept for one tenant; the one longest silent goes first. */
  public int topicsPerTenant() {
    return topicsPerTenant;
  }

  /** The most topics kept for one tenant; the one longest silent goes first. */
  public MemoryLogOptions topicsPerTenant(int value) {
    this.topicsPerTenant = value;
    return this;
  }

  /** The most tenants kept; the one longest silent that nobody follows goes first. */
  public int tenants() {
    return tenants;
  }

  /** The most tenants kept; the one longest silent that nobody follows goes first. */
  public MemoryLogOptions tenants(int value) {
    this.tenants = value;
    return this;
  }

  /** The most bytes kept in all; the tenant with the most gives up its oldest first. */
  public long bytes() {
    return bytes;
  }

  /** The most bytes kept in all; the tenant with the most gives up its oldest first. */
  public MemoryLogOptions bytes(long value) {
    this.bytes = value;
    return this;
  }

  /** How long an event is kept at most. */
  public Duration maxAge() {
    return maxAge;
  }

  /** How long an event is kept at most. */
  public MemoryLogOptions maxAge(Duration value) {
    this.maxAge = value;
    return this;
  }

  void validate() {
    boolean positive =
        eventsPerTopic > 0
            && bytesPerTopic > 0
            && topicsPerTenant > 0
            && tenants > 0
            && bytes > 0
            && !maxAge.isNegative()
            && !maxAge.isZero();
    if (!positive) {
      throw new IllegalArgumentException("a log's bounds are positive");
    }
  }
}
