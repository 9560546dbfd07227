package dev.gatehouse.core;

/**
 * The name of a tenant, guaranteed to hold nothing that a key, a topic or a log line could read as
 * anything but a name.
 *
 * <p>One to 64 ASCII letters, digits, {@code _} and {@code -}, the first a letter or digit. There
 * is no wildcard, no separator ({@code . / : , *}), no control or confusable character, so {@code
 * acme}, {@code acme.x} and {@code acme*} cannot meet in a composed key. Names are case-sensitive
 * and never folded.
 *
 * @param value the name, as given
 */
public record TenantId(String value) {
  private static final int MAX_LENGTH = 64;

  /**
   * Checks the name.
   *
   * @throws IllegalArgumentException if the name is not a valid tenant; the message says why and
   *     does not repeat the name
   */
  public TenantId {
    if (!isValid(value)) {
      throw new IllegalArgumentException(
          "not a tenant id: 1 to 64 ASCII letters, digits, '_' or '-', beginning with a letter or"
              + " digit");
    }
  }

  /**
   * The tenant of that name.
   *
   * @throws IllegalArgumentException if the name is not a valid tenant
   */
  public static TenantId of(String value) {
    return new TenantId(value);
  }

  /** Whether the text would be accepted by {@link #of}. */
  public static boolean isValid(String value) {
    if (value.isEmpty() || value.length() > MAX_LENGTH || !isAlphanumeric(value.charAt(0))) {
      return false;
    }
    return value.chars().allMatch(c -> isAlphanumeric(c) || c == '_' || c == '-');
  }

  private static boolean isAlphanumeric(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }

  @Override
  public String toString() {
    return value;
  }
}
