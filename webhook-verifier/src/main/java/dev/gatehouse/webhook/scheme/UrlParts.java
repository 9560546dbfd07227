package dev.gatehouse.webhook.scheme;

import java.nio.charset.StandardCharsets;

/** Parts of a URL as senders sign them; pure functions. */
public final class UrlParts {
  private static final String ALPHANUMERIC =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  private static final String COMPONENT = ALPHANUMERIC + "-_.!~*'()";
  private static final String WHOLE = COMPONENT + ";,/?:@&=+$#";
  private static final String HEX = "0123456789ABCDEF";

  private UrlParts() {}

  /** The URL without its query and fragment. */
  public static String base(String url) {
    int end = url.length();
    for (char c : new char[] {'#', '?'}) {
      int at = url.indexOf(c);
      end = at >= 0 && at < end ? at : end;
    }
    return url.substring(0, end);
  }

  /** Path and query, without what stands before them and without the fragment. */
  public static String target(String url) {
    int scheme = url.indexOf("://");
    int from = scheme < 0 ? 0 : scheme + 3;
    int fragment = url.indexOf('#');
    int end = fragment < 0 ? url.length() : fragment;
    for (int i = from; i < end; i++) {
      if (url.charAt(i) == '/') {
        return url.substring(i, end);
      }
      if (url.charAt(i) == '?') {
        return "/" + url.substring(i, end);
      }
    }
    return "/";
  }

  /**
   * Path and query, the query escaped as one component (ECMA-262, {@code encodeURIComponent}) and
   * then all of it as a URI ({@code encodeURI}), so that the query is escaped twice.
   */
  public static String twiceEscapedTarget(String url) {
    String target = target(url);
    int question = target.indexOf('?');
    String once =
        question < 0
            ? target
            : target.substring(0, question + 1) + escape(target.substring(question + 1), COMPONENT);
    return escape(once, WHOLE);
  }

  private static String escape(String text, String kept) {
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      if (kept.indexOf((char) (b & 0xFF)) >= 0) {
        escaped.append((char) b);
      } else {
        escaped.append(percent(b));
      }
    }
    return escaped.toString();
  }

  /** The escape of a byte (RFC 3986, section 2.1). */
  public static String percent(byte b) {
    return "%" + HEX.charAt(b >> 4 & 0xF) + HEX.charAt(b & 0xF);
  }
}
