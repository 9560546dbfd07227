package dev.gatehouse.receiver;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who else may read or change the configuration, the secrets that it names, and the store. */
final class FileChecks {
  private static final Set<PosixFilePermission> STRANGERS_READ =
      Set.of(PosixFilePermission.GROUP_READ, PosixFilePermission.OTHERS_READ);
  private static final Set<PosixFilePermission> STRANGERS_WRITE =
      Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

  private final List<Finding> findings = new ArrayList<>();

  private FileChecks() {}

  static List<Finding> of(Path file, ConfigReader.Loaded loaded) {
    FileChecks checks = new FileChecks();
    checks.configuration(file);
    checks.literals(file, loaded.literalSecrets());
    loaded.files().stream().sorted().forEach(checks::secretFile);
    if (loaded.config().store().place() instanceof ReceiverConfig.Place.Sqlite sqlite) {
      checks.store(sqlite.path());
    }
    return checks.findings;
  }

  private void configuration(Path file) {
    if (anyOf(file, STRANGERS_WRITE)) {
      findings.add(
          Finding.warning(
              file.toString(),
              "can be written by others: they choose where deliveries go",
              "chmod go-w " + file.getFileName()));
    }
  }

  private void literals(Path file, List<String> paths) {
    boolean read = anyOf(file, STRANGERS_READ);
    for (String path : paths) {
      String fix = "put it elsewhere and write ${env:NAME} or ${file:PATH}";
      findings.add(
          read
              ? Finding.warning(path, "stands in a file that others can read", fix)
              : Finding.advice(
                  path, "stands in the configuration, and goes wherever that is copied", fix));
    }
  }

  private void secretFile(Path file) {
    boolean open = anyOf(file, Set.of(PosixFilePermission.OTHERS_READ));
    if (open || anyOf(file, STRANGERS_WRITE)) {
      findings.add(
          Finding.warning(
              file.toString(),
              "holds a secret, and others can " + (open ? "read" : "change") + " it",
              "chmod 400 " + file.getFileName()));
    }
  }

  private void store(Path database) {
    if (anyOf(database, STRANGERS_READ) && reachable(database.getParent())) {
      findings.add(
          Finding.warning(
              "store.path",
              "is a file that others can read: it holds every payload",
              "chmod 600 " + database.getFileName()));
    }
  }

  // What stands in a folder that nobody else may enter is as closed as the folder.
  private static boolean reachable(@Nullable Path folder) {
    return folder == null
        || anyOf(
            folder, Set.of(PosixFilePermission.GROUP_EXECUTE, PosixFilePermission.OTHERS_EXECUTE));
  }

  private static boolean anyOf(Path file, Set<PosixFilePermission> permissions) {
    try {
      return Files.getPosixFilePermissions(file).stream().anyMatch(permissions::contains);
    } catch (UnsupportedOperationException | IOException notThereOrNotPosix) {
      return false;
    }
  }
}
