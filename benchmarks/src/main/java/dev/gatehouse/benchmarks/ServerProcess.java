package dev.gatehouse.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A server in a process of its own, which ends when this object is closed or this process ends. */
final class ServerProcess implements AutoCloseable {
  private final Process process;
  private final BufferedReader lines;
  private final OutputStream commands;
  private final InetSocketAddress address;

  private ServerProcess(Process process) throws IOException {
    this.process = process;
    this.lines = process.inputReader(UTF_8);
    this.commands = process.getOutputStream();
    this.address =
        new InetSocketAddress(
            InetAddress.getLoopbackAddress(), Integer.parseInt(read("listening")));
  }

  /** Starts one of the servers of {@link BenchmarkServer} on this JVM's class path. */
  static ServerProcess start(List<String> jvmOptions, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(jvmOptions);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(BenchmarkServer.class.getName());
    command.addAll(List.of(arguments));
    return new ServerProcess(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  private String read(String word) throws IOException {
    String line = lines.readLine();
    if (line == null || !line.startsWith(word + " ")) {
      process.destroyForcibly();
      throw new IOException("the server said '" + line + "' instead of '" + word + " …'");
    }
    return line.substring(word.length() + 1);
  }

  InetSocketAddress address() {
    return address;
  }

  long pid() {
    return process.pid();
  }

  /** The CPU time that the process has used. */
  Duration cpuTime() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /** The bytes that are in use on the server's heap after a collection. */
  long heapInUse() throws IOException {
    return ask("heap");
  }

  /** The port of a receiver's management API. */
  int managementPort() throws IOException {
    return Math.toIntExact(ask("management"));
  }

  private long ask(String word) throws IOException {
    tell(word);
    return Long.parseLong(read(word));
  }

  /** Gives a command that is not answered. */
  void tell(String command) throws IOException {
    commands.write((command + "\n").getBytes(UTF_8));
    commands.flush();
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
