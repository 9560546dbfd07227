package dev.gatehouse.events;

import dev.gatehouse.core.TenantId;
import io.vertx.core.Future;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A log whose every question has an answer: what it throws is a failed future, an error too, and so
 * is a future that it does not return. A log is the user's code, which may not be null-marked.
 */
final class GuardedLog implements EventLog {
  private final EventLog log;

  GuardedLog(EventLog log) {
    this.log = log;
  }

  @Override
  public Future<Position> append(Event event) {
    return asked(() -> log.append(event));
  }

  @Override
  public Future<LogPage> read(
      TenantId tenant, TopicPattern topics, Position after, int maxEntries, long maxBytes) {
    return asked(() -> log.read(tenant, topics, after, maxEntries, maxBytes));
  }

  @Override
  public Future<Boolean> hasLost(TenantId tenant, TopicPattern topics, Position after) {
    return asked(() -> log.hasLost(tenant, topics, after));
  }

  @Override
  public Future<Position> end(TenantId tenant) {
    return asked(() -> log.end(tenant));
  }

  /** The same; throws what the log throws. */
  @Override
  public Following follow(TenantId tenant, Runnable wake) {
    return log.follow(tenant, wake);
  }

  @Override
  public Future<Set<TenantId>> tenants() {
    return asked(log::tenants);
  }

  private static <T> Future<T> asked(Supplier<Future<T>> question) {
    try {
      return Objects.requireNonNull(question.get(), "the event log returned no future");
    } catch (RuntimeException | Error e) {
      return Future.failedFuture(e);
    }
  }
}
