package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that is restarted or killed under load loses nothing that was acknowledged. */
class PostgresRestartTest {
  private static final int WINDOW = 64;

  @TempDir Path folder;
  private final Vertx vertx = Vertx.vertx();
  private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
  private final AtomicInteger refused = new AtomicInteger();
  private final AtomicInteger counter = new AtomicInteger();
  private volatile boolean ended;

  private EmbeddedPostgres start(int port) throws Exception {
    EmbeddedPostgres.Builder builder =
        PostgresServer.builder()
            .setDataDirectory(folder.resolve("data"))
            .setCleanDataDirectory(false);
    return (port == 0 ? builder : builder.setPort(port)).start();
  }

  /** How a server ends. */
  @FunctionalInterface
  private interface End {
    void of(EmbeddedPostgres server) throws Exception;
  }

  @Test
  void server_restartedUnderLoad_losesNothingAndIsFoundAgain() throws Exception {
    survives(2, server -> {});
  }

  @Test
  void server_killedUnderLoad_losesNothingAndIsFoundAgain() throws Exception {
    survives(4, this::killAll);
  }

  private void survives(int rounds, End end) throws Exception {
    EmbeddedPostgres server = start(0);
    int port = server.getPort();
    SqlInbox inbox =
        SqlInbox.postgres(
            vertx,
            new PostgresAddress(
                "jdbc:postgresql://localhost:" + port + "/postgres", "postgres", Optional.empty()),
            Vault.open(),
            InboxWriter.Limits.DEFAULT,
            InstantSource.system());
    for (int i = 0; i < WINDOW; i++) {
      storeAgain(inbox);
    }
    for (int round = 0; round < rounds; round++) {
      awaitAcknowledged(200);
      end.of(server);
      // stops it politely, if it is still there, and gives its folder back
      server.close();
      server = start(port);
      awaitAcknowledged(200);
    }
    ended = true;
    Awaited.until(
        "nothing is under way", () -> counter.get() == acknowledged.size() + refused.get());

    assertThat(refused.get()).as("refused while it was away").isPositive();
    assertThat(stored(inbox)).containsAll(acknowledged);
    Awaited.get(inbox.close());
    Awaited.get(vertx.close());
    server.close();
  }

  // The postmaster and every process of its own at once, as a machine that stops ends them: nobody
  // is told, nothing is flushed.
  private void killAll(EmbeddedPostgres server) throws IOException {
    Path told = folder.resolve("data/postmaster.pid");
    long pid = Long.parseLong(Files.readAllLines(told).get(0).strip());
    ProcessHandle postmaster = ProcessHandle.of(pid).orElseThrow();
    List<ProcessHandle> all = new ArrayList<>(postmaster.descendants().toList());
    all.add(0, postmaster);
    all.forEach(ProcessHandle::destroyForcibly);
    Awaited.until("all are gone", () -> all.stream().noneMatch(ProcessHandle::isAlive));
    assertThat(told).as("it did not end by itself").exists();
  }

  private void awaitAcknowledged(int more) {
    int wanted = acknowledged.size() + more;
    Awaited.until("deliveries are stored", () -> acknowledged.size() >= wanted);
  }

  private void storeAgain(SqlInbox inbox) {
    if (ended) {
      return;
    }
    String id = "d" + counter.incrementAndGet();
    inbox
        .store(incoming(id))
        .onComplete(stored -> acknowledged.add(id), failure -> refused.incrementAndGet())
        .onComplete(done -> vertx.setTimer(1, again -> storeAgain(inbox)));
  }

  private static Incoming incoming(String id) {
    return PlainDelivery.of(id, InstantSource.system().instant(), Duration.ofHours(1), true);
  }

  private static Set<String> stored(SqlInbox inbox) {
    Set<String> ids = new HashSet<>();
    long after = 0;
    List<Delivery> page;
    do {
      page = Awaited.get(inbox.list(new Inbox.Query(null, null, after, 1000)));
      for (Delivery delivery : page) {
        after = delivery.id();
        ids.add(delivery.senderId());
      }
    } while (!page.isEmpty());
    return ids;
  }
}
