package dev.gatehouse.benchmarks;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.TypeConversionException;

/** The command behind {@code benchmarks/run}. */
@Command(
    name = "benchmarks/run",
    mixinStandardHelpOptions = true,
    description = "Measures what we claim; only ratios within one run count.",
    subcommands = {
      VerifyCommand.class,
      HandlerCommand.class,
      DurableCommand.class,
      RowsCommand.class,
      StartCommand.class,
      SlowCommand.class,
      SoakCommand.class,
      CatalogueCommand.class,
      HostileCommand.class,
      GraphqlCommand.class,
      EventsCommand.class,
      FanoutCommand.class,
      SocketsCommand.class
    })
public final class Benchmarks {
  private Benchmarks() {}

  /** Runs one of the subcommands. */
  public static void main(String... args) {
    System.exit(
        new CommandLine(new Benchmarks())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .registerConverter(int.class, Benchmarks::positive)
            .execute(args));
  }

  // of nothing there is no median
  private static int positive(String text) {
    try {
      int number = Integer.parseInt(text);
      if (number > 0) {
        return number;
      }
    } catch (NumberFormatException notANumber) {
      // told below
    }
    throw new TypeConversionException("'" + text + "' is no whole number from 1 on");
  }
}
