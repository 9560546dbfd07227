package dev.gatehouse.cli;

import dev.gatehouse.receiver.ConfigTemplate;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "init",
    sortOptions = false,
    description = {
      "Writes a commented gatehouse.yaml with one source, whose secret is made for it; serve starts"
          + " with it as it is.",
      ""
    },
    parameterListHeading = "Parameters:%n",
    optionListHeading = "Options:%n",
    footer = {"", "Example:", "  ./gatehouse init my-receiver"})
final class InitCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Parameters(
      arity = "0..1",
      paramLabel = "DIR",
      description = "The folder to write to, made if there is none; the current one if not given.")
  private String folder = "";

  @Option(
      names = "--force",
      description = "Overwrite a gatehouse.yaml that is there; its secret is lost.")
  private boolean force;

  InitCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    if (Files.isRegularFile(terminal.path(folder))) {
      throw Refusal.wrongUse("DIR", "is a file: give a folder");
    }
    Path file = terminal.path(folder).resolve("gatehouse.yaml");
    try {
      makeFolder();
      write(file);
    } catch (IOException e) {
      throw Refusal.wrongUse("DIR", "cannot be written to: check its permissions");
    }
    String shown = Path.of(folder).resolve("gatehouse.yaml").toString();
    terminal.print("wrote " + shown);
    terminal.print("");
    terminal.print("Next:");
    terminal.print("  1. read it, and put your senders in place of the demo");
    terminal.print(
        "  2. ./gatehouse serve" + (folder.isEmpty() ? "" : " --config " + Shell.quote(shown)));
    return 0;
  }

  // Before JDK 20 a link to a folder is no folder to createDirectories.
  private void makeFolder() throws IOException {
    Path absolute = terminal.path(folder).toAbsolutePath();
    if (!Files.isDirectory(absolute)) {
      Files.createDirectories(absolute);
    }
  }

  // The file holds a secret: nobody else reads it, from its first moment on.
  private void write(Path file) throws IOException {
    if (force) {
      Files.deleteIfExists(file);
    }
    Set<StandardOpenOption> options =
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try (var channel = Files.newByteChannel(file, options, ownerOnly(file))) {
      channel.write(StandardCharsets.UTF_8.encode(ConfigTemplate.yaml()));
    } catch (FileAlreadyExistsException e) {
      throw Refusal.wrongUse(
          "DIR", "holds a gatehouse.yaml already; --force overwrites it, its secret included");
    }
  }

  private static FileAttribute<?>[] ownerOnly(Path file) {
    boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
    return posix
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }
}
