package dev.gatehouse.redis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import redis.embedded.core.ExecutableProvider;

/** A real Redis on a free port, which writes what it must remember before it answers. */
final class RedisProcess implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Path folder;
  private final String executable;
  private final List<String> options;
  private final int port;
  private Process process;

  private RedisProcess(Path folder, List<String> options) {
    this.folder = folder;
    this.options = options;
    this.port = freePort();
    try {
      this.executable = ExecutableProvider.newJarResourceProvider().get().getPath();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    start();
  }

  /** Starts one that keeps its data in that folder. */
  static RedisProcess in(Path folder, String... options) {
    return new RedisProcess(folder, List.of(options));
  }

  int port() {
    return port;
  }

  String url() {
    return "redis://127.0.0.1:" + port;
  }

  void start() {
    List<String> command = new ArrayList<>(List.of(executable, "--port", String.valueOf(port)));
    Collections.addAll(command, "--bind", "127.0.0.1", "--dir", folder.toString());
    Collections.addAll(command, "--appendonly", "yes", "--appendfsync", "always", "--save", "");
    command.addAll(options);
    try {
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(Files.createTempFile(folder, "redis", ".log").toFile())
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Await.until("Redis answers", PATIENCE, this::answers);
  }

  /** Ends it without a word. */
  void kill() {
    process.destroyForcibly();
    Await.until("Redis is gone", PATIENCE, () -> !process.isAlive());
  }

  @Override
  public void close() {
    kill();
  }

  private boolean answers() {
    if (!process.isAlive()) {
      throw new IllegalStateException("Redis did not start, see " + folder);
    }
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(1_000);
      socket
          .getOutputStream()
          .write("PING\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      return socket.getInputStream().read() == '+';
    } catch (IOException notYet) {
      return false;
    }
  }

  // Below those that the system gives to whoever asks for any: nobody is given it between this look
  // and Redis, nor while Redis is restarted.
  private static int freePort() {
    for (int attempt = 0; attempt < 100; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(10_000, 32_000);
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (IOException taken) {
        // then another
      }
    }
    throw new IllegalStateException("no port is free");
  }
}
