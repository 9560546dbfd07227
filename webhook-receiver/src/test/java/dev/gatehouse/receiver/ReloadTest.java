package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.core.Problems;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReloadTest {
  @TempDir Path folder;
  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() {
    Awaited.get(vertx.close());
  }

  private static String metric(Fixture it, String name) {
    return it.exchange(it.manage("/metrics"))
        .body()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .findFirst()
        .orElse("");
  }

  @Test
  void sources_readAgain_takeEffectAtOnce() {
    try (Fixture it = Fixture.start(folder, Fixture.yaml(""))) {
      it.write(Fixture.yaml("ack: 201"));
      Awaited.get(it.receiver.reload());

      assertThat(it.send("m", "{}").statusCode()).isEqualTo(201);
      assertThat(metric(it, "gatehouse_config_reloads_total")).endsWith(" 1.0");
    }
  }

  @Test
  void secret_replacedInTheFile_isForgotten() {
    try (Fixture it = Fixture.start(folder, Fixture.yaml(""))) {
      it.write(Fixture.yaml("").replace(Fixture.SECRET, Fixture.FORWARD_SECRET));
      Awaited.get(it.receiver.reload());

      assertThat(it.send("m", "{}").statusCode()).isEqualTo(401);
    }
  }

  @Test
  void file_thatIsBad_changesNothingAndIsCounted() {
    try (Fixture it = Fixture.start(folder, Fixture.yaml(""))) {
      it.write(Fixture.yaml("ack: 999"));

      assertThatThrownBy(() -> Awaited.get(it.receiver.reload()))
          .isInstanceOf(Problems.InvalidException.class)
          .hasMessageContaining("sources.hook.ack");
      assertThat(it.send("m", "{}").statusCode()).isEqualTo(204);
      assertThat(metric(it, "gatehouse_config_reload_failures_total")).endsWith(" 1.0");
    }
  }

  @Test
  void sources_readAgainWhileAnAttemptIsUnderWay_leaveNothingWaiting() throws Exception {
    Queue<HttpServerRequest> held = new ConcurrentLinkedQueue<>();
    try (Target target = Target.start().then(held::add);
        Fixture it =
            Fixture.start(
                folder, Fixture.yaml("deliver:\n  to: " + target.url() + "\n  concurrency: 1\n"))) {
      for (int i = 0; i < 4; i++) {
        assertThat(it.send("m" + i, "{}").statusCode()).isEqualTo(204);
      }
      target.next();
      Awaited.get(it.receiver.reload());
      held.remove().response().end();

      for (int i = 1; i < 4; i++) {
        assertThat(target.next().headers().get("Gatehouse-Attempt")).isEqualTo("1");
      }
    }
  }

  @Test
  void file_thatChanges_isSeen() {
    try (Fixture it = Fixture.start(folder, Fixture.yaml(""))) {
      it.write(Fixture.yaml("ack: 202"));
      Instant deadline = Instant.now().plusSeconds(60);
      int status = it.send("m", "{}").statusCode();
      for (int i = 0; status != 202 && Instant.now().isBefore(deadline); i++) {
        status = it.send("m" + i, "{}").statusCode();
      }

      assertThat(status).isEqualTo(202);
    }
  }

  @Test
  void file_replacedByOneOfSameSizeAndTime_isSeen() throws Exception {
    Path file = Files.writeString(folder.resolve("secret"), "first");
    String before = Reloads.stamp(file);
    Path next = Files.writeString(folder.resolve("next"), "other");
    Files.setLastModifiedTime(next, Files.getLastModifiedTime(file));
    Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);

    assertThat(Reloads.stamp(file)).isNotEqualTo(before);
  }

  @Test
  void window_withoutEffect_isNoReasonToRefuse() {
    String github =
        Fixture.yaml("replayWindow: 5m").replace("scheme: standard-webhooks", "scheme: github");
    try (Fixture it = Fixture.start(folder, github)) {
      assertThat(it.send("m", "{}").statusCode()).isEqualTo(400);
      Awaited.get(it.receiver.reload());
    }
  }

  @Test
  void server_thatChanges_waitsForTheNextStart() {
    try (Fixture it = Fixture.start(folder, Fixture.yaml(""))) {
      it.write(Fixture.yaml("maxBodiesInFlight: 1MiB", "ack: 200"));
      Awaited.get(it.receiver.reload());

      assertThat(it.send("m", "{}").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void source_removedAndAdded_appearsAndGoes() {
    try (Fixture it = Fixture.start(folder, Fixture.yaml(""))) {
      it.write(Fixture.yaml("").replace("  hook:", "  other:"));
      Awaited.get(it.receiver.reload());

      assertThat(it.send("m", "{}").statusCode()).isEqualTo(404);
      JsonObject sources = it.ask("/api/sources");
      assertThat(sources.getJsonArray("sources").getJsonObject(0).getString("name"))
          .isEqualTo("other");
    }
  }

  @Test
  void requests_whileSourcesAreReadAgain_areAllAnswered() {
    try (Fixture it = Fixture.start(folder, Fixture.yaml(""))) {
      AtomicBoolean stop = new AtomicBoolean();
      AtomicInteger sent = new AtomicInteger();
      AtomicInteger bad = new AtomicInteger();
      CompletableFuture<Void> load =
          CompletableFuture.runAsync(
              () -> {
                while (!stop.get()) {
                  int status = it.send("m" + sent.incrementAndGet(), "{}").statusCode();
                  if (status != 204 && status != 200) {
                    bad.incrementAndGet();
                  }
                }
              });
      for (int i = 0; i < 30; i++) {
        it.write(Fixture.yaml(i % 2 == 0 ? "ack: 200" : ""));
        Awaited.get(it.receiver.reload());
      }
      stop.set(true);
      load.join();

      assertThat(bad).hasValue(0);
      assertThat(sent.get()).isPositive();
    }
  }

  // --- files that change while they are read

  private static final String OWNED_BY_FILE =
      Fixture.yaml("").replace("owner: me", "owner: \"${file:owner}\"");

  private void owner(String name) {
    try {
      Files.writeString(folder.resolve("owner"), name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String ownerIn(Fixture it) {
    return it.ask("/api/sources").getJsonArray("sources").getJsonObject(0).getString("owner");
  }

  /** A receiver that itself reads nothing again. */
  private Fixture startThatReadsOnce(String yaml) {
    return Fixture.start(
        folder, yaml, builder -> builder.reloadFrom(folder.resolve("nothing.yaml")));
  }

  private Reloads reloads(Fixture it, Function<Path, ConfigReader.Loaded> reader) {
    Receiver.Running running = it.running();
    Reloads reloads =
        new Reloads(
            vertx,
            it.file,
            reader,
            running.sources(),
            running.dispatcher(),
            running.metrics(),
            it.clock);
    reloads.prepare(Reloads.stamp(it.file), ConfigReader.create().read(it.file));
    return reloads;
  }

  @Test
  void file_thatChangesWhileItIsRead_isReadAgain() {
    owner("first");
    try (Fixture it = startThatReadsOnce(OWNED_BY_FILE)) {
      AtomicBoolean changes = new AtomicBoolean();
      Reloads reloads =
          reloads(
              it,
              file -> {
                ConfigReader.Loaded loaded = ConfigReader.create().load(file);
                if (changes.getAndSet(false)) {
                  owner("the last");
                }
                return loaded;
              });
      owner("second");
      changes.set(true);
      Awaited.get(reloads.reload());
      assertThat(ownerIn(it)).isEqualTo("second");
      reloads.poll();
      reloads.poll();

      assertThat(ownerIn(it)).isEqualTo("the last");
      assertThat(metric(it, "gatehouse_config_reloads_total")).endsWith(" 2.0");
      reloads.poll();
      reloads.poll();
      assertThat(metric(it, "gatehouse_config_reloads_total")).endsWith(" 2.0");
    }
  }

  @Test
  void file_namedSinceAndChangedWhileItIsRead_isReadAgain() {
    try (Fixture it = startThatReadsOnce(Fixture.yaml(""))) {
      Queue<String> owners = new ConcurrentLinkedQueue<>();
      Reloads reloads =
          reloads(
              it,
              file -> {
                ConfigReader.Loaded loaded = ConfigReader.create().load(file);
                Optional.ofNullable(owners.poll()).ifPresent(this::owner);
                return loaded;
              });
      owner("first");
      it.write(OWNED_BY_FILE);
      owners.addAll(List.of("second", "the last"));
      Awaited.get(reloads.reload());
      reloads.poll();
      reloads.poll();

      assertThat(ownerIn(it)).isEqualTo("the last");
    }
  }

  @Test
  void file_thatChangesWhileTheReceiverStarts_isSeen() {
    owner("first");
    try (Fixture it = Fixture.start(folder, OWNED_BY_FILE, builder -> owner("the last"))) {
      Awaited.until("the last owner", () -> ownerIn(it).equals("the last"));

      assertThat(metric(it, "gatehouse_config_reloads_total")).endsWith(" 1.0");
    }
  }

  @Test
  void files_thatSayWhatRuns_areNotReadAgainAfterTheStart() {
    String deliver =
        """
        deliver:
          to: https://example.org/
          sign: { scheme: standard-webhooks, secret: "%s" }
          order: tenant
          rate: 5 per second
        """
            .formatted(Fixture.FORWARD_SECRET);
    try (Fixture it = startThatReadsOnce(Fixture.yaml(deliver))) {
      Reloads reloads = reloads(it, ConfigReader.create()::load);
      reloads.poll();
      reloads.poll();

      assertThat(metric(it, "gatehouse_config_reloads_total")).endsWith(" 0.0");
    }
  }

  @Test
  void error_whileFilesAreRead_isCounted() {
    try (Fixture it = startThatReadsOnce(Fixture.yaml(""))) {
      AtomicBoolean breaks = new AtomicBoolean();
      Reloads reloads =
          reloads(
              it,
              file -> {
                if (breaks.get()) {
                  throw new StackOverflowError();
                }
                return ConfigReader.create().load(file);
              });
      breaks.set(true);
      it.write(Fixture.yaml("ack: 202"));
      reloads.poll();
      assertThatThrownBy(reloads::poll).isInstanceOf(StackOverflowError.class);

      assertThat(metric(it, "gatehouse_config_reload_failures_total")).endsWith(" 1.0");
    }
  }

  private static final String KAFKA =
      "ack: 201\ndeliver:\n  kafka: { bootstrap: \"127.0.0.1:9\", topic: t }\n";

  @Test
  void destination_thatCannotBeMade_leavesTheSourcesAsTheyWereAndNothingOpen() {
    String yaml = Fixture.yaml(KAFKA);
    int hook = yaml.indexOf("  hook:");
    try (WatchedVertx somebodys = new WatchedVertx();
        Fixture it = Fixture.start(folder, Fixture.yaml(""), b -> b.vertx(somebodys.given()))) {
      Set<String> before = somebodys.open();
      somebodys.exhaust("gatehouse-kafka-hook");
      it.write(
          yaml.substring(0, hook)
              + yaml.substring(hook).replace("hook:", "first:")
              + yaml.substring(hook));
      assertThatThrownBy(() -> Awaited.get(it.receiver.reload()))
          .isInstanceOf(OutOfMemoryError.class);

      assertThat(it.send("m", "{}").statusCode()).isEqualTo(204);
      Awaited.until("no executor more", () -> somebodys.open().equals(before));
      assertThat(metric(it, "gatehouse_config_reload_failures_total")).endsWith(" 1.0");
    }
  }

  @Test
  void reload_thatIsOvertakenByTheStop_beginsNothingAndLeavesNothingOpen() {
    try (WatchedVertx somebodys = new WatchedVertx()) {
      Fixture it = Fixture.start(folder, Fixture.yaml(""), b -> b.vertx(somebodys.given()));
      Dispatcher.Prepared underWay =
          it.running().dispatcher().prepare(sources(Fixture.yaml(KAFKA)));
      it.close();
      underWay.serve();

      Awaited.until("no executor", () -> somebodys.open().isEmpty());
    }
  }

  @Test
  void source_thatIsRefusedAfterItsDestinationWasMade_leavesNothingOpen() throws Exception {
    Path secret = Files.writeString(folder.resolve("secret"), Fixture.SECRET);
    try (WatchedVertx somebodys = new WatchedVertx();
        Fixture it =
            Fixture.start(
                folder,
                Fixture.yaml(""),
                b -> b.vertx(somebodys.given()).reloadFrom(folder.resolve("nothing.yaml")))) {
      AtomicBoolean vanishes = new AtomicBoolean();
      Reloads reloads =
          reloads(
              it,
              file -> {
                ConfigReader.Loaded loaded = ConfigReader.create().load(file);
                vanishes.set(vanishes.get() && !secret.toFile().delete());
                return loaded;
              });
      it.write(Fixture.yaml("").replace(Fixture.SECRET, "${file:secret}"));
      Awaited.get(reloads.reload());
      Set<String> before = somebodys.open();
      it.write(Fixture.yaml(KAFKA).replace(Fixture.SECRET, "${file:secret}"));
      vanishes.set(true);
      assertThatThrownBy(() -> Awaited.get(reloads.reload()))
          .isInstanceOf(IllegalArgumentException.class);

      assertThat(it.send("m", "{}").statusCode()).isEqualTo(204);
      Awaited.until("no executor more", () -> somebodys.open().equals(before));
    }
  }

  @Test
  void passwords_readWithTheConfiguration_areComparedByTheirValue() {
    String kafka =
        Fixture.yaml(
            "deliver:\n  kafka: { bootstrap: \"k:9092\", topic: t, tls: true, user: u,"
                + " password: \"first\", mechanism: plain }\n");
    String redis =
        Fixture.yaml("deliver:\n  redis: { url: \"rediss://u:first@r:6379\", stream: s }\n");
    for (String yaml : List.of(kafka, redis)) {
      String changed = yaml.replace("first", "other");

      assertThat(SameSources.same(sources(yaml), sources(yaml))).isTrue();
      assertThat(SameSources.same(sources(yaml), sources(changed))).isFalse();
    }
  }

  private List<ReceiverConfig.Source> sources(String yaml) {
    return ConfigReader.create().read(yaml, folder).sources();
  }
}
