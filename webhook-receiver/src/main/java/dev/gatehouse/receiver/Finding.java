package dev.gatehouse.receiver;

/**
 * Something that a configuration may say, and that leaves the receiver weaker than it could be.
 *
 * @param level how much it matters
 * @param path where it stands, such as {@code sources.github.secrets[0].value}
 * @param problem what is weak and what follows from it, as the end of a sentence that begins with
 *     the path; never a value that could be a secret
 * @param fix what to do about it
 */
public record Finding(Level level, String path, String problem, String fix) {
  /** How much a finding matters. */
  public enum Level {
    /** Somebody could make use of it today. */
    WARNING,

    /** Good practice that is not followed; it may be right as it is. */
    ADVICE
  }

  static Finding warning(String path, String problem, String fix) {
    return new Finding(Level.WARNING, path, problem, fix);
  }

  static Finding advice(String path, String problem, String fix) {
    return new Finding(Level.ADVICE, path, problem, fix);
  }

  /** Whether it is a {@link Level#WARNING}. */
  public boolean isWarning() {
    return level == Level.WARNING;
  }

  @Override
  public String toString() {
    return path + " " + problem + "; fix: " + fix;
  }
}
