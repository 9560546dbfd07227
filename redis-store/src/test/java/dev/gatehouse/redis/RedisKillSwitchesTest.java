package dev.gatehouse.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.KillSwitch;
import dev.gatehouse.core.KillSwitch.Engaged;
import dev.gatehouse.core.KillSwitch.Kind;
import dev.gatehouse.testkit.TcpProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RedisKillSwitchesTest {
  /** A node: its door's switches, and its panel. */
  private record Node(RedisNode redis, KillSwitch doors, RedisKillSwitches panel)
      implements AutoCloseable {
    static Node at(int port) {
      RedisNode redis = RedisNode.at(port);
      KillSwitch doors = KillSwitch.create(InstantSource.system());
      return new Node(redis, doors, Await.get(redis.store().killSwitches(doors)));
    }

    boolean stops(String source) {
      return doors.stops(Kind.SOURCE, source);
    }

    @Override
    public void close() {
      redis.close();
    }
  }

  @TempDir Path folder;

  private RedisProcess redis;
  private TcpProxy network;
  private Node a;
  private Node b;

  @BeforeEach
  void start() {
    redis = RedisProcess.in(folder);
    network = TcpProxy.to(redis.port());
    a = Node.at(redis.port());
    b = Node.at(network.port());
  }

  @AfterEach
  void stop() {
    network.heal();
    b.close();
    a.close();
    network.close();
    redis.close();
  }

  @Test
  void engage_onOneNode_stopsOnAllWithinASecond() {
    Engaged engaged = Await.get(a.panel().engage(Kind.SOURCE, "github", "leaked key"));

    withinASecond(() -> b.stops("github"));
    assertThat(b.doors().engaged()).containsExactly(withMillis(engaged));
    assertThat(Await.get(b.panel().release(Kind.SOURCE, "github"))).isTrue();
    withinASecond(() -> !a.stops("github"));
    assertThat(b.stops("github")).isFalse();
  }

  @Test
  void engage_whileAnotherIsCutOff_reachesItWithinASecondOfItsReturn() {
    network.cut();
    Await.get(a.panel().engage(Kind.SOURCE, "github", "leaked key"));
    Await.get(a.panel().engage(Kind.SOURCE, "stripe", "leaked key"));
    Await.get(a.panel().release(Kind.SOURCE, "stripe"));
    assertThat(b.stops("github")).isFalse();

    Await.get(a.panel().engage(Kind.SOURCE, "last", "leaked key"));

    network.heal();

    // What was said in the meantime is heard in its order, so behind the last all of it is.
    withinASecond(() -> b.stops("last"));
    assertThat(b.stops("github")).isTrue();
    assertThat(b.stops("stripe")).isFalse();
  }

  @Test
  void engage_onlyTheWakingConnectionSilent_arrivesAllTheSame() {
    Await.get(
        a.redis()
            .store()
            .link()
            .ask(r -> r.clientKill(io.lettuce.core.KillArgs.Builder.typePubsub())));

    Await.get(a.panel().engage(Kind.SOURCE, "github", "leaked key"));

    withinASecond(() -> b.stops("github"));
  }

  @Test
  void engage_cutOffItself_stopsHereAtOnceAndTheOthersLater() {
    network.cut();
    Throwable told = Await.failure(b.panel().engage(Kind.SOURCE, "github", "leaked key"));

    assertThat(told).hasMessageContaining("engaged on this node");
    assertThat(b.stops("github")).isTrue();
    assertThat(a.stops("github")).isFalse();
    network.heal();
    Await.until("the others hear it", Duration.ofSeconds(20), () -> a.stops("github"));
    assertThat(b.stops("github")).isTrue();
  }

  @Test
  void release_cutOff_failsAndChangesNothing() {
    Await.get(b.panel().engage(Kind.SOURCE, "github", "leaked key"));
    network.cut();

    assertThat(Await.failure(b.panel().release(Kind.SOURCE, "github"))).isNotNull();
    assertThat(b.stops("github")).isTrue();
  }

  @Test
  void engage_twice_keepsTheFirst() {
    Engaged first = Await.get(a.panel().engage(Kind.TENANT, "acme", "first"));
    withinASecond(() -> b.doors().stops(Kind.TENANT, "acme"));

    Await.get(b.panel().engage(Kind.TENANT, "acme", "second"));

    assertThat(b.doors().engaged()).containsExactly(withMillis(first));
  }

  @Test
  void killSwitches_nodeStartedLater_knowsWhatIsEngaged() {
    Await.get(a.panel().engage(Kind.SOURCE, "git hub", "leaked key"));

    try (Node late = Node.at(redis.port())) {
      assertThat(late.stops("git hub")).isTrue();
    }
  }

  @Test
  void killSwitches_redisKilledAndStarted_stayEngaged() {
    Await.get(a.panel().engage(Kind.SOURCE, "github", "leaked key"));
    redis.kill();
    assertThat(a.stops("github")).isTrue();
    redis.start();

    try (Node late = Node.at(redis.port())) {
      assertThat(late.stops("github")).isTrue();
      Await.until(
          "the others are back",
          Duration.ofSeconds(30),
          () -> Await.failure(a.panel().engage(Kind.SOURCE, "stripe", "too")) == null);
      withinASecond(() -> late.stops("stripe") && b.stops("stripe"));
    }
  }

  @Test
  void killSwitches_redisLostItsData_areToldToItAgain() {
    Await.get(a.panel().engage(Kind.SOURCE, "github", "leaked key"));
    withinASecond(() -> b.stops("github"));

    a.redis().flush();

    Await.until("it is in Redis again", Duration.ofSeconds(30), this::newNodeStops);
    assertThat(a.stops("github")).isTrue();
    assertThat(b.stops("github")).isTrue();
  }

  @Test
  void killSwitches_redisLostItsDataAndCountsAsFarAgain_areToldToItAgain() {
    Await.get(a.panel().engage(Kind.SOURCE, "github", "leaked key"));
    withinASecond(() -> b.stops("github"));

    a.redis().flush();
    Await.get(a.redis().store().signals().announceReload());

    Await.until("it is in Redis again", Duration.ofSeconds(30), this::newNodeStops);
    assertThat(b.stops("github")).isTrue();
  }

  @Test
  void engage_afterARestartThatLostTheLatestNumber_reachesWhoKnewIt() throws IOException {
    Await.get(a.panel().engage(Kind.SOURCE, "stripe", "too"));
    withinASecond(() -> b.stops("stripe"));
    Map<Path, byte[]> written = written();
    Await.get(a.panel().engage(Kind.SOURCE, "github", "leaked key"));
    withinASecond(() -> b.stops("github"));
    network.cut();
    a.close();
    redis.kill();
    written.forEach(RedisKillSwitchesTest::write);
    redis.start();
    a = Node.at(redis.port());

    // It gets the number that was lost, before the one who knew that has looked.
    Await.get(a.panel().engage(Kind.SOURCE, "last", "leaked key"));
    assertThat(a.stops("github")).isFalse();
    network.heal();

    withinASecond(() -> b.stops("last"));
    assertThat(b.stops("stripe")).isTrue();
    assertThat(b.stops("github")).isTrue();
    withinASecond(() -> a.stops("github"));
  }

  @Test
  void release_beforeARestartThatLostNothing_reachesWhoWasCutOff() {
    Await.get(a.panel().engage(Kind.SOURCE, "github", "leaked key"));
    withinASecond(() -> b.stops("github"));
    network.cut();
    Await.get(a.panel().release(Kind.SOURCE, "github"));
    a.close();
    redis.kill();
    redis.start();
    a = Node.at(redis.port());
    network.heal();

    withinASecond(() -> !b.stops("github"));
    assertThat(a.stops("github")).isFalse();
  }

  /** What Redis has on its disk. */
  private Map<Path, byte[]> written() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> Files.isRegularFile(file) && file.toString().contains("appendonly"))
          .collect(Collectors.toMap(file -> file, RedisKillSwitchesTest::read));
    }
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(Path file, byte[] bytes) {
    try {
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean newNodeStops() {
    try (Node late = Node.at(redis.port())) {
      return late.stops("github");
    }
  }

  @Test
  void killSwitches_moreMissedThanTheLogKeeps_areReadWhole() {
    network.cut();
    for (int i = 0; i < 300; i++) {
      Await.get(a.panel().engage(Kind.SOURCE, "s" + i % 3, "flapping"));
      Await.get(a.panel().release(Kind.SOURCE, "s" + i % 3));
    }
    Await.get(a.panel().engage(Kind.SOURCE, "github", "leaked key"));
    Await.get(
        a.redis()
            .store()
            .link()
            .ask(r -> r.xtrim(RedisLink.bytes("gatehouse:signals:log"), false, 1)));

    network.heal();

    withinASecond(() -> b.stops("github"));
    assertThat(b.doors().engaged()).hasSize(1);
  }

  @Test
  void killSwitches_missedInALogThatIsGone_areReadWhole() {
    network.cut();
    Await.get(a.panel().engage(Kind.SOURCE, "github", "leaked key"));
    forget("gatehouse:signals:log");

    network.heal();

    withinASecond(() -> b.stops("github"));
  }

  @Test
  void engage_afterTheNumberIsGone_reachesTheOthers() {
    Await.get(a.panel().engage(Kind.SOURCE, "github", "leaked key"));
    withinASecond(() -> b.stops("github"));
    forget("gatehouse:signals:number");

    Await.get(a.panel().engage(Kind.SOURCE, "stripe", "too"));

    withinASecond(() -> b.stops("stripe"));
    assertThat(b.stops("github")).isTrue();
  }

  /** As a Redis does that makes room. */
  private void forget(String key) {
    Await.get(a.redis().store().link().ask(r -> r.del(RedisLink.bytes(key))));
  }

  @Test
  void killSwitch_engagedOnOneNodeAlone_isLeftToIt() {
    b.doors().engage(Kind.SOURCE, "local", "only here");
    Await.get(a.panel().engage(Kind.SOURCE, "github", "leaked key"));
    withinASecond(() -> b.stops("github"));

    assertThat(a.stops("local")).isFalse();
    assertThat(b.stops("local")).isTrue();
  }

  @Test
  void reload_announced_reachesTheOthersOnceAndAlsoLater() {
    AtomicInteger here = new AtomicInteger();
    AtomicInteger there = new AtomicInteger();
    a.redis().store().signals().onReload(here::incrementAndGet);
    b.redis().store().signals().onReload(there::incrementAndGet);

    Await.get(a.redis().store().signals().announceReload());
    withinASecond(() -> there.get() == 1);
    network.cut();
    Await.get(a.redis().store().signals().announceReload());
    Await.get(a.redis().store().signals().announceReload());
    network.heal();

    withinASecond(() -> there.get() == 2);
    assertThat(here).hasValue(0);
  }

  private static void withinASecond(BooleanSupplier condition) {
    // A second is the promise; the rest is for a machine that has others to serve.
    Await.until("heard", Duration.ofSeconds(15), condition);
  }

  private static Engaged withMillis(Engaged engaged) {
    return new Engaged(
        engaged.target(),
        engaged.reason(),
        engaged.since().truncatedTo(java.time.temporal.ChronoUnit.MILLIS));
  }
}
