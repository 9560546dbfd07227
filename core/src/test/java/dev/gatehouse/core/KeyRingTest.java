package dev.gatehouse.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class KeyRingTest {
  @Test
  void reload_thatReadBeforeARotation_doesNotBringTheOldKeyBack() throws Exception {
    CountDownLatch slowHasRead = new CountDownLatch(1);
    CountDownLatch mayGoOn = new CountDownLatch(1);
    AtomicInteger loads = new AtomicInteger();
    SecretSource source =
        () -> {
          int load = loads.incrementAndGet();
          if (load != 2) {
            return List.of(Secret.of(load == 1 ? "first" : "rotated", "text"));
          }
          slowHasRead.countDown();
          await(mayGoOn);
          return List.of(Secret.of("revoked", "text"));
        };
    KeyRing<String> ring = KeyRing.load(source, (secret, index) -> secret.id());

    CompletableFuture<Void> slow = CompletableFuture.runAsync(ring::reload);
    assertThat(slowHasRead.await(5, TimeUnit.SECONDS)).isTrue();
    CompletableFuture<Void> later = CompletableFuture.runAsync(ring::reload);
    // Without a lock the later one ends here, and the slow one then overwrites it.
    later.copy().completeOnTimeout(null, 200, TimeUnit.MILLISECONDS).join();
    mayGoOn.countDown();
    slow.get(5, TimeUnit.SECONDS);
    later.get(5, TimeUnit.SECONDS);

    assertThat(ring.entries().get(0).id()).isEqualTo("rotated");
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(5, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
