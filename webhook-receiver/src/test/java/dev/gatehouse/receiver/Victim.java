package dev.gatehouse.receiver;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A receiver in a process of its own, to be killed without a word of warning. */
final class Victim {
  private final Process process;
  private final URI hook;

  private Victim(Process process, URI hook) {
    this.process = process;
    this.hook = hook;
  }

  /** Runs in the process. */
  public static void main(String[] arguments) {
    Path file = Path.of(arguments[0]);
    Receiver receiver = Receiver.builder(ConfigReader.create().read(file)).build();
    receiver
        .start()
        .onSuccess(started -> System.out.println("PORT " + started.publicPort()))
        .onFailure(
            failure -> {
              failure.printStackTrace(System.out);
              System.exit(2);
            });
  }

  static Victim start(Path file) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                Victim.class.getName(),
                file.toString())
            .redirectErrorStream(true)
            .start();
    try {
      return new Victim(process, URI.create("http://127.0.0.1:" + port(process) + "/hooks/hook"));
    } catch (IOException | RuntimeException | Error e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private static int port(Process process) throws IOException {
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    StringBuilder seen = new StringBuilder();
    String line = out.readLine();
    while (line != null) {
      if (line.startsWith("PORT ")) {
        drain(out);
        return Integer.parseInt(line.substring(5));
      }
      seen.append(line).append('\n');
      line = out.readLine();
    }
    throw new AssertionError("the receiver did not start:\n" + seen);
  }

  // A process whose output nobody reads stops when the pipe is full.
  private static void drain(BufferedReader out) {
    Thread reader =
        new Thread(
            () -> {
              try {
                while (out.readLine() != null) {
                  // what a process says while it is killed is of no interest
                }
              } catch (IOException e) {
                return;
              }
            });
    reader.setDaemon(true);
    reader.start();
  }

  URI hook() {
    return hook;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** SIGKILL. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      throw new AssertionError("a killed process lives on");
    }
  }
}
