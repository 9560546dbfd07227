package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GracefulStopTest {
  @TempDir Path folder;

  @Test
  void stop_underLoad_losesNothingAcknowledged() throws Exception {
    Fixture it = Fixture.start(folder, Fixture.yaml(""));
    Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    AtomicInteger next = new AtomicInteger();
    CountDownLatch flowing = new CountDownLatch(200);
    ExecutorService senders = Executors.newFixedThreadPool(6);
    for (int i = 0; i < 6; i++) {
      senders.execute(
          () -> {
            try {
              while (true) {
                String id = "msg_" + next.incrementAndGet();
                if (it.send(id, "{}").statusCode() != 204) {
                  return;
                }
                acknowledged.add(id);
                flowing.countDown();
              }
            } catch (UncheckedIOException stopped) {
              return;
            }
          });
    }
    assertThat(flowing.await(60, TimeUnit.SECONDS)).isTrue();
    Awaited.get(it.receiver.stop());
    senders.shutdown();
    assertThat(senders.awaitTermination(60, TimeUnit.SECONDS)).isTrue();

    try (Fixture again = Fixture.start(folder, Fixture.yaml(""))) {
      Set<String> stored = ConcurrentHashMap.newKeySet();
      long after = 0;
      java.util.List<Delivery> page;
      do {
        page = Awaited.get(again.running().inbox().list(new Inbox.Query(null, null, after, 1000)));
        stored.addAll(page.stream().map(Delivery::senderId).collect(Collectors.toSet()));
        after = page.isEmpty() ? after : page.get(page.size() - 1).id();
      } while (!page.isEmpty());
      assertThat(stored).containsAll(acknowledged);
    }
  }

  @Test
  void stop_duringADeliveryOfASourceThatDeliversNoMore_waitsForItsEnd() throws Exception {
    AtomicReference<io.vertx.core.http.HttpServerRequest> held = new AtomicReference<>();
    try (Target target = Target.start().then(held::set)) {
      Fixture it = Fixture.start(folder, Fixture.yaml("deliver: { to: '" + target.url() + "' }"));
      it.send("m", "{}");
      String id = target.next().headers().get("Gatehouse-Delivery");
      it.write(Fixture.yaml(""));
      Awaited.get(it.receiver.reload());
      Dispatcher dispatcher = it.running().dispatcher();
      assertThat(dispatcher.inFlight()).isEqualTo(1);
      var stopped = it.receiver.stop();
      held.get().response().end();
      Awaited.get(stopped);

      assertThat(dispatcher.inFlight()).isZero();
      try (Fixture again = Fixture.start(folder, Fixture.yaml(""))) {
        assertThat(again.delivery(id).getString("state")).isEqualTo("delivered");
      }
    }
  }

  @Test
  void stop_duringADelivery_waitsForItsEnd() throws Exception {
    AtomicReference<io.vertx.core.http.HttpServerRequest> held = new AtomicReference<>();
    try (Target target = Target.start().then(held::set)) {
      Fixture it = Fixture.start(folder, Fixture.yaml("deliver: { to: '" + target.url() + "' }"));
      it.send("m", "{}");
      String id = target.next().headers().get("Gatehouse-Delivery");
      var stopped = it.receiver.stop();
      held.get().response().end();
      Awaited.get(stopped);

      try (Fixture again = Fixture.start(folder, Fixture.yaml(""))) {
        assertThat(again.delivery(id).getString("state")).isEqualTo("delivered");
      }
    }
  }

  @Test
  void stop_askedAgainWhileItStops_cutsNothingShort() throws Exception {
    AtomicReference<io.vertx.core.http.HttpServerRequest> held = new AtomicReference<>();
    try (Target target = Target.start().then(held::set)) {
      Fixture it = Fixture.start(folder, Fixture.yaml("deliver: { to: '" + target.url() + "' }"));
      it.send("m", "{}");
      String id = target.next().headers().get("Gatehouse-Delivery");
      var stopped = it.receiver.stop();
      var again = it.receiver.stop();
      assertThatThrownBy(() -> again.await(1, TimeUnit.SECONDS))
          .as("before the delivery under way has ended")
          .isInstanceOf(TimeoutException.class);
      held.get().response().end();
      Awaited.get(again);
      Awaited.get(stopped);

      try (Fixture next = Fixture.start(folder, Fixture.yaml(""))) {
        assertThat(next.delivery(id).getString("state")).isEqualTo("delivered");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void stop_duringTheStart_givesItUpAndLeavesNothing(boolean embedded) {
    Vertx somebodys = Vertx.vertx();
    ReceiverConfig config = ConfigReader.create().read(Fixture.yaml(""), folder);
    Receiver.Builder builder = Receiver.builder(config);
    Receiver receiver = (embedded ? builder.vertx(somebodys) : builder).build();
    Future<Receiver.Started> started = receiver.start();
    Awaited.get(receiver.stop());

    assertThatThrownBy(() -> Awaited.get(started))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("stopped while it started");
    Receiver next = Receiver.builder(config).build();
    Awaited.get(next.start());
    Awaited.get(next.stop());
    Awaited.get(somebodys.close());
  }

  @Test
  void stop_whileTheFileIsReadAgain_endsEveryReload() {
    Fixture it = Fixture.start(folder, Fixture.yaml(""));
    List<Future<Void>> reloads = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      reloads.add(it.receiver.reload());
    }
    Awaited.get(it.receiver.stop());

    Awaited.get(Future.join(reloads).otherwiseEmpty());
    assertThat(reloads).filteredOn(Future::failed).isNotEmpty();
    assertThat(reloads)
        .filteredOn(Future::failed)
        .allSatisfy(reload -> assertThat(reload.cause()).hasMessage("the receiver stops"));
  }

  @Test
  void start_afterAStop_isRefused() {
    Receiver receiver =
        Receiver.builder(ConfigReader.create().read(Fixture.yaml(""), folder)).build();
    Awaited.get(receiver.stop());

    assertThatThrownBy(() -> Awaited.get(receiver.start()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("starts once");
  }
}
