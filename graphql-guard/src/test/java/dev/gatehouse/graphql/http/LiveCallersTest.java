package dev.gatehouse.graphql.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.KillSwitch;
import dev.gatehouse.core.Principal;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.lang.ref.WeakReference;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Those whose connections are open, beside switches that live longer. */
class LiveCallersTest {
  private final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();
  private final KillSwitch switches = KillSwitch.create(InstantSource.system());

  @AfterEach
  void close() {
    Door.await(vertx.close());
  }

  private LiveCallers callers() {
    return new LiveCallers(InstantSource.system(), switches);
  }

  private LiveCallers.Live watch(LiveCallers callers, String id, Runnable ended) {
    Principal principal = Principal.vouchedBy("test", Principal.Kind.USER, id).build();
    return callers.watch(
        context,
        Optional.of(principal),
        new LiveCallers.Ending() {
          @Override
          public void credentialEnded() {
            ended.run();
          }

          @Override
          public void operationStopped(String name) {}
        });
  }

  private LiveCallers used() {
    LiveCallers callers = callers();
    LiveCallers.Live first = watch(callers, "ada", () -> {});
    watch(callers, "bob", () -> {}).close();
    first.close();
    first.close();
    return callers;
  }

  @Test
  void callers_whoHaveAllLeft_areLetGoByTheSwitch() {
    WeakReference<LiveCallers> unused = new WeakReference<>(callers());
    WeakReference<LiveCallers> used = new WeakReference<>(used());
    Eventually.holds(
        () -> {
          System.gc();
          return unused.get() == null && used.get() == null;
        });
    assertThat(switches.engaged()).isEmpty();
  }

  @Test
  void switch_isHeardByWhoeverComesAfterAllHaveLeft() {
    AtomicInteger ended = new AtomicInteger();
    LiveCallers callers = used();
    LiveCallers.Live live = watch(callers, "ada", ended::incrementAndGet);
    switches.engage(KillSwitch.Kind.PRINCIPAL, "ada", "test");
    Eventually.holds(() -> ended.get() == 1);
    live.close();
  }

  @Test
  void switch_thatFallsWhileTheFirstComesAndTheLastLeaves_isMissedByNobody() throws Exception {
    LiveCallers callers = callers();
    AtomicBoolean over = new AtomicBoolean();
    CompletableFuture<Void> others =
        CompletableFuture.runAsync(
            () -> {
              while (!over.get()) {
                watch(callers, "bob", () -> {}).close();
              }
            });
    for (int i = 0; i < 500; i++) {
      String id = "ada-" + i;
      CompletableFuture<Void> ended = new CompletableFuture<>();
      CompletableFuture<Void> engaging =
          CompletableFuture.runAsync(() -> switches.engage(KillSwitch.Kind.PRINCIPAL, id, "test"));
      LiveCallers.Live live = watch(callers, id, () -> ended.complete(null));
      ended.get(20, TimeUnit.SECONDS);
      live.close();
      engaging.get(20, TimeUnit.SECONDS);
    }
    over.set(true);
    others.get(20, TimeUnit.SECONDS);
    assertThat(callers.size()).isZero();
  }
}
