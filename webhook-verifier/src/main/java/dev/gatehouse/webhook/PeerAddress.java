package dev.gatehouse.webhook;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** IP addresses as texts; nothing here asks a name server. */
final class PeerAddress {
  private PeerAddress() {}

  /**
   * The address that a text spells, or null: no names, no zones, no ports, no leading zeros, which
   * readers disagree on. An IPv4-mapped IPv6 address is the IPv4 address.
   */
  static @Nullable InetAddress parse(String text) {
    boolean ip4 = NetUtil.isValidIpV4Address(text) && !hasLeadingZero(text);
    boolean ip6 = text.indexOf(':') >= 0 && text.indexOf('%') < 0 && text.indexOf('[') < 0;
    byte[] bytes = ip4 || ip6 ? NetUtil.createByteArrayFromIpAddressString(text) : null;
    return bytes == null ? null : of(bytes);
  }

  /** How an address of 4 or 16 bytes is written. */
  static String format(byte[] bytes) {
    return NetUtil.toAddressString(of(bytes));
  }

  private static InetAddress of(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address has 4 or 16 bytes", e);
    }
  }

  /** The address in its one spelling, or the text as it is when it spells none. */
  static String normalise(String text) {
    InetAddress address = parse(text);
    return address == null ? text : NetUtil.toAddressString(address);
  }

  static String withoutZone(String text) {
    int zone = text.indexOf('%');
    return zone < 0 ? text : text.substring(0, zone);
  }

  private static boolean hasLeadingZero(String ip4) {
    for (int i = 0; i < ip4.length() - 1; i++) {
      boolean first = i == 0 || ip4.charAt(i - 1) == '.';
      if (first && ip4.charAt(i) == '0' && ip4.charAt(i + 1) != '.') {
        return true;
      }
    }
    return false;
  }
}
