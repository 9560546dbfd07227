package dev.gatehouse.testkit;

import dev.gatehouse.core.RateLimiter.Rate;
import dev.gatehouse.graphql.cost.CostBucket;

final class MemoryPayingTest extends PayingContract {
  @Override
  protected CostBucket create(Rate rate, SimulatedClock clock) {
    return CostBucket.inMemory(rate, 1_000, clock);
  }
}
