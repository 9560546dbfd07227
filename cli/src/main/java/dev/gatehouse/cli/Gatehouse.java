package dev.gatehouse.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The {@code gatehouse} command.
 *
 * <p>Exit status: 0 done, 1 the answer is no, 2 wrong use or configuration. Errors are one line on
 * standard error that names the option or the configuration's path; neither it nor anything else
 * that is printed holds a secret.
 */
@Command(
    name = "gatehouse",
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "Guards the doors through which other people's software reaches your service.",
      ""
    },
    versionProvider = Gatehouse.Version.class,
    commandListHeading = "%nCommands:%n",
    footer = {
      "",
      "gatehouse COMMAND --help tells more of each. The launcher adds: sample [NAME].",
      "Exit status: 0 done, 1 the answer is no, 2 wrong use or configuration.",
      "",
      "Example:",
      "  ./gatehouse schemes"
    })
public final class Gatehouse implements Runnable {
  // Only the class of the command that is asked for is loaded.
  private static final Map<String, Function<Terminal, Object>> COMMANDS = commands();

  private final Terminal terminal;

  private Gatehouse(Terminal terminal) {
    this.terminal = terminal;
  }

  /** Runs the command and ends the process with its exit status. */
  public static void main(String[] args) {
    System.exit(run(Terminal.ofProcess(), args));
  }

  /** Runs a command line; returns its exit status and throws nothing. */
  static int run(Terminal terminal, String... args) {
    try {
      CommandLine command = commandLine(terminal, args);
      int status = command.execute(args);
      command.getOut().flush();
      terminal.out().flush();
      return status == 0 && isLost(terminal, args) ? lost(terminal) : status;
    } catch (OutOfMemoryError | StackOverflowError e) {
      terminal.complain("gatehouse: this needs more memory than the process has");
      return Refusal.WRONG_USE;
    }
  }

  // What serve prints is for who watches it; of the others it is what they were asked for.
  private static boolean isLost(Terminal terminal, String[] args) {
    boolean serves = args.length > 0 && args[0].equals("serve");
    return !serves && terminal.out().checkError();
  }

  private static int lost(Terminal terminal) {
    terminal.complain("gatehouse: standard output cannot be written");
    return Refusal.NO;
  }

  private static Map<String, Function<Terminal, Object>> commands() {
    Map<String, Function<Terminal, Object>> commands = new LinkedHashMap<>();
    commands.put("init", InitCommand::new);
    commands.put("serve", ServeCommand::new);
    commands.put("schemes", SchemesCommand::new);
    commands.put("sign", SignCommand::new);
    commands.put("verify", VerifyCommand::new);
    commands.put("explain", ExplainCommand::new);
    commands.put("send", SendCommand::new);
    commands.put("deliveries", DeliveriesCommand::new);
    commands.put("doctor", DoctorCommand::new);
    commands.put("token", TokenCommand::new);
    commands.put("graphql", GraphqlCommand::new);
    return commands;
  }

  private static CommandLine commandLine(Terminal terminal, String[] args) {
    CommandLine root = new CommandLine(new Gatehouse(terminal));
    Function<Terminal, Object> asked = args.length == 0 ? null : COMMANDS.get(args[0]);
    if (asked != null) {
      root.addSubcommand(args[0], asked.apply(terminal));
    } else {
      COMMANDS.forEach((name, command) -> root.addSubcommand(name, command.apply(terminal)));
    }
    root.getCommandSpec()
        .addOption(
            OptionSpec.builder("-V", "--version")
                .versionHelp(true)
                .description("Print the version.")
                .build());
    addHelp(root);
    return configure(root, terminal);
  }

  private static void addHelp(CommandLine command) {
    command
        .getCommandSpec()
        .addOption(
            OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("Print this help.")
                .build());
    command.getSubcommands().values().forEach(Gatehouse::addHelp);
  }

  private static CommandLine configure(CommandLine root, Terminal terminal) {
    PrintWriter out = new PrintWriter(terminal.out(), false, StandardCharsets.UTF_8);
    return root
        // A secret may begin with @ or hold ${: nothing of an argument is ever expanded.
        .setExpandAtFiles(false)
        .setInterpolateVariables(false)
        .setUsageHelpWidth(110)
        .setUsageHelpAutoWidth(false)
        .setUsageHelpLongOptionsMaxWidth(30)
        .setAbbreviatedOptionsAllowed(false)
        .setOut(out)
        .setParameterExceptionHandler(
            (wrong, args) -> {
              terminal.complain(Complaint.about(wrong));
              return Refusal.WRONG_USE;
            })
        .setExecutionExceptionHandler((failure, command, parsed) -> failed(failure, terminal));
  }

  private static int failed(Exception failure, Terminal terminal) {
    if (failure instanceof Refusal refusal) {
      refusal.lines().forEach(terminal::complain);
      return refusal.status();
    }
    if (failure instanceof InvalidPathException) {
      terminal.complain(
          "gatehouse: a path holds a character that no file's name can have here; if it is no"
              + " ASCII, set LC_ALL=C.UTF-8");
      return Refusal.WRONG_USE;
    }
    // Neither the message nor the trace: both may hold what the user typed.
    terminal.complain(
        "gatehouse: a defect ("
            + failure.getClass().getSimpleName()
            + where(failure)
            + "); please report it");
    return Refusal.WRONG_USE;
  }

  private static String where(Exception failure) {
    for (StackTraceElement frame : failure.getStackTrace()) {
      if (frame.getClassName().startsWith("dev.gatehouse.")) {
        return " at " + frame.getFileName() + ":" + frame.getLineNumber();
      }
    }
    return "";
  }

  @Override
  public void run() {
    CommandLine all = commandLine(terminal, new String[0]);
    all.usage(all.getOut());
    all.getOut().flush();
  }

  /** The version that the build wrote into the archive. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Gatehouse.class.getPackage().getImplementationVersion();
      return new String[] {
        "gatehouse "
            + (version == null ? "(not built as an archive)" : version)
            + ", Java "
            + Runtime.version().feature()
      };
    }
  }
}
