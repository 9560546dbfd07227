package dev.gatehouse.graphql.cost;

import dev.gatehouse.core.RateLimiter.Rate;
import io.vertx.core.Future;

/** A bucket, and another one while it cannot be asked. */
record FallbackBucket(CostBucket first, CostBucket other) implements CostBucket {
  @Override
  public Rate rate() {
    return first.rate();
  }

  @Override
  public Future<Charge> charge(String key, long cost) {
    return first
        .charge(key, cost)
        .recover(away -> other.charge(key, cost).map(charge -> charge.by(other)));
  }

  @Override
  public Future<Void> refund(String key, long cost) {
    return first.refund(key, cost);
  }
}
