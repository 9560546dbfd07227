package dev.gatehouse.webhook;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A real nginx before a server of a test; whoever has none installs Debian's nginx-light. */
final class Nginx implements AutoCloseable {
  private final Process process;
  private final int port;

  private Nginx(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Where it is installed; empty if it is not. */
  static Optional<Path> binary() {
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("") + ":/usr/sbin";
    return Stream.of(path.split(File.pathSeparator))
        .map(folder -> Path.of(folder, "nginx"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Starts one whose {@code /kept} goes on as it is, and whose {@code /outside/x} as {@code /x}.
   *
   * @param upstream the port of the server behind it
   */
  static Nginx before(int upstream, Path folder) throws IOException, InterruptedException {
    int port = freePort();
    Path config = folder.resolve("nginx-" + port + ".conf");
    Files.writeString(config, config(port, upstream, folder));
    ProcessBuilder builder =
        new ProcessBuilder(
            binary().orElseThrow().toString(),
            "-p",
            folder.toString(),
            "-e",
            folder.resolve("error.log").toString(),
            "-c",
            config.toString());
    Process process =
        builder.redirectErrorStream(true).redirectOutput(folder.resolve("out").toFile()).start();
    Nginx nginx = new Nginx(process, port);
    nginx.awaitListening(folder);
    return nginx;
  }

  int port() {
    return port;
  }

  private static String config(int port, int upstream, Path folder) {
    String headers =
        """
              proxy_set_header Host $host;
              proxy_set_header X-Forwarded-For $remote_addr;
              proxy_set_header X-Forwarded-Host hooks.example.com;
              proxy_set_header X-Forwarded-Proto https;
        """;
    String temporary =
        Stream.of("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
            .map(name -> "  " + name + "_temp_path " + folder.resolve(name) + ";\n")
            .reduce("", String::concat);
    return """
    daemon off;
    master_process off;
    pid PID;
    events { worker_connections 64; }
    http {
      access_log off;
    TEMPORARY
      server {
        listen 127.0.0.1:PORT;
        location /kept/ {
    HEADERS
          proxy_pass http://127.0.0.1:UPSTREAM;
        }
        location /outside/ {
    HEADERS
          proxy_pass http://127.0.0.1:UPSTREAM/;
        }
      }
    }
    """
        .replace("PID", folder.resolve("pid-" + port).toString())
        .replace("TEMPORARY", temporary)
        .replace("HEADERS", headers)
        .replace("UPSTREAM", Integer.toString(upstream))
        .replace("PORT", Integer.toString(port));
  }

  // Below those that the system gives to whoever asks for any: nobody is given it between this look
  // and nginx.
  private static int freePort() throws IOException {
    for (int attempt = 0; attempt < 100; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(10_000, 32_000);
      try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return free.getLocalPort();
      } catch (IOException taken) {
        // then another
      }
    }
    throw new IOException("no port is free");
  }

  private void awaitListening(Path folder) throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (System.nanoTime() < end && !process.waitFor(20, TimeUnit.MILLISECONDS)) {
      if (listens()) {
        return;
      }
    }
    throw new IOException("nginx does not listen: " + Files.readString(folder.resolve("out")));
  }

  private boolean listens() {
    try {
      new Socket(InetAddress.getLoopbackAddress(), port).close();
      return true;
    } catch (IOException notYet) {
      return false;
    }
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().orTimeout(10, TimeUnit.SECONDS).join();
  }
}
