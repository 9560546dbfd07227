package dev.gatehouse.webhook.scheme;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A form in which a sender may have signed the URL it called. A scheme lists a few, and they are
 * tried in that order; each is a pure function of the URL.
 *
 * @param kind what is done
 * @param escapes for {@link Kind#DECODE}, the escapes that are decoded, such as {@code %3A}
 */
public record UrlForm(Kind kind, List<String> escapes) {
  /** What is done to the URL. */
  public enum Kind {
    /** Nothing. */
    RECEIVED,
    /** The port is removed. */
    WITHOUT_PORT,
    /** The scheme's default port is added where there is none. */
    DEFAULT_PORT,
    /** The query is written as the WHATWG URL standard would (special-query percent-encode set). */
    WHATWG_QUERY,
    /** Some escapes are decoded. */
    DECODE
  }

  /** Reads {@code received}, {@code without-port}, …, or {@code decode %3A %2F …}. */
  public static Optional<UrlForm> parse(String text) {
    if (text.startsWith("decode ")) {
      List<String> escapes = List.of(text.substring(7).trim().split(" +"));
      boolean valid = escapes.stream().allMatch(e -> e.matches("%[0-9A-F]{2}"));
      return valid ? Optional.of(new UrlForm(Kind.DECODE, escapes)) : Optional.empty();
    }
    for (Kind kind : Kind.values()) {
      String name = kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
      if (kind != Kind.DECODE && name.equals(text)) {
        return Optional.of(new UrlForm(kind, List.of()));
      }
    }
    return Optional.empty();
  }

  /** The URL in this form. */
  public String apply(String url) {
    return switch (kind) {
      case RECEIVED -> url;
      case WITHOUT_PORT -> withoutPort(url);
      case DEFAULT_PORT -> withDefaultPort(url);
      case WHATWG_QUERY -> whatwgQuery(url);
      case DECODE -> decode(url);
    };
  }

  private static String withoutPort(String url) {
    int end = authorityEnd(url);
    int colon = portColon(url, end);
    return colon < 0 ? url : url.substring(0, colon) + url.substring(end);
  }

  private static String withDefaultPort(String url) {
    int end = authorityEnd(url);
    if (end < 0 || portColon(url, end) >= 0) {
      return url;
    }
    String port = url.startsWith("http://") ? ":80" : ":443";
    return url.substring(0, end) + port + url.substring(end);
  }

  private static int authorityEnd(String url) {
    int start = url.indexOf("://");
    if (start < 0) {
      return -1;
    }
    for (int i = start + 3; i < url.length(); i++) {
      if ("/?#".indexOf(url.charAt(i)) >= 0) {
        return i;
      }
    }
    return url.length();
  }

  // The colon of user:password@ and those inside an IPv6 literal are not the port's.
  private static int portColon(String url, int end) {
    if (end < 0) {
      return -1;
    }
    int start = url.indexOf("://") + 3;
    int host = Math.max(start, url.lastIndexOf('@', end - 1) + 1);
    int colon = url.lastIndexOf(':', end - 1);
    return colon > host && colon > url.lastIndexOf(']', end - 1) ? colon : -1;
  }

  private static String whatwgQuery(String url) {
    int question = url.indexOf('?');
    if (question < 0) {
      return url;
    }
    StringBuilder encoded = new StringBuilder(url.length() + 8);
    encoded.append(url, 0, question + 1);
    for (int i = question + 1; i < url.length(); i++) {
      char c = url.charAt(i);
      if (c <= ' ' || "\"<>'".indexOf(c) >= 0) {
        encoded.append(UrlParts.percent((byte) c));
      } else {
        encoded.append(c);
      }
    }
    return encoded.toString();
  }

  private String decode(String url) {
    String decoded = url;
    for (String escape : escapes) {
      String character = String.valueOf((char) Integer.parseInt(escape.substring(1), 16));
      decoded = decoded.replace(escape, character);
      decoded = decoded.replace(escape.toLowerCase(Locale.ROOT), character);
    }
    return decoded;
  }
}
