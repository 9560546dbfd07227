package dev.gatehouse.cli;

import dev.gatehouse.core.Spelling;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Says in one line what is wrong with a command line, without a word of what was typed where a
 * value may stand: picocli's own messages repeat it, and it may be a secret.
 */
final class Complaint {
  private Complaint() {}

  static String about(ParameterException wrong) {
    CommandLine command = wrong.getCommandLine();
    if (wrong instanceof UnmatchedArgumentException unmatched) {
      return unmatched(command, unmatched.getUnmatched());
    }
    if (wrong instanceof MissingParameterException missing && !missing.getMissing().isEmpty()) {
      return missing(command, missing);
    }
    if (wrong instanceof OverwrittenOptionException twice) {
      return nameOf(twice.getOverwritten()) + ": is given twice; give it once";
    }
    ArgSpec argument = wrong.getArgSpec();
    if (argument == null) {
      return "the arguments cannot be understood" + seeHelp(command);
    }
    if (argument instanceof OptionSpec option && option.arity().max() == 0) {
      return nameOf(argument) + ": takes no value";
    }
    // picocli's own conversions quote the value, in exceptions of the class above this one.
    if (wrong.getCause() instanceof Numbers.NoNumberException told) {
      return nameOf(argument) + ": " + told.getMessage();
    }
    return nameOf(argument) + ": lacks its value or has a wrong one" + seeHelp(command);
  }

  private static String missing(CommandLine command, MissingParameterException wrong) {
    ArgSpec asked = wrong.getMissing().get(0);
    if (asked instanceof OptionSpec && !asked.required()) {
      return nameOf(asked) + ": lacks its value, " + asked.paramLabel();
    }
    String names =
        wrong.getMissing().stream().map(Complaint::nameOf).collect(Collectors.joining(", "));
    return names + ": is missing" + seeHelp(command);
  }

  private static String unmatched(CommandLine command, List<String> arguments) {
    String first = arguments.isEmpty() ? "" : arguments.get(0);
    if (!first.startsWith("-")) {
      return stray(command, first);
    }
    String typed = first.contains("=") ? first.substring(0, first.indexOf('=')) : first;
    List<String> known = optionsOf(command.getCommandSpec());
    Optional<String> glued =
        known.stream().filter(k -> k.startsWith("--") && typed.startsWith(k)).findFirst();
    if (glued.isPresent()) {
      return glued.get() + ": wants a space or = before its value";
    }
    Optional<String> meant = Spelling.nearest(typed, known);
    // Only what is a word, and could not be a key, is repeated.
    String shown = typed.matches("--[a-z]{1,12}(-[a-z]{1,12}){0,2}") ? typed : "an option";
    return shown
        + ": is not known to "
        + command.getCommandSpec().qualifiedName()
        + meant.map(m -> "; did you mean " + m + "?").orElseGet(() -> seeHelp(command));
  }

  private static String stray(CommandLine command, String argument) {
    if (command.getSubcommands().isEmpty()) {
      return command.getCommandSpec().qualifiedName()
          + ": an argument too many, without an option before it"
          + seeHelp(command);
    }
    Optional<String> meant = Spelling.nearest(argument, command.getSubcommands().keySet());
    String shown = argument.matches("[a-z]{1,12}(-[a-z]{1,12}){0,2}") ? argument : "a command";
    return shown
        + ": is not a command of "
        + command.getCommandSpec().qualifiedName()
        + meant.map(m -> "; did you mean " + m + "?").orElseGet(() -> seeHelp(command));
  }

  private static List<String> optionsOf(CommandSpec spec) {
    List<String> names = new ArrayList<>();
    spec.options().forEach(option -> names.addAll(List.of(option.names())));
    return names;
  }

  private static String nameOf(@Nullable ArgSpec argument) {
    if (argument instanceof OptionSpec option) {
      return option.longestName();
    }
    return argument == null
        ? "an argument"
        : argument.paramLabel().replaceAll("[^A-Z]", "").toUpperCase(Locale.ROOT);
  }

  private static String seeHelp(CommandLine command) {
    return "; see " + command.getCommandSpec().qualifiedName() + " --help";
  }
}
