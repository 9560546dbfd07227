package dev.gatehouse.cli;

import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Runs a command line in this process, with all of its surroundings in the test's hands. */
public final class CommandRun {
  /**
   * How it ended.
   *
   * @param status the exit status
   * @param out what stands on standard output
   * @param err what stands on standard error
   */
  public record Ended(int status, String out, String err) {
    public List<String> lines() {
      return out.lines().toList();
    }

    public List<String> errors() {
      return err.lines().toList();
    }

    public String everything() {
      return out + err;
    }
  }

  private Path folder = Path.of("");
  private InputStream in = InputStream.nullInputStream();
  private InstantSource clock = InstantSource.system();
  private final Map<String, String> environment = new HashMap<>();

  public static Ended of(String... args) {
    return new CommandRun().run(args);
  }

  public CommandRun in(Path value) {
    folder = value;
    return this;
  }

  public CommandRun input(String text) {
    return input(text.getBytes(StandardCharsets.UTF_8));
  }

  public CommandRun input(byte[] bytes) {
    return input(new ByteArrayInputStream(bytes));
  }

  public CommandRun input(InputStream value) {
    in = value;
    return this;
  }

  public CommandRun at(String time) {
    clock = InstantSource.fixed(Instant.parse(time));
    return this;
  }

  public CommandRun env(String name, String value) {
    environment.put(name, value);
    return this;
  }

  public Ended run(String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int status = Gatehouse.run(terminal(out, err, stop -> {}), args);
    return new Ended(
        status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** Runs it with a standard output that takes nothing, as of a full disk or a closed pipe. */
  public Ended runUnwritable(String... args) {
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("No space left on device");
          }
        };
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Terminal base = terminal(new ByteArrayOutputStream(), err, stop -> {});
    Terminal terminal =
        new Terminal(
            base.in(),
            new PrintStream(new BufferedOutputStream(full), false, StandardCharsets.UTF_8),
            base.err(),
            base.folder(),
            base.environment(),
            base.clock(),
            base.signals());
    int status = Gatehouse.run(terminal, args);
    return new Ended(status, "", err.toString(StandardCharsets.UTF_8));
  }

  Terminal terminal(ByteArrayOutputStream out, ByteArrayOutputStream err, Signals signals) {
    return new Terminal(
        in,
        new PrintStream(out, false, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        folder,
        Map.copyOf(environment),
        clock,
        signals);
  }
}
