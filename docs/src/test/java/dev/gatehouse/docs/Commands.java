package dev.gatehouse.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A folder in which {@code ./gatehouse} is the command as this build has it. */
final class Commands {
  private final Path folder;

  private Commands(Path folder) {
    this.folder = folder;
  }

  static Commands in(Path folder) throws IOException {
    Path launcher = folder.resolve("gatehouse");
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Files.writeString(
        launcher,
        "#!/usr/bin/env bash\nexec '"
            + java
            + "' -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp '"
            + System.getProperty("java.class.path")
            + "' dev.gatehouse.cli.Gatehouse \"$@\"\n",
        StandardCharsets.UTF_8);
    assertThat(launcher.toFile().setExecutable(true)).isTrue();
    return new Commands(folder);
  }

  /** What the commands print; fails if they end with anything but the status. */
  String run(int status, String script) throws Exception {
    Path output = Files.createTempFile(folder, "output", ".txt");
    Process process =
        new ProcessBuilder("bash", "-c", "set -euo pipefail\n" + script)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    if (!process.waitFor(300, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      fail("the commands did not end:\n" + script);
    }
    String printed = Files.readString(output);
    assertThat(process.exitValue()).as(script + "\n" + printed).isEqualTo(status);
    return printed;
  }

  /** A server that was started, and what it printed until it was ready. */
  record Server(Process process, BufferedReader lines, String printed) implements AutoCloseable {
    /** The next line that begins so, if it comes within two minutes. */
    String readUntil(String beginning) throws Exception {
      return Commands.readUntil(lines, line -> line.startsWith(beginning), new StringBuilder());
    }

    String find(String pattern) {
      Matcher matcher = Pattern.compile(pattern).matcher(printed);
      assertThat(matcher.find()).as(pattern + " in\n" + printed).isTrue();
      return matcher.group(1);
    }

    @Override
    public void close() {
      process.destroy();
      try {
        if (process.waitFor(60, TimeUnit.SECONDS)) {
          return;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      process.destroyForcibly();
      fail("the server did not stop on SIGTERM");
    }
  }

  /** Starts a server and reads what it prints up to the line that says how to stop it. */
  Server serve(String arguments) throws Exception {
    Process process =
        new ProcessBuilder("bash", "-c", "exec ./gatehouse serve " + arguments)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    StringBuilder printed = new StringBuilder();
    readUntil(lines, line -> line.contains("Ctrl-C"), printed);
    return new Server(process, lines, printed.toString());
  }

  private static String readUntil(
      BufferedReader lines, Predicate<String> wanted, StringBuilder printed) throws Exception {
    return CompletableFuture.supplyAsync(() -> read(lines, wanted, printed))
        .get(120, TimeUnit.SECONDS);
  }

  private static String read(
      BufferedReader lines, Predicate<String> wanted, StringBuilder printed) {
    try {
      String line;
      while ((line = lines.readLine()) != null) {
        printed.append(line).append('\n');
        if (wanted.test(line)) {
          return line;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    throw new AssertionError("the server ended by itself:\n" + printed);
  }
}
