package dev.gatehouse.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.core.KillSwitch.Kind;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class KillSwitchTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_000_000);

  private static void fill(KillSwitch switches, int count) {
    for (int i = 0; i < count; i++) {
      switches.engage(Kind.PRINCIPAL, "p" + i, "test");
    }
  }

  @Test
  void engage_beyondTheMost_isRefusedUntilOneIsReleased() {
    KillSwitch switches = KillSwitch.create(InstantSource.fixed(NOW));
    fill(switches, KillSwitch.MAX_ENGAGED);

    assertThatThrownBy(() -> switches.engage(Kind.TENANT, "acme", "test"))
        .isInstanceOf(IllegalStateException.class);
    assertThat(switches.engage(Kind.PRINCIPAL, "p0", "again").reason()).isEqualTo("test");
    assertThat(switches.release(Kind.PRINCIPAL, "p0")).isTrue();
    switches.engage(Kind.TENANT, "acme", "test");
    assertThat(switches.stops(Kind.TENANT, "acme")).isTrue();
  }

  @Test
  void engage_whileAnotherTakesTheLastRoom_isRefused() {
    AtomicReference<Runnable> meanwhile = new AtomicReference<>(() -> {});
    KillSwitch switches =
        KillSwitch.create(
            () -> {
              meanwhile.getAndSet(() -> {}).run();
              return NOW;
            });
    fill(switches, KillSwitch.MAX_ENGAGED - 1);
    meanwhile.set(() -> switches.engage(Kind.TENANT, "globex", "test"));

    assertThatThrownBy(() -> switches.engage(Kind.TENANT, "acme", "test"))
        .isInstanceOf(IllegalStateException.class);
    assertThat(switches.engaged()).hasSize(KillSwitch.MAX_ENGAGED);
  }
}
