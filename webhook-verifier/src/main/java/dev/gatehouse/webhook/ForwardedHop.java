package dev.gatehouse.webhook;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One step of a request's way, as a proxy wrote it down.
 *
 * @param address the address before that step, or null if it is none that can be read
 * @param proto the scheme used, or null
 * @param host the authority used, or null
 */
record ForwardedHop(@Nullable String address, @Nullable String proto, @Nullable String host) {
  // Anybody may send the header through a proxy that leaves it be. Nothing in it is gone back to or
  // looked at twice: a line takes time by its length, whatever it holds.
  private static final Pattern PAIR =
      Pattern.compile(
          "\\s*+([A-Za-z0-9!#$%&'*+.^_`|~-]++)=(?:([A-Za-z0-9!#$%&'*+.^_`|~:\\[\\]-]++)"
              + "|\"((?:[^\"\\\\]|\\\\.){0,256}+)\")\\s*+([;,]|$)");

  private static final ForwardedHop UNREADABLE = new ForwardedHop(null, null, null);

  /** The hops of {@code X-Forwarded-For}, over all its lines, in order. */
  static List<ForwardedHop> ofList(List<String> lines) {
    List<ForwardedHop> hops = new ArrayList<>();
    for (String line : lines) {
      for (String entry : line.split(",", -1)) {
        hops.add(new ForwardedHop(address(entry.strip()), null, null));
      }
    }
    return hops;
  }

  /** The hops of {@code Forwarded} (RFC 7239, section 4); one unreadable hop if it is malformed. */
  static List<ForwardedHop> parse(List<String> lines) {
    List<ForwardedHop> hops = new ArrayList<>();
    for (String line : lines) {
      if (!parseLine(line, hops)) {
        return List.of(UNREADABLE);
      }
    }
    return hops;
  }

  private static boolean parseLine(String line, List<ForwardedHop> hops) {
    Matcher pair = PAIR.matcher(line);
    ForwardedHop hop = UNREADABLE;
    int position = 0;
    while (position < line.length()) {
      pair.region(position, line.length());
      if (!pair.lookingAt()) {
        return false;
      }
      String quoted = pair.group(3);
      String value = quoted == null ? pair.group(2) : quoted.replaceAll("\\\\(.)", "$1");
      hop = hop.with(pair.group(1).toLowerCase(Locale.ROOT), value);
      if (!pair.group(4).equals(";")) {
        hops.add(hop);
        hop = UNREADABLE;
      }
      position = pair.end();
    }
    return !line.isBlank() && !line.stripTrailing().endsWith(",");
  }

  private ForwardedHop with(String name, String value) {
    return switch (name) {
      case "for" -> new ForwardedHop(address(value), proto, host);
      case "proto" -> new ForwardedHop(address, value, host);
      case "host" -> new ForwardedHop(address, proto, value);
      default -> this;
    };
  }

  // With or without a port; an IPv6 address in brackets or, in X-Forwarded-For, without.
  private static @Nullable String address(String text) {
    String bare = text;
    if (text.startsWith("[")) {
      int end = text.indexOf(']');
      if (end < 0 || !isPort(text.substring(end + 1))) {
        return null;
      }
      bare = text.substring(1, end);
    } else if (text.indexOf(':') >= 0 && text.indexOf(':') == text.lastIndexOf(':')) {
      if (!isPort(text.substring(text.indexOf(':')))) {
        return null;
      }
      bare = text.substring(0, text.indexOf(':'));
    }
    InetAddress address = PeerAddress.parse(bare);
    return address == null ? null : NetUtil.toAddressString(address);
  }

  private static boolean isPort(String text) {
    return text.isEmpty() || text.matches(":[0-9]{1,5}");
  }
}
