package dev.gatehouse.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A day in minutes: whether memory, handles and file stay what they are. */
@Command(
    name = "soak",
    mixinStandardHelpOptions = true,
    description = {
      "Replays a day's traffic at the receiver, whose clock runs so much faster: deliveries, some of"
          + " them twice, forged ones, and a destination that comes and goes. Prints memory, handles"
          + " and the size of the database over time, and whether they grow.",
      "Ends with 1 if they do, or if a delivery that was acknowledged did not arrive."
    })
final class SoakCommand implements Callable<Integer> {
  private static final Duration DAY = Duration.ofHours(24);

  // Until then retention has not removed as much as comes in, and the JVM is not warm.
  private static final double SETTLED = 0.3;

  @Option(names = "--minutes", defaultValue = "20", description = "(${DEFAULT-VALUE})")
  private int minutes;

  @Option(
      names = "--rate",
      defaultValue = "200",
      description = "Requests a second (${DEFAULT-VALUE}).")
  private int rate;

  @Option(
      names = "--every",
      defaultValue = "15",
      description = "Seconds between looks (${DEFAULT-VALUE}).")
  private int every;

  private final List<Double> times = new ArrayList<>();
  private final List<Double> rss = new ArrayList<>();
  private final List<Double> heap = new ArrayList<>();
  private final List<Double> handles = new ArrayList<>();
  private final List<Double> file = new ArrayList<>();

  @Override
  public Integer call() throws IOException, InterruptedException {
    double speed = (double) DAY.toSeconds() / (minutes * 60L);
    Path folder = Files.createTempDirectory(Path.of("benchmarks", "target"), "soak");
    try (FlappingDestination destination = FlappingDestination.start();
        ServerProcess receiver =
            ServerProcess.start(
                List.of("-Xmx256m"),
                "soak",
                folder.toString(),
                Integer.toString(destination.port()),
                Double.toString(speed))) {
      return measure(receiver, destination, folder, speed);
    } finally {
      Folders.delete(folder);
    }
  }

  private int measure(
      ServerProcess receiver, FlappingDestination destination, Path folder, double speed)
      throws IOException, InterruptedException {
    SoakTraffic traffic = SoakTraffic.start(receiver.address(), rate, speed);
    System.out.printf(
        Locale.ROOT,
        "%8s %10s %10s %10s %10s %12s%n",
        "minute",
        "RSS",
        "heap",
        "handles",
        "file",
        "sent");
    long begun = System.nanoTime();
    long end = begun + Duration.ofMinutes(minutes).toNanos();
    while (System.nanoTime() < end) {
      Thread.sleep(Duration.ofSeconds(every).toMillis());
      look(receiver, folder, (System.nanoTime() - begun) / 60e9, traffic.sent());
    }
    SoakTraffic.Result sent = traffic.stop();
    destination.stayUp();
    long missing = awaitAll(destination, sent);
    System.out.println(sent.report());
    System.out.printf(
        Locale.ROOT,
        "destination: %,d deliveries arrived, %,d arrivals in all, %,d refused or left hanging;"
            + " acknowledged and not arrived: %,d%n",
        destination.distinct(),
        destination.arrivals(),
        destination.failures(),
        missing);
    boolean[] flat = {
      verdict("RSS", "MB", rss, 16),
      verdict("heap after GC", "MB", heap, 8),
      verdict("handles", "", handles, 8),
      verdict("file", "MB", file, 8)
    };
    boolean all = flat[0] && flat[1] && flat[2] && flat[3];
    return all && missing == 0 && sent.wrong() == 0 ? 0 : 1;
  }

  private static long awaitAll(FlappingDestination destination, SoakTraffic.Result sent)
      throws InterruptedException {
    long giveUp = System.nanoTime() + Duration.ofMinutes(3).toNanos();
    while (destination.distinct() < sent.fresh() && System.nanoTime() < giveUp) {
      Thread.sleep(200);
    }
    return Math.max(0, sent.fresh() - destination.distinct());
  }

  private void look(ServerProcess receiver, Path folder, double minute, long sent)
      throws IOException {
    times.add(minute);
    heap.add(receiver.heapInUse() / 1e6);
    rss.add(status(receiver, "VmRSS:") / 1e3);
    handles.add((double) count(Path.of("/proc/" + receiver.pid() + "/fd")));
    file.add((size(folder, "inbox.db") + size(folder, "inbox.db-wal")) / 1e6);
    int last = times.size() - 1;
    System.out.printf(
        Locale.ROOT,
        "%8.2f %7.1f MB %7.1f MB %10.0f %7.1f MB %,12d%n",
        minute,
        rss.get(last),
        heap.get(last),
        handles.get(last),
        file.get(last),
        sent);
  }

  private static double status(ServerProcess process, String key) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
        .filter(line -> line.startsWith(key))
        .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")))
        .findFirst()
        .orElse(Double.NaN);
  }

  private static long count(Path folder) throws IOException {
    try (var entries = Files.list(folder)) {
      return entries.count();
    }
  }

  private static long size(Path folder, String name) throws IOException {
    Path path = folder.resolve("data").resolve(name);
    return Files.exists(path) ? Files.size(path) : 0;
  }

  /** Fits a line to what came after the first part; flat if it rises by less than a tenth. */
  private boolean verdict(String name, String unit, List<Double> values, double least) {
    int from = (int) (times.size() * SETTLED);
    List<Double> x = times.subList(from, times.size());
    List<Double> y = values.subList(from, values.size());
    double slope = slope(x, y);
    double growth = slope * (x.get(x.size() - 1) - x.get(0));
    double median = y.stream().sorted().skip(y.size() / 2).findFirst().orElse(0.0);
    boolean flat = growth < Math.max(least, median / 10);
    System.out.printf(
        Locale.ROOT,
        "%-14s median %8.1f %-3s slope %+8.3f a minute, %+7.1f over the window: %s%n",
        name,
        median,
        unit,
        slope,
        growth,
        flat ? "flat" : "NOT FLAT");
    return flat;
  }

  private static double slope(List<Double> x, List<Double> y) {
    double meanX = x.stream().mapToDouble(d -> d).average().orElse(0);
    double meanY = y.stream().mapToDouble(d -> d).average().orElse(0);
    double above = 0;
    double below = 0;
    for (int i = 0; i < x.size(); i++) {
      above += (x.get(i) - meanX) * (y.get(i) - meanY);
      below += (x.get(i) - meanX) * (x.get(i) - meanX);
    }
    return below == 0 ? 0 : above / below;
  }
}
