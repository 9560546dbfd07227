package dev.gatehouse.cli;

/** Writes words so that a POSIX shell reads them as they are. */
final class Shell {
  private Shell() {}

  /** The word, in quotes if it needs them. */
  static String quote(String word) {
    if (word.matches("[A-Za-z0-9_@%+=:,./-]+")) {
      return word;
    }
    return "'" + word.replace("'", "'\\''") + "'";
  }
}
