package dev.gatehouse.testkit;

import dev.gatehouse.webhook.Claims;
import java.time.Duration;
import java.util.List;

final class MemoryClaimsHistoryTest extends ClaimsHistoryContract {
  @Override
  protected List<Claims> open(String source, SimulatedClock clock, Duration retention) {
    Claims claims = Claims.inMemory(10, retention, clock);
    return List.of(claims, claims);
  }

  @Override
  protected int usualCount() {
    return 100_000;
  }

  @Override
  protected int atATime() {
    return 1_000;
  }
}
