package dev.gatehouse.cli;

import dev.gatehouse.cli.JsonLine.UnreadableException;
import java.io.IOException;

/** Answers cases of webhooks with verdicts. */
final class VerdictAnswers implements Batch.Answers {
  // What a longer case brings is not worth the memory.
  private static final int KEPT_LINE = 1 << 16;

  private final CaseReader reader = new CaseReader();
  private final Judge judge;
  private final VerdictWriter verdicts;

  VerdictAnswers(Terminal terminal) throws IOException {
    this.judge = new Judge(terminal.clock());
    this.verdicts = new VerdictWriter(terminal.out());
  }

  @Override
  public void answer(byte[] line, int length) throws UnreadableException, IOException {
    Case read = reader.read(line, length);
    verdicts.write(read.id(), judge.verdict(read, length <= KEPT_LINE));
  }

  @Override
  public void refuse(byte[] line, int length, String message) throws IOException {
    verdicts.writeError(reader.idOf(line, length), message);
  }

  @Override
  public void flush() throws IOException {
    verdicts.flush();
  }
}
