package dev.gatehouse.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A {@code gatehouse serve} that runs in this process until it is closed. */
final class ServedReceiver implements AutoCloseable {
  private volatile String out = "";
  private final CompletableFuture<Runnable> stop = new CompletableFuture<>();
  private final CompletableFuture<Void> said = new CompletableFuture<>();
  private final CompletableFuture<Integer> status;
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private ServedReceiver(Path folder, Map<String, String> environment, String... options) {
    CommandRun surroundings = new CommandRun().in(folder);
    environment.forEach(surroundings::env);
    Terminal base = surroundings.terminal(new ByteArrayOutputStream(), err, stop::complete);
    Terminal terminal =
        new Terminal(
            base.in(),
            new PrintStream(new Watched(), false, StandardCharsets.UTF_8),
            base.err(),
            base.folder(),
            base.environment(),
            base.clock(),
            base.signals());
    String[] line = new String[options.length + 1];
    line[0] = "serve";
    System.arraycopy(options, 0, line, 1, options.length);
    status =
        CompletableFuture.supplyAsync(() -> Gatehouse.run(terminal, line))
            .whenComplete((ended, failure) -> said.complete(null));
  }

  static ServedReceiver in(Path folder, String... options) {
    return in(folder, Map.of(), options);
  }

  static ServedReceiver in(Path folder, Map<String, String> environment, String... options) {
    ServedReceiver served = new ServedReceiver(folder, environment, options);
    served.said.orTimeout(60, TimeUnit.SECONDS).join();
    return served;
  }

  String out() {
    return out;
  }

  String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  /** What stands behind that word at the beginning of a line. */
  String after(String word) {
    return out()
        .lines()
        .filter(line -> line.startsWith(word))
        .map(line -> line.substring(word.length()).strip())
        .findFirst()
        .orElseThrow(
            () -> new AssertionError("no line begins with " + word + ":\n" + out() + err()));
  }

  /** The arguments of the command that it printed. */
  String[] sendCommand() {
    String line =
        out()
            .lines()
            .map(String::strip)
            .filter(l -> l.startsWith("./gatehouse send"))
            .findFirst()
            .orElseThrow();
    return List.of(line.split(" ")).stream()
        .skip(1)
        .map(word -> word.replace("'", ""))
        .toArray(String[]::new);
  }

  int stop() {
    stop.orTimeout(60, TimeUnit.SECONDS).join().run();
    return status.orTimeout(60, TimeUnit.SECONDS).join();
  }

  int status() {
    return status.orTimeout(60, TimeUnit.SECONDS).join();
  }

  @Override
  public void close() {
    if (!status.isDone()) {
      stop();
    }
  }

  private final class Watched extends OutputStream {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Override
    public void write(int b) {
      bytes.write(b);
    }

    @Override
    public void flush() throws IOException {
      out = bytes.toString(StandardCharsets.UTF_8);
      if (out.contains("Ctrl-C")) {
        said.complete(null);
      }
    }
  }
}
