package dev.gatehouse.graphql.http;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The machine's Node, where there is one, with the packages that {@code src/test/node} locks; put
 * into {@code target} once, where npm can be asked for them. Tests that need it are skipped
 * elsewhere.
 */
final class NodeClients {
  private static final Path SOURCES = Path.of("src/test/node");
  private static final Path FOLDER = Path.of("target/node-clients").toAbsolutePath();
  private static final long INSTALL_SECONDS = 120;
  private static final long RUN_SECONDS = 90;

  private NodeClients() {}

  /** Runs a script to its end, and reads a line of JSON from each line that it printed. */
  static List<JsonObject> run(String script, String... arguments) throws Exception {
    install();
    List<String> command = new ArrayList<>(List.of("node", script));
    command.addAll(List.of(arguments));
    Path output = FOLDER.resolve(script + ".log");
    Process process = start(command, output);
    boolean ended = process.waitFor(RUN_SECONDS, TimeUnit.SECONDS);
    if (!ended) {
      process.destroyForcibly();
    }
    String printed = Files.readString(output);
    if (!ended || process.exitValue() != 0) {
      throw new AssertionError(script + " did not end well:\n" + printed);
    }
    return printed.lines().filter(line -> line.startsWith("{")).map(JsonObject::new).toList();
  }

  private static synchronized void install() throws Exception {
    assumeTrue(works(List.of("node", "--version")), "no Node on this machine");
    assumeTrue(works(List.of("npm", "--version")), "no npm on this machine");
    Files.createDirectories(FOLDER);
    try (var files = Files.list(SOURCES)) {
      for (Path file : files.toList()) {
        Files.copy(
            file,
            FOLDER.resolve(String.valueOf(file.getFileName())),
            StandardCopyOption.REPLACE_EXISTING);
      }
    }
    String locked = Files.readString(FOLDER.resolve("package-lock.json"));
    Path mark = FOLDER.resolve("installed.json");
    if (Files.exists(mark) && Files.readString(mark).equals(locked)) {
      return;
    }
    boolean installed = works(List.of("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"));
    assumeTrue(installed, "npm cannot get the packages that src/test/node locks");
    Files.writeString(mark, locked);
  }

  private static boolean works(List<String> command) throws InterruptedException {
    try {
      Path output = Files.createTempFile("node-clients", ".log");
      Process process = start(command, output);
      boolean ended = process.waitFor(INSTALL_SECONDS, TimeUnit.SECONDS);
      if (!ended) {
        process.destroyForcibly();
      }
      Files.delete(output);
      return ended && process.exitValue() == 0;
    } catch (IOException notThere) {
      return false;
    }
  }

  private static Process start(List<String> command, Path output) throws IOException {
    return new ProcessBuilder(command)
        .directory((Files.isDirectory(FOLDER) ? FOLDER : SOURCES).toFile())
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start();
  }
}
