package dev.gatehouse.benchmarks;

import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.events.DecisionProbe;
import dev.gatehouse.events.MatchingProbe;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What the hub does for each event before anything is written: matching, deciding, cursors. */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class EventsBenchmark {
  /** 100,000 subscriptions in 1,000 tenants. */
  @State(Scope.Thread)
  public static class Thousand {
    private final MatchingProbe probe = new MatchingProbe(1_000, 10);
  }

  /** Ten times the tenants, with as many subscriptions in all. */
  @State(Scope.Thread)
  public static class Spread {
    private final MatchingProbe probe = new MatchingProbe(10_000, 1);
  }

  /** Ten times the tenants, with as many subscriptions each: 1,000,000. */
  @State(Scope.Thread)
  public static class TenThousand {
    private final MatchingProbe probe = new MatchingProbe(10_000, 10);
  }

  /** One principal and its events. */
  @State(Scope.Thread)
  public static class Deciding {
    private final DecisionProbe probe =
        new DecisionProbe(
            Principal.vouchedBy("benchmark", Principal.Kind.USER, "customer-3")
                .tenant(TenantId.of("acme"))
                .build());
  }

  /** An event that 10 subscriptions want. */
  @Benchmark
  public int match1000(Thousand state) {
    return tenOf(state.probe.match());
  }

  /** The same among ten times the tenants. */
  @Benchmark
  public int match10000(Spread state) {
    return tenOf(state.probe.match());
  }

  /** The same among ten times the tenants and ten times the subscriptions. */
  @Benchmark
  public int matchMillion(TenThousand state) {
    return tenOf(state.probe.match());
  }

  /** 1,000 tenants by two bare maps. */
  @Benchmark
  public int maps1000(Thousand state) {
    return tenOf(state.probe.matchByMaps());
  }

  /** Ten times the tenants by two bare maps: how much of the growth is the machine's. */
  @Benchmark
  public int maps10000(Spread state) {
    return tenOf(state.probe.matchByMaps());
  }

  /** The same with ten times the subscriptions. */
  @Benchmark
  public int mapsMillion(TenThousand state) {
    return tenOf(state.probe.matchByMaps());
  }

  /** The same by a list with an {@code if} for the tenant. */
  @Benchmark
  public int list1000(Thousand state) {
    return tenOf(state.probe.matchByList());
  }

  private static int tenOf(int found) {
    if (found != 10) {
      throw new IllegalStateException("10 subscriptions want the event, and " + found + " got it");
    }
    return found;
  }

  /** A decision from the cache. */
  @Benchmark
  public boolean decisionCached(Deciding state) {
    return state.probe.cached();
  }

  /** The same by asking the policy. */
  @Benchmark
  public boolean decisionAsked(Deciding state) {
    return state.probe.asked();
  }

  /** A cursor, as each delivery may want one. */
  @Benchmark
  public String cursor(Deciding state) {
    return state.probe.cursor();
  }
}
