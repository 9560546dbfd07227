package dev.gatehouse.cli;

import dev.gatehouse.cli.CaseReader.UnreadableException;
import dev.gatehouse.webhook.Verification;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Answers cases, one a line, in their order, and goes on whatever a line holds. It keeps no line
 * that it answered, so that the number of lines does not matter.
 */
final class Batch {
  /** Thrown when nobody reads what is written. */
  static final class ClosedException extends IOException {
    private static final long serialVersionUID = 1L;
  }

  private static final int MAX_LINE = Json.MAX_CHARS;

  // A line is in memory as bytes, as JSON's text, as the body's text and as the body's bytes.
  private static final int COPIES = 10;

  // What a longer case brings is not worth the memory.
  private static final int KEPT_LINE = 1 << 16;

  private final Terminal terminal;
  private final Lines lines;
  private final int maxLine;
  private final CaseReader reader = new CaseReader();
  private final Judge judge;
  private final VerdictWriter verdicts;

  private Batch(Terminal terminal, InputStream in, int maxLine) throws IOException {
    this.terminal = terminal;
    this.lines = new Lines(in, maxLine);
    this.maxLine = maxLine;
    this.judge = new Judge(terminal.clock());
    this.verdicts = new VerdictWriter(terminal.out());
  }

  /** The longest line that this process can read: 64 MiB, or less if it has little memory. */
  static int longestLine() {
    return (int) Math.min(MAX_LINE, Runtime.getRuntime().maxMemory() / COPIES);
  }

  /**
   * Answers every line, and throws only if reading or writing fails.
   *
   * @throws ClosedException if nobody reads the answers any more
   */
  static void run(Terminal terminal, InputStream in, int maxLine) throws IOException {
    new Batch(terminal, in, maxLine).answerAll();
  }

  private void answerAll() throws IOException {
    while (lines.next()) {
      if (!lines.isBlank()) {
        answer();
      }
      if (lines.wouldBlock()) {
        flush();
      }
    }
    flush();
  }

  // Whoever waits for an answer to the last line gets it, and a file is not written line by line.
  private void flush() throws IOException {
    verdicts.flush();
    terminal.out().flush();
    if (terminal.out().checkError()) {
      throw new ClosedException();
    }
  }

  private void answer() throws IOException {
    Case read = null;
    Verification verdict = null;
    String message = null;
    try {
      if (lines.isTooLong()) {
        throw new UnreadableException("the line is longer than " + maxLine + " bytes");
      }
      read = reader.read(lines.bytes(), lines.length());
      verdict = judge.verdict(read, lines.length() <= KEPT_LINE);
    } catch (UnreadableException e) {
      message = String.valueOf(e.getMessage());
    } catch (RuntimeException | StackOverflowError e) {
      message = "a defect (" + e.getClass().getSimpleName() + "): please report it";
    } catch (OutOfMemoryError e) {
      message = "the line needs more memory than this process has";
    }
    if (verdict != null && read != null) {
      verdicts.write(read.id(), verdict);
    } else {
      verdicts.writeError(id(read), String.valueOf(message));
    }
  }

  private @Nullable String id(@Nullable Case read) {
    return read == null ? reader.idOf(lines.bytes(), lines.length()) : read.id();
  }
}
