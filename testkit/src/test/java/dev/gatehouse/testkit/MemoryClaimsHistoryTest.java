package dev.gatehouse.testkit;

import dev.gatehouse.webhook.Claims;
import java.time.Duration;

final class MemoryClaimsHistoryTest extends ClaimsHistoryContract {
  @Override
  protected Claims open(String source, SimulatedClock clock, Duration retention) {
    return Claims.inMemory(10, retention, clock);
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
