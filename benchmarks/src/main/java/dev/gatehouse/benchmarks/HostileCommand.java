package dev.gatehouse.benchmarks;

import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.core.StrictJson;
import dev.gatehouse.webhook.Verification;
import dev.gatehouse.webhook.WebhookRequest;
import dev.gatehouse.webhook.WebhookVerifier;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.Schemes;
import dev.gatehouse.webhook.scheme.ValueSource;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How long it takes to refuse a signature of 5,000 entries and one of 64 kB, for every scheme of
 * the catalogue, told for each grammar and place; in the thread's own time, since a shared machine
 * may take the processor away for longer than all of it.
 */
@Command(
    name = "hostile",
    mixinStandardHelpOptions = true,
    description = {
      "One verification of 5,000 signature entries, and of 64 kB in their place, by every scheme.",
      "Exit status 1 if one was not refused, or took longer than the limit."
    })
final class HostileCommand implements Callable<Integer> {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final int WARM_UP = 20;
  private static final double LIMIT_MILLIS = 50;

  @Option(
      names = "--rounds",
      defaultValue = "50",
      description = "Verifications a scheme (${DEFAULT-VALUE}).")
  private int rounds;

  /** The schemes of one grammar and place. */
  private static final class Kind {
    final List<Double> first = new ArrayList<>();
    final List<Double> millis = new ArrayList<>();
    int schemes;
    String slowest = "";
    double slowestMillis;
  }

  @Override
  public Integer call() {
    Map<String, Kind> kinds = new TreeMap<>();
    List<String> wrong = new ArrayList<>();
    for (Scheme scheme : Schemes.all()) {
      Scheme.Vector good =
          scheme.vectors().stream()
              .filter(vector -> vector.outcome().equals("verified"))
              .findFirst()
              .orElseThrow();
      for (boolean entries : new boolean[] {true, false}) {
        Kind kind = kinds.computeIfAbsent(name(scheme, entries), key -> new Kind());
        measure(scheme, good, entries, kind, wrong);
      }
    }
    return print(kinds, wrong);
  }

  private void measure(
      Scheme scheme, Scheme.Vector good, boolean entries, Kind kind, List<String> wrong) {
    WebhookVerifier verifier = verifier(scheme, good);
    WebhookRequest request = new HostileRequest(scheme.with(good.params()), good).with(entries);
    double most = 0;
    for (int round = 0; round < WARM_UP + rounds; round++) {
      long start = THREADS.getCurrentThreadCpuTime();
      Verification verdict = verifier.verify(request);
      double took = (THREADS.getCurrentThreadCpuTime() - start) / 1e6;
      if (!(verdict instanceof Verification.Rejected)) {
        wrong.add(scheme.name() + " let it in");
        return;
      }
      if (round == 0) {
        kind.first.add(took);
      } else if (round >= WARM_UP) {
        kind.millis.add(took);
        most = Math.max(most, took);
      }
    }
    kind.schemes++;
    if (most > kind.slowestMillis) {
      kind.slowestMillis = most;
      kind.slowest = scheme.name();
    }
    if (most > LIMIT_MILLIS) {
      wrong.add(scheme.name() + " took " + Table.millis(most));
    }
  }

  private int print(Map<String, Kind> kinds, List<String> wrong) {
    Table table =
        new Table("signature of", "schemes", "first, at most", "min", "median", "max", "by");
    kinds.forEach(
        (name, kind) -> {
          double[] millis = kind.millis.stream().mapToDouble(Double::doubleValue).toArray();
          table.row(
              name,
              Table.count(kind.schemes),
              Table.millis(kind.first.stream().mapToDouble(Double::doubleValue).max().orElse(0)),
              Table.millis(Arrays.stream(millis).min().orElse(0)),
              Table.millis(Medians.of(millis)),
              Table.millis(kind.slowestMillis),
              kind.slowest);
        });
    table.print();
    System.out.println(
        "limit: " + Table.millis(LIMIT_MILLIS) + " of the thread's time, each a rejection");
    wrong.forEach(System.out::println);
    return wrong.isEmpty() ? 0 : 1;
  }

  private static String name(Scheme scheme, boolean entries) {
    ValueSource.Kind place = scheme.variants().get(0).places().get(0).in().kind();
    return StrictJson.nameOf(scheme.grammar().kind())
        + " in "
        + StrictJson.nameOf(place)
        + (entries ? ", 5,000 entries" : ", 64 kB");
  }

  private static WebhookVerifier verifier(Scheme scheme, Scheme.Vector good) {
    List<Secret> secrets = new ArrayList<>();
    good.secrets().forEach(text -> secrets.add(Secret.of("own-" + secrets.size(), text)));
    WebhookVerifier.Builder builder =
        WebhookVerifier.builder(scheme)
            .secrets(SecretSource.of(secrets.toArray(Secret[]::new)))
            .clock(InstantSource.fixed(now(good.now())));
    good.params().forEach(builder::param);
    return builder.build();
  }

  private static Instant now(String text) {
    if (text.isEmpty()) {
      return Instant.EPOCH;
    }
    boolean seconds = text.chars().allMatch(Character::isDigit);
    return seconds ? Instant.ofEpochSecond(Long.parseLong(text)) : Instant.parse(text);
  }
}
