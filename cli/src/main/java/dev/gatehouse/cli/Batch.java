package dev.gatehouse.cli;

import dev.gatehouse.cli.JsonLine.UnreadableException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;

/**
 * Answers cases, one a line, in their order, and goes on whatever a line holds. It keeps no line
 * that it answered, so that the number of lines does not matter.
 */
final class Batch {
  /** Thrown when nobody reads what is written. */
  static final class ClosedException extends IOException {
    private static final long serialVersionUID = 1L;
  }

  /** Answers the lines of one command. */
  interface Answers {
    /** Answers one line. */
    void answer(byte[] line, int length) throws UnreadableException, IOException;

    /**
     * Answers a line that no answer can be given to; of one too long only the beginning is there.
     */
    void refuse(byte[] line, int length, String message) throws IOException;

    /** Hands what was written so far to the terminal. */
    void flush() throws IOException;
  }

  private static final int MAX_LINE = Json.MAX_CHARS;

  // Whether anybody still reads is known after a flush only.
  private static final int MOST_UNFLUSHED = 1024;

  // A line is in memory as bytes, as JSON's text, as the body's text and as the body's bytes.
  private static final int COPIES = 10;

  private final Terminal terminal;
  private final Lines lines;
  private final int maxLine;
  private final Answers answers;

  private Batch(Terminal terminal, InputStream in, int maxLine, Answers answers) {
    this.terminal = terminal;
    this.lines = new Lines(in, maxLine);
    this.maxLine = maxLine;
    this.answers = answers;
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
  static void run(Terminal terminal, InputStream in, int maxLine, Answers answers)
      throws IOException {
    new Batch(terminal, in, maxLine, answers).answerAll();
  }

  /**
   * Answers every line of a file, or of standard input.
   *
   * @param file as the user gave it to {@code --batch}
   * @return the exit status
   */
  static int run(Terminal terminal, String file, Answers answers) {
    try (InputStream in = file.equals("-") ? terminal.in() : open(terminal, file)) {
      run(terminal, in, longestLine(), answers);
      return 0;
    } catch (ClosedException e) {
      // As other tools in a pipe: whoever stopped reading needs no message.
      return Refusal.NO;
    } catch (IOException e) {
      throw Refusal.no("--batch", "reading or writing failed before the last line");
    }
  }

  private static InputStream open(Terminal terminal, String file) {
    try {
      if (!Files.isDirectory(terminal.path(file))) {
        return Files.newInputStream(terminal.path(file));
      }
    } catch (IOException | IllegalArgumentException e) {
      // reported below
    }
    throw Refusal.wrongUse(
        "--batch", "the file cannot be read: check that it exists and its permissions");
  }

  private void answerAll() throws IOException {
    int unflushed = 0;
    while (lines.next()) {
      if (!lines.isBlank()) {
        answer();
      }
      if (lines.wouldBlock() || ++unflushed == MOST_UNFLUSHED) {
        flush();
        unflushed = 0;
      }
    }
    flush();
  }

  // Whoever waits for an answer to the last line gets it, and a file is not written line by line.
  private void flush() throws IOException {
    answers.flush();
    terminal.out().flush();
    if (terminal.out().checkError()) {
      throw new ClosedException();
    }
  }

  private void answer() throws IOException {
    String message;
    try {
      if (!lines.isTooLong()) {
        answers.answer(lines.bytes(), lines.length());
        return;
      }
      message = "the line is longer than " + maxLine + " bytes";
    } catch (UnreadableException e) {
      message = String.valueOf(e.getMessage());
    } catch (RuntimeException | StackOverflowError e) {
      message = "a defect (" + e.getClass().getSimpleName() + "): please report it";
    } catch (OutOfMemoryError e) {
      message = "the line needs more memory than this process has";
    }
    answers.refuse(lines.bytes(), lines.length(), message);
  }
}
