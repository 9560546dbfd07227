package dev.gatehouse.webhook;

import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.netty.util.NetUtil;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who called, and by which URL, when proxies stand in between: forwarding headers are believed only
 * from the networks listed here, and only as far as those wrote them.
 *
 * <p>The client is the rightmost address in {@code X-Forwarded-For} or {@code Forwarded} (RFC 7239)
 * that is not itself a trusted proxy: what stands left of it, anybody may have written. When the
 * peer is not trusted, the header cannot be read, or the two headers disagree, the client is the
 * peer itself. Likewise the URL's scheme and host are the request's own unless a trusted peer says
 * otherwise without contradiction.
 *
 * <p>Let the proxies set or remove both headers: one that they pass on is the client's to forge.
 */
public final class TrustedProxies {
  private static final int MAX_HOPS = 64;
  private static final Pattern AUTHORITY =
      Pattern.compile("([A-Za-z0-9._-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}\\])(:[0-9]{1,5})?");

  // Whatever Vert.x or this class may read of who called and how, if the router allows it.
  private static final List<CharSequence> FORWARDING =
      Stream.of(
              "Forwarded",
              "X-Forwarded-For",
              "X-Forwarded-Host",
              "X-Forwarded-Port",
              "X-Forwarded-Proto",
              "X-Forwarded-Ssl")
          .map(HttpHeaders::createOptimized)
          .toList();

  private final List<IpSubnetFilterRule> networks;

  private TrustedProxies(List<IpSubnetFilterRule> networks) {
    this.networks = networks;
  }

  /** Believes nobody. */
  public static TrustedProxies none() {
    return new TrustedProxies(List.of());
  }

  /**
   * Believes these networks.
   *
   * @param cidrs such as {@code 10.0.0.0/8}, {@code fd00::/8}, or a single address
   * @throws IllegalArgumentException if one is not a network in that form; the message says which
   *     and what to write instead
   */
  public static TrustedProxies of(List<String> cidrs) {
    return new TrustedProxies(cidrs.stream().map(TrustedProxies::network).toList());
  }

  private static IpSubnetFilterRule network(String cidr) {
    int slash = cidr.indexOf('/');
    String text = slash < 0 ? cidr : cidr.substring(0, slash);
    InetAddress address = PeerAddress.parse(text);
    if (address == null) {
      throw new IllegalArgumentException(
          "'" + cidr + "' is not a network: write an address and a prefix, such as 10.0.0.0/8");
    }
    byte[] bytes = address.getAddress();
    int bits = bytes.length * 8;
    if (text.indexOf(':') >= 0 && bits == 32) {
      throw new IllegalArgumentException(
          "'"
              + cidr
              + "' is an IPv4 network in IPv6 clothes: write it as IPv4, such as "
              + NetUtil.toAddressString(address)
              + "/24");
    }
    int prefix = slash < 0 ? bits : prefix(cidr, cidr.substring(slash + 1), bits);
    byte[] masked = masked(bytes, prefix);
    if (!Arrays.equals(bytes, masked)) {
      throw new IllegalArgumentException(
          "'"
              + cidr
              + "' has bits set past its prefix: write "
              + PeerAddress.format(masked)
              + "/"
              + prefix
              + " for the network, or "
              + NetUtil.toAddressString(address)
              + " for the one address");
    }
    return new IpSubnetFilterRule(address, prefix, IpFilterRuleType.ACCEPT);
  }

  private static int prefix(String cidr, String text, int bits) {
    boolean digits =
        !text.isEmpty()
            && text.length() <= 3
            && text.chars().allMatch(c -> c >= '0' && c <= '9')
            && !(text.length() > 1 && text.startsWith("0"));
    int prefix = digits ? Integer.parseInt(text) : -1;
    if (prefix < 0 || prefix > bits) {
      throw new IllegalArgumentException(
          "'" + cidr + "' has no valid prefix: write a number from 1 to " + bits + " after the /");
    }
    if (prefix == 0) {
      throw new IllegalArgumentException(
          "'"
              + cidr
              + "' trusts everybody, so that every client could forge its address: name"
              + " the networks of your proxies");
    }
    return prefix;
  }

  private static byte[] masked(byte[] address, int prefix) {
    byte[] masked = address.clone();
    for (int bit = prefix; bit < masked.length * 8; bit++) {
      masked[bit / 8] &= (byte) ~(0x80 >> (bit % 8));
    }
    return masked;
  }

  /** The client's address, in its one spelling; {@code local} for a peer without an address. */
  public String clientAddress(HttpServerRequest request) {
    String peer = peer(request);
    if (!trusts(peer)) {
      return peer;
    }
    return client(request, peer).address();
  }

