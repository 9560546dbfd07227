package dev.gatehouse.receiver;

import dev.gatehouse.core.AddressRange;
import java.net.InetAddress;

/** What counts as this machine when it is written in a configuration or a Host header. */
final class Loopback {
  private Loopback() {}

  /** Whether the text names this machine only; other names are not looked up, so they do not. */
  static boolean isLoopback(String host) {
    String bare =
        host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    return bare.equalsIgnoreCase("localhost")
        || AddressRange.literal(bare).map(InetAddress::isLoopbackAddress).orElse(false);
  }
}
