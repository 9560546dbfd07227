package dev.gatehouse.webhook.keys;

import dev.gatehouse.core.AddressRange;
import java.io.IOException;
import java.net.ServerSocket;

/** The addresses of the machine that runs the tests. */
public final class LocalAddress {
  private LocalAddress() {}

  /** Whether a server can be called there; not every machine speaks IPv6. */
  public static boolean has(String address) {
    try (ServerSocket socket =
        new ServerSocket(0, 1, AddressRange.literal(address).orElseThrow())) {
      return socket.isBound();
    } catch (IOException none) {
      return false;
    }
  }
}
