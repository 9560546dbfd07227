package dev.gatehouse.core;

import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.HexFormat;

/**
 * What a limit by address counts under: one who may choose among addresses must not have a limit
 * for each of them.
 *
 * <p>An IPv6 address is counted as its /64: that is the least that a site is given (RFC 6177,
 * section 2), whose hosts choose their last 64 bits themselves (RFC 4291, section 2.5.1). One that
 * carries an IPv4 address (mapped, compatible, NAT64, 6to4) is counted as that.
 *
 * <p>For limits alone: whether an address is allowed is asked of {@link AddressRange}, for others
 * share its key.
 */
public final class AddressKey {
  private static final int PREFIX_BYTES = 8;

  private AddressKey() {}

  /** The key of an address, its zone aside; a text that is no address is its own. */
  public static String of(String address) {
    return AddressRange.literal(address).map(AddressKey::of).orElse(address);
  }

  private static String of(InetAddress address) {
    InetAddress counted = AddressRules.carried(address);
    return counted instanceof Inet6Address
        ? HexFormat.of().formatHex(counted.getAddress(), 0, PREFIX_BYTES) + "/64"
        : NetUtil.toAddressString(counted);
  }
}
