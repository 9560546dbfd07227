package dev.gatehouse.core;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;

/**
 * Which addresses a name that somebody else chose may lead us to: not into the networks that only
 * we can reach.
 *
 * <p>The blocks are those of the IANA special-purpose registries (RFC 6890) that are not globally
 * reachable. IPv6 addresses that carry an IPv4 address (mapped, compatible, NAT64, 6to4) count as
 * that address.
 */
public final class AddressRules {
  private static final List<AddressRange> PRIVATE =
      ranges(
          "0.0.0.0/8",
          "10.0.0.0/8",
          "100.64.0.0/10",
          "127.0.0.0/8",
          "169.254.0.0/16",
          "172.16.0.0/12",
          "192.0.0.0/24",
          "192.0.2.0/24",
          "192.88.99.0/24",
          "192.168.0.0/16",
          "198.18.0.0/15",
          "198.51.100.0/24",
          "203.0.113.0/24",
          "224.0.0.0/4",
          "240.0.0.0/4",
          "::/128",
          "::1/128",
          "64:ff9b:1::/48",
          "100::/64",
          "100:0:0:1::/64",
          "2001::/23",
          "2001:db8::/32",
          "3fff::/20",
          "5f00::/16",
          "fc00::/7",
          "fe80::/10",
          "fec0::/10",
          "ff00::/8");

  private static final List<AddressRange> LINK_LOCAL =
      ranges("169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128", "100.100.100.200/32");
  private static final List<AddressRange> NAT64 = ranges("64:ff9b::/96");
  private static final List<AddressRange> SIX_TO_FOUR = ranges("2002::/16");
  private static final List<AddressRange> COMPATIBLE = ranges("::/96", "::ffff:0:0:0/96");

  private AddressRules() {}

  private static List<AddressRange> ranges(String... blocks) {
    return Arrays.stream(blocks).map(b -> AddressRange.parse(b).orElseThrow()).toList();
  }

  /** The address as the host of a URL: one of IPv6 in brackets (RFC 3986, section 3.2.2). */
  public static String hostOf(InetAddress address) {
    String text = address.getHostAddress();
    return address instanceof Inet6Address ? "[" + text + "]" : text;
  }

  /** Whether only this machine or its networks can reach the address. */
  public static boolean isPrivate(InetAddress address) {
    InetAddress carried = carried(address);
    return in(PRIVATE, address) || in(PRIVATE, carried);
  }

  /** Whether the address is of the link, or another at which clouds serve their credentials. */
  public static boolean isLinkLocal(InetAddress address) {
    return in(LINK_LOCAL, address) || in(LINK_LOCAL, carried(address));
  }

  private static boolean in(List<AddressRange> ranges, InetAddress address) {
    return ranges.stream().anyMatch(range -> range.contains(address));
  }

  /** The IPv4 address that one of IPv6 carries; else the address itself. */
  // The JDK makes an IPv4 address of a mapped one itself.
  static InetAddress carried(InetAddress address) {
    if (!(address instanceof Inet6Address)) {
      return address;
    }
    byte[] bytes = address.getAddress();
    boolean loopbackOrAny = in(PRIVATE, address) && in(COMPATIBLE, address);
    if (in(NAT64, address) || (in(COMPATIBLE, address) && !loopbackOrAny)) {
      return ip4(bytes, 12);
    }
    return in(SIX_TO_FOUR, address) ? ip4(bytes, 2) : address;
  }

  private static InetAddress ip4(byte[] bytes, int from) {
    try {
      return InetAddress.getByAddress(Arrays.copyOfRange(bytes, from, from + 4));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four bytes are an address", e);
    }
  }
}
