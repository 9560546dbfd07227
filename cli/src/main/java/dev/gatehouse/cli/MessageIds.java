package dev.gatehouse.cli;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes ids of deliveries: {@code msg_} and 16 random bytes. */
final class MessageIds implements Supplier<String> {
  private final SecureRandom random = new SecureRandom();

  @Override
  public String get() {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return "msg_" + HexFormat.of().formatHex(bytes);
  }

  /** The given id, checked, or a random one. */
  static String orRandom(@Nullable String id) {
    if (id == null) {
      return new MessageIds().get();
    }
    if (id.isBlank() || id.length() > 512 || id.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw Refusal.wrongUse("--id", "must be 1 to 512 printable ASCII characters without spaces");
    }
    return id;
  }
}
