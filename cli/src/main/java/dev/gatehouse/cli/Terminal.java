package dev.gatehouse.cli;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;

/**
 * Everything of the outside that a command may touch, so that tests can stand in for all of it.
 *
 * @param in standard input
 * @param out standard output; flushed by {@link Gatehouse#run}, not at each line
 * @param err standard error
 * @param folder where relative paths begin
 * @param environment the environment variables
 * @param clock the clock
 * @param signals how the process is told to stop
 */
record Terminal(
    InputStream in,
    PrintStream out,
    PrintStream err,
    Path folder,
    Map<String, String> environment,
    InstantSource clock,
    Signals signals) {

  /** The process's own; text is UTF-8 whatever the machine's locale. */
  static Terminal ofProcess() {
    return new Terminal(
        // A bare FileInputStream asks for its position, which a pipe has not.
        new BufferedInputStream(new FileInputStream(FileDescriptor.in)),
        new PrintStream(
            new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16),
            false,
            StandardCharsets.UTF_8),
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
        Path.of(""),
        System.getenv(),
        InstantSource.system(),
        Signals.ofProcess());
  }

  /** A path as the user means it. */
  Path path(String text) {
    return folder.resolve(text);
  }

  /** Prints a line at once, for what somebody waits for. */
  void say(String line) {
    out.print(line);
    out.print('\n');
    out.flush();
  }

  /** Prints a line with the next flush. */
  void print(String line) {
    out.print(line);
    out.print('\n');
  }

  /** Prints an error on one line, which may name what stands in a file of a stranger's. */
  void complain(String line) {
    out.flush();
    err.print(Table.printable(line));
    err.print('\n');
    err.flush();
  }
}
