package dev.gatehouse.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.TenantId;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class EventFollowersTest {
  private static final TenantId ACME = TenantId.of("acme");

  @Test
  void wake_forAnAppendOfANodeWhoseReckoningIsBehind_wakesOnce() {
    EventFollowers followers = new EventFollowers();
    AtomicInteger woken = new AtomicInteger();
    followers.add(ACME, woken::incrementAndGet);

    followers.wake(ACME, 1_000.0);
    followers.wake(ACME, 997.0);
    followers.wake(ACME, 997.0);

    assertThat(woken).hasValue(2);
  }
}
