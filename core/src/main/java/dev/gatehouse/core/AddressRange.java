package dev.gatehouse.core;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/**
 * A block of addresses in CIDR notation, such as {@code 10.0.0.0/8}; a bare address is itself.
 *
 * @param network an address of the block
 * @param bits how many leading bits all its addresses share
 */
public record AddressRange(InetAddress network, int bits) {
  /** The block, if the text is one; names are not looked up. */
  public static Optional<AddressRange> parse(String text) {
    int slash = text.indexOf('/');
    Optional<InetAddress> address = literal(slash < 0 ? text : text.substring(0, slash));
    if (address.isEmpty()) {
      return Optional.empty();
    }
    int most = address.get().getAddress().length * 8;
    if (slash < 0) {
      return Optional.of(new AddressRange(address.get(), most));
    }
    String bits = text.substring(slash + 1);
    if (!bits.matches("[0-9]{1,3}") || Integer.parseInt(bits) > most) {
      return Optional.empty();
    }
    return Optional.of(new AddressRange(address.get(), Integer.parseInt(bits)));
  }

  /**
   * The address that the text is, in its full notation; {@code 127.1} and {@code 0x7f000001}, which
   * resolvers read as addresses, are names here.
   */
  public static Optional<InetAddress> literal(String text) {
    byte[] bytes =
        NetUtil.isValidIpV4Address(text) || NetUtil.isValidIpV6Address(text)
            ? NetUtil.createByteArrayFromIpAddressString(text)
            : null;
    return bytes == null ? Optional.empty() : Optional.of(of(bytes));
  }

  private static InetAddress of(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four or sixteen bytes are an address", e);
    }
  }

  /** Whether the address is in the block; never for one of the other family. */
  public boolean contains(InetAddress address) {
    byte[] mine = network.getAddress();
    byte[] theirs = address.getAddress();
    if (mine.length != theirs.length) {
      return false;
    }
    for (int bit = 0; bit < bits; bit++) {
      int mask = 0x80 >> (bit & 7);
      if ((mine[bit >> 3] & mask) != (theirs[bit >> 3] & mask)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public String toString() {
    return network.getHostAddress() + "/" + bits;
  }
}