  /**
   * The scheme and authority that the client used, such as {@code https://hooks.example.com}, as
   * far as a trusted peer says; else what the request itself says.
   */
  public String externalOrigin(HttpServerRequest request) {
    String named = request.scheme();
    String scheme = named == null ? "http" : named;
    HostAndPort authority = request.authority();
    String host = authority == null ? "" : authority.toString();
    if (networks.isEmpty()) {
      return origin(scheme, host);
    }
    String peer = peer(request);
    if (!trusts(peer)) {
      return origin(scheme, host);
    }
    ForwardedHop hop = client(request, peer).hop();
    String proto =
        agreed(hop == null ? null : hop.proto(), request.headers().getAll("X-Forwarded-Proto"));
    String forwardedHost =
        agreed(hop == null ? null : hop.host(), request.headers().getAll("X-Forwarded-Host"));
    return origin(
        proto != null && isScheme(proto) ? proto.toLowerCase(Locale.ROOT) : scheme,
        forwardedHost != null && AUTHORITY.matcher(forwardedHost).matches() ? forwardedHost : host);
  }

  /**
   * What {@link #externalOrigin} says of the request as it is now, for later and for any thread;
   * worked out when it is asked for.
   */
  Supplier<String> originOf(HttpServerRequest request) {
    HttpVersion version = request.version();
    boolean namesHost = version == HttpVersion.HTTP_1_1 || version == HttpVersion.HTTP_1_0;
    if (!namesHost || isForwarded(request)) {
      // What a router makes of forwarding headers is worked out here: Vert.x keeps it in fields
      // that two threads must not fill at once.
      request.scheme();
      return () -> externalOrigin(request);
    }
    String scheme = request.connection().isSsl() ? "https" : "http";
    String host = request.getHeader(HttpHeaders.HOST);
    return () -> origin(scheme, host == null ? "" : authority(scheme, host));
  }

  private static boolean isForwarded(HttpServerRequest request) {
    MultiMap headers = request.headers();
    for (int i = 0; i < FORWARDING.size(); i++) {
      if (headers.contains(FORWARDING.get(i))) {
        return true;
      }
    }
    return false;
  }

  // As Vert.x does: nothing of what is no authority, and no port that the scheme has anyway.
  private static String authority(String scheme, String host) {
    HostAndPort named = HostAndPort.parseAuthority(host, -1);
    if (named == null) {
      return "";
    }
    boolean isUsual = named.port() == ("https".equals(scheme) ? 443 : 80);
    return isUsual ? named.host() : named.toString();
  }

  private record Client(String address, @Nullable ForwardedHop hop) {}

  private Client client(HttpServerRequest request, String peer) {
    List<String> lines = request.headers().getAll("X-Forwarded-For");
    List<String> standard = request.headers().getAll("Forwarded");
    Client byList = lines.isEmpty() ? null : rightmostUntrusted(ForwardedHop.ofList(lines), peer);
    Client byStandard =
        standard.isEmpty() ? null : rightmostUntrusted(ForwardedHop.parse(standard), peer);
    if (byStandard == null) {
      return byList == null ? new Client(peer, null) : byList;
    }
    // Which of two the proxy wrote cannot be told: the other may be the client's own.
    boolean agree = byList == null || byList.address().equals(byStandard.address());
    return agree ? byStandard : new Client(peer, null);
  }

  private Client rightmostUntrusted(List<ForwardedHop> hops, String peer) {
    Client nobody = new Client(peer, null);
    if (hops.isEmpty() || hops.size() > MAX_HOPS) {
      return nobody;
    }
    Client last = nobody;
    for (int i = hops.size() - 1; i >= 0; i--) {
      String address = hops.get(i).address();
      if (address == null) {
        return nobody;
      }
      last = new Client(address, hops.get(i));
      if (!trusts(address)) {
        return last;
      }
    }
    return last;
  }

  // One value, said as often as you like; two different ones are nobody's word.
  private static @Nullable String agreed(@Nullable String hop, List<String> lines) {
    List<String> said = new ArrayList<>();
    if (hop != null) {
      said.add(hop);
    }
    for (String line : lines) {
      for (String value : line.split(",", -1)) {
        said.add(value.strip());
      }
    }
    return said.isEmpty() || said.stream().distinct().count() > 1 ? null : said.get(0);
  }

  private static boolean isScheme(String proto) {
    return "http".equalsIgnoreCase(proto) || "https".equalsIgnoreCase(proto);
  }

  private static String origin(String scheme, String host) {
    return scheme + "://" + host;
  }

  private boolean trusts(String address) {
    InetAddress parsed = networks.isEmpty() ? null : PeerAddress.parse(address);
    if (parsed == null) {
      return false;
    }
    InetSocketAddress socket = new InetSocketAddress(parsed, 0);
    return networks.stream().anyMatch(network -> network.matches(socket));
  }

  static String peer(HttpServerRequest request) {
    SocketAddress remote = request.remoteAddress();
    String host = remote == null ? null : remote.hostAddress();
    return host == null ? "local" : PeerAddress.normalise(PeerAddress.withoutZone(host));
  }
}
