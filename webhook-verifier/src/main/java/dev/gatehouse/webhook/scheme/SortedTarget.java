package dev.gatehouse.webhook.scheme;

import java.util.List;
import java.util.Optional;

/**
 * The URL with its query sorted, then the sorted form: {@code base?a=1&b=2.c3d4}. A pure function.
 *
 * <p>A question mark follows the base when there is a query or a form; a full stop stands between
 * them when there are both. Between the form's names and values stands nothing, so one text fits
 * several forms; what was received is told from its copies by that text.
 */
public final class SortedTarget {
  private SortedTarget() {}

  /** The text; empty if the query could be read as another. */
  public static Optional<String> of(String url, List<Pair> query, List<Pair> form) {
    return SortedPairs.joined(query)
        .map(
            sorted -> {
              String mark = sorted.isEmpty() && form.isEmpty() ? "" : "?";
              String stop = sorted.isEmpty() || form.isEmpty() ? "" : ".";
              return UrlParts.base(url) + mark + sorted + stop + SortedPairs.concatenated(form);
            });
  }
}
