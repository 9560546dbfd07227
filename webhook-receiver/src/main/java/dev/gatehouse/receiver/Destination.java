package dev.gatehouse.receiver;

import dev.gatehouse.core.AddressRange;
import dev.gatehouse.core.AddressRules;
import io.vertx.core.Future;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Where deliveries of a source go, and which addresses that may mean.
 *
 * <p>A name is resolved for each attempt and the connection goes to the address that was judged, so
 * that a name server cannot answer one thing to the check and another to the connection.
 */
record Destination(URI to, boolean allowPrivate) {
  /** Looks a name up without blocking. */
  @FunctionalInterface
  interface Resolver {
    Future<List<InetAddress>> resolve(String name);

    /** Lets go of what it holds. */
    default Future<Void> close() {
      return Future.succeededFuture();
    }
  }

  /** Says that a destination may not be delivered to; the message names no address. */
  static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    RefusedException(String message) {
      super(message, null, false, false);
    }
  }

  /** The address that the URL's host is, if it is one and not a name. */
  static Optional<InetAddress> literal(URI uri) {
    return AddressRange.literal(bare(uri.getHost()));
  }

  private static String bare(String host) {
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  boolean isTls() {
    return to.getScheme().toLowerCase(Locale.ROOT).equals("https");
  }

  int port() {
    if (to.getPort() >= 0) {
      return to.getPort();
    }
    return isTls() ? 443 : 80;
  }

  /** The name or address, an IPv6 address without its brackets. */
  String host() {
    return bare(to.getHost());
  }

  /** The host as requests name it, an IPv6 address in brackets (RFC 3986, 3.2.2). */
  String hostOfRequests() {
    return to.getHost();
  }

  /** Path and query. */
  String target() {
    String path = to.getRawPath() == null || to.getRawPath().isEmpty() ? "/" : to.getRawPath();
    return to.getRawQuery() == null ? path : path + "?" + to.getRawQuery();
  }

  /** The address to connect to; fails with a {@link RefusedException} if there must be none. */
  Future<InetAddress> address(Resolver resolver) {
    Optional<InetAddress> literal = literal(to);
    if (literal.isPresent()) {
      return AddressRules.isLinkLocal(literal.get())
          ? refused("deliver.to is a link-local address: it is never delivered to")
          : Future.succeededFuture(literal.get());
    }
    return resolver.resolve(host()).compose(this::judged);
  }

  // One bad address among good ones is refused too: it may be the next one's answer.
  private Future<InetAddress> judged(List<InetAddress> addresses) {
    if (addresses.isEmpty()) {
      return refused("the name in deliver.to has no address");
    }
    if (addresses.stream().anyMatch(AddressRules::isLinkLocal)) {
      return refused("the name in deliver.to leads to a link-local address");
    }
    if (!allowPrivate && addresses.stream().anyMatch(AddressRules::isPrivate)) {
      return refused(
          "the name in deliver.to leads to a private address: set deliver.allowPrivate if it may");
    }
    return Future.succeededFuture(addresses.get(0));
  }

  private static Future<InetAddress> refused(String why) {
    return Future.failedFuture(new RefusedException(why));
  }
}
