package dev.gatehouse.webhook;

import dev.gatehouse.core.AddressKey;
import dev.gatehouse.core.Permit;
import dev.gatehouse.core.RateLimiter;
import io.vertx.core.Future;

/**
 * How often the requests of one client to one source may fail; and, apart from that, how often it
 * may ask for a handshake, which anybody may.
 */
final class FailureBudget {
  private final RateLimiter limiter;
  private final String source;

  FailureBudget(RateLimiter limiter, String source) {
    this.limiter = limiter;
    this.source = source;
  }

  /** Counts a failure. */
  Future<Permit> ofFailures(String client) {
    return take(budgetOf(client));
  }

  /** Counts a handshake. */
  Future<Permit> ofHandshakes(String client) {
    return take(budgetOf(client) + "|handshake");
  }

  private String budgetOf(String client) {
    return source + "|" + AddressKey.of(client);
  }

  private Future<Permit> take(String budget) {
    return Inquiry.ask(() -> limiter.acquire(budget, 1));
  }
}
