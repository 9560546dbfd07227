package dev.gatehouse.events;

import dev.gatehouse.core.TenantId;
import io.vertx.core.Future;
import java.util.Set;

/** A log that passes everything on to another, for tests to change a part of. */
class PassedOnLog implements EventLog {
  private final EventLog other;

  PassedOnLog(EventLog other) {
    this.other = other;
  }

  @Override
  public Future<Position> append(Event event) {
    return other.append(event);
  }

  @Override
  public Future<LogPage> read(
      TenantId tenant, TopicPattern topics, Position after, int most, long bytes) {
    return other.read(tenant, topics, after, most, bytes);
  }

  @Override
  public Future<Boolean> hasLost(TenantId tenant, TopicPattern topics, Position after) {
    return other.hasLost(tenant, topics, after);
  }

  @Override
  public Future<Position> end(TenantId tenant) {
    return other.end(tenant);
  }

  @Override
  public Following follow(TenantId tenant, Runnable wake) {
    return other.follow(tenant, wake);
  }

  @Override
  public Future<Set<TenantId>> tenants() {
    return other.tenants();
  }
}
