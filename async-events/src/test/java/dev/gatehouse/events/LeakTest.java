package dev.gatehouse.events;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Random tenants, topics, filters, rights, cursors, reconnects and revocations against a model: no
 * event reaches a subscription that the model denies, and none is missing.
 *
 * <p>A million deliveries: {@code -Dgatehouse.leak.deliveries=1000000}.
 */
class LeakTest {
  private static final Logger LOG = LoggerFactory.getLogger(LeakTest.class);
  private static final long DELIVERIES = Long.getLong("gatehouse.leak.deliveries", 60_000);
  private static final long SEED = Long.getLong("gatehouse.leak.seed", 20260301);

  @Test
  void event_anyUseOfTheHub_reachesThoseWhomTheModelNamesAndNobodyElse() {
    LeakWorld world = new LeakWorld(SEED);
    for (int phase = 0; world.delivered < DELIVERIES; phase++) {
      world.phase();
      if (phase % 5 == 4) {
        world.storm();
      }
    }
    world.close();
    LOG.info("{}", world.summary());

    assertThat(world.resumed).isGreaterThan(1_000);
    assertThat(world.ended).isGreaterThan(10);
    assertThat(world.stormy).isGreaterThan(10);
  }
}
