package dev.gatehouse.cli;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What became of requests that were sent: their statuses, failures and latencies. */
final class SendReport {
  private final int count;
  private final Map<Integer, Integer> statuses = new TreeMap<>();
  private final Map<String, Integer> failures = new TreeMap<>();
  private long[] nanos = new long[64];
  private int answers;
  private String lastId = "";
  private long began;
  private long took;

  SendReport(int count) {
    this.count = count;
  }

  void begin() {
    began = System.nanoTime();
  }

  void end() {
    took = System.nanoTime() - began;
  }

  void answered(int status, String id, long latency) {
    statuses.merge(status, 1, Integer::sum);
    if (answers == nanos.length) {
      nanos = Arrays.copyOf(nanos, answers * 2);
    }
    nanos[answers++] = latency;
    lastId = id;
  }

  void failed(String reason) {
    failures.merge(reason, 1, Integer::sum);
  }

  int answers() {
    return answers;
  }

  /** Whether every request was answered with 2xx. */
  boolean isAllAccepted() {
    return failures.isEmpty()
        && answers == count
        && statuses.keySet().stream().allMatch(s -> s >= 200 && s < 300);
  }

  void print(Terminal terminal, boolean json) {
    Arrays.sort(nanos, 0, answers);
    if (json) {
      terminal.print(Json.line(toMap()));
      return;
    }
    double seconds = took / 1e9;
    terminal.print(
        "sent " + count + " in " + decimal(seconds) + " s" + (count > 1 ? rate() : ", " + lastId));
    Table table = new Table();
    statuses.forEach((status, times) -> table.row("status " + status, times.toString()));
    failures.forEach((reason, times) -> table.row(reason, times.toString()));
    table.lines().forEach(terminal::print);
    if (answers > 0) {
      StringBuilder line = new StringBuilder("latency");
      latencies().forEach((name, ms) -> line.append("  ").append(name).append(' ').append(ms));
      terminal.print(line + "  (ms)");
    }
  }

  private String rate() {
    return ", " + Math.round(count / Math.max(took / 1e9, 1e-9)) + "/s";
  }

  private Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("count", count);
    map.put("seconds", Math.round(took / 1e6) / 1000.0);
    map.put("statuses", statuses);
    map.put("failures", failures);
    Map<String, Double> latency = new LinkedHashMap<>();
    if (answers > 0) {
      latencies().forEach((name, ms) -> latency.put(name, Double.valueOf(ms)));
    }
    map.put("latency_ms", latency);
    return map;
  }

  private Map<String, String> latencies() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("min", millis(nanos[0]));
    all.put("p50", millis(percentile(50)));
    all.put("p95", millis(percentile(95)));
    all.put("p99", millis(percentile(99)));
    all.put("max", millis(nanos[answers - 1]));
    return all;
  }

  // The nearest rank: a latency that was measured, not one between two.
  private long percentile(int percent) {
    long rank = ((long) percent * answers + 99) / 100;
    return nanos[(int) Math.max(0, rank - 1)];
  }

  private static String millis(long nanos) {
    return decimal(nanos / 1e6);
  }

  private static String decimal(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }
}
