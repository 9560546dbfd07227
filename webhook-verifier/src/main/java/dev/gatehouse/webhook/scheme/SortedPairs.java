package dev.gatehouse.webhook.scheme;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The ways in which senders write sorted parameters into what they sign; pure functions. */
public final class SortedPairs {
  private static final String UNRESERVED =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";

  private SortedPairs() {}

  /** Whether a name comes twice, so that two readers may see two values. */
  public static boolean haveDoubles(List<Pair> pairs) {
    return pairs.stream().map(Pair::name).distinct().count() < pairs.size();
  }

  /** Sorted, each {@code name=value} escaped as in a form, joined by {@code &}. */
  public static String encoded(List<Pair> pairs) {
    return pairs.stream()
        .sorted()
        .map(p -> escape(p.name()) + "=" + escape(p.value()))
        .collect(Collectors.joining("&"));
  }

  /**
   * Sorted, each {@code name=value} as it is, joined by {@code &}; empty if a name or value is such
   * that another set of parameters would be written alike.
   */
  public static Optional<String> joined(List<Pair> pairs) {
    boolean clear = pairs.stream().noneMatch(SortedPairs::looksLikeSeveral);
    return clear
        ? Optional.of(
            pairs.stream()
                .sorted()
                .map(p -> p.name() + "=" + p.value())
                .collect(Collectors.joining("&")))
        : Optional.empty();
  }

  private static boolean looksLikeSeveral(Pair pair) {
    int ampersand = pair.value().indexOf('&');
    return pair.name().indexOf('=') >= 0
        || pair.name().indexOf('&') >= 0
        || (ampersand >= 0 && pair.value().indexOf('=', ampersand) >= 0);
  }

  /** Sorted, names and values joined by nothing. */
  public static String concatenated(List<Pair> pairs) {
    return pairs.stream().sorted().map(p -> p.name() + p.value()).collect(Collectors.joining());
  }

  /**
   * Sorted, each as {@code &name=value}, with {@code &} and {@code =} in a value turned into {@code
   * _}, so that the joins cannot be moved; empty if a name holds one, since {@code api=key} would
   * be signed as {@code api_key} is, which the reader would then miss.
   */
  public static Optional<String> ampersandLed(List<Pair> pairs) {
    boolean clear = pairs.stream().map(Pair::name).allMatch(name -> name.equals(plain(name)));
    return clear
        ? Optional.of(
            pairs.stream()
                .sorted()
                .map(p -> "&" + p.name() + "=" + plain(p.value()))
                .collect(Collectors.joining()))
        : Optional.empty();
  }

  private static String plain(String text) {
    return text.replace('&', '_').replace('=', '_');
  }

  private static String escape(String text) {
    StringBuilder escaped = new StringBuilder(text.length() + 8);
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xFF);
      if (UNRESERVED.indexOf(c) >= 0) {
        escaped.append(c);
      } else if (c == ' ') {
        escaped.append('+');
      } else {
        escaped.append(UrlParts.percent(b));
      }
    }
    return escaped.toString();
  }
}
