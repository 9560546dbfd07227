package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Receivers are killed under load, at moments that nobody chose. Whatever was acknowledged takes
 * effect; what takes effect twice does so as the same delivery, at another attempt.
 *
 * <p>{@code -Dgatehouse.killRounds=50} for a longer run, {@code -Dgatehouse.killMinutes=10} for an
 * end to it.
 */
class KillNineIT {
  private static final int ROUNDS = Integer.getInteger("gatehouse.killRounds", 4);
  private static final long MOST_NANOS =
      TimeUnit.MINUTES.toNanos(Integer.getInteger("gatehouse.killMinutes", 600));
  private static final int MOST_MILLIS = 400;

  @TempDir Path folder;
  private final SplittableRandom random = new SplittableRandom();

  @Test
  void acknowledged_onSqlite_takesEffectInSpiteOfKillNine() throws Exception {
    run("SQLite, one receiver", "store: { path: ./data/inbox.db }", 1);
  }

  @Test
  void acknowledged_onPostgresWithTwoReceivers_takesEffectInSpiteOfKillNine() throws Exception {
    PostgresAddress address = PostgresServer.newSchema();
    String store =
        "store: { kind: postgres, url: \"" + address.url() + "\", user: " + address.user() + " }";
    run("PostgreSQL, two receivers", store, 2);
  }

  private void run(String what, String store, int receivers) throws Exception {
    List<Victim> victims = new ArrayList<>();
    int killed = 0;
    int rounds = 0;
    CrashingSenders senders = new CrashingSenders();
    try (Ledger ledger = new Ledger()) {
      Path file = folder.resolve("gatehouse.yaml");
      Files.writeString(file, yaml(store, ledger.url()));
      for (int i = 0; i < receivers; i++) {
        victims.add(Victim.start(file));
      }
      long begun = System.nanoTime();
      for (; rounds < ROUNDS && System.nanoTime() - begun < MOST_NANOS; rounds++) {
        senders.sendTo(hooks(victims));
        senders.awaitAcknowledged(150);
        // not a wait for something to happen: the moment of death is what varies
        TimeUnit.MILLISECONDS.sleep(random.nextInt(MOST_MILLIS));
        killed += kill(victims, senders);
        System.out.printf(
            Locale.ROOT,
            "kill -9, %s: round %d, %d acknowledged%n",
            what,
            rounds + 1,
            senders.acknowledged.size());
        restart(victims, file);
      }
      senders.end();
      awaitEffects(senders, ledger);
      report(what, rounds, killed, senders, ledger);
      assertThat(senders.acknowledged).isNotEmpty();
      assertThat(ledger.sent()).containsAll(senders.acknowledged);
      assertThat(senders.sent).containsAll(ledger.sent());
      assertThat(ledger.underTwoIds()).isZero();
      assertThat(ledger.twiceInOneAttempt()).isZero();
    } finally {
      senders.end();
      for (Victim victim : victims) {
        victim.kill();
      }
    }
  }

  private static String yaml(String store, String destination) {
    return Fixture.yaml(
            "deliver: { to: \""
                + destination
                + "\", timeout: 1s, concurrency: 16, retry: { attempts: 30, firstDelay: 100ms } }")
        .replace("store: { path: ./data/inbox.db }", store);
  }

  private static List<URI> hooks(List<Victim> victims) {
    return victims.stream().map(Victim::hook).toList();
  }

  /** Kills one, or now and then all of them at once. */
  private int kill(List<Victim> victims, CrashingSenders senders) throws InterruptedException {
    boolean all = random.nextInt(4) == 0;
    List<Victim> doomed =
        all ? List.copyOf(victims) : List.of(victims.get(random.nextInt(victims.size())));
    for (Victim victim : doomed) {
      victim.kill();
    }
    senders.sendTo(hooks(victims.stream().filter(Victim::isAlive).toList()));
    return doomed.size();
  }

  private static void restart(List<Victim> victims, Path file) throws Exception {
    for (int i = 0; i < victims.size(); i++) {
      if (!victims.get(i).isAlive()) {
        victims.set(i, Victim.start(file));
      }
    }
  }

  // A lease of the dead lasts a while on a database that others share.
  private static void awaitEffects(CrashingSenders senders, Ledger ledger) {
    Awaited.within(
        180,
        "all that was acknowledged takes effect",
        () -> ledger.sent().containsAll(senders.acknowledged));
  }

  private static void report(
      String what, int rounds, int killed, CrashingSenders senders, Ledger ledger) {
    long lost = senders.acknowledged.stream().filter(id -> !ledger.sent().contains(id)).count();
    System.out.printf(
        Locale.ROOT,
        "kill -9, %s: %d rounds, %d killed, %d sent, %d acknowledged (%d of them as duplicates),"
            + " %d lost, %d effects repeated (the same delivery, another attempt), %d under two"
            + " ids, %d twice in one attempt%n",
        what,
        rounds,
        killed,
        senders.sent.size(),
        senders.acknowledged.size(),
        senders.duplicates.get(),
        lost,
        ledger.repeated(),
        ledger.underTwoIds(),
        ledger.twiceInOneAttempt());
  }
}
