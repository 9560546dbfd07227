package dev.gatehouse.webhook.scheme;

import java.util.Optional;

/**
 * Which hosts a URL may name: exactly those that fit, label by label.
 *
 * <p>Written {@code sns.*.amazonaws.com}: a {@code *} stands for one whole label of letters, digits
 * and hyphens. The last two labels are always fixed, so that a rule never covers a public suffix,
 * and no rule fits an IP address. Nothing is decoded: a host in capitals, with a trailing full stop
 * or in another script does not fit.
 */
public final class HostRule {
  private static final String LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
  private static final int MAX_LENGTH = 253;

  private final String text;
  private final String[] labels;

  private HostRule(String text, String[] labels) {
    this.text = text;
    this.labels = labels;
  }

  /** The rule, if the text is one. */
  static Optional<HostRule> parse(String text) {
    String[] labels = text.split("\\.", -1);
    if (labels.length < 2 || text.length() > MAX_LENGTH) {
      return Optional.empty();
    }
    for (int i = 0; i < labels.length; i++) {
      boolean wild = labels[i].equals("*") && i < labels.length - 2;
      if (!wild && !labels[i].matches(LABEL)) {
        return Optional.empty();
      }
    }
    // A last label of digits would be an address.
    return labels[labels.length - 1].matches("[a-z][a-z0-9-]*")
        ? Optional.of(new HostRule(text, labels))
        : Optional.empty();
  }

  /** Whether a host, as a URL names it, is one of them. */
  public boolean allows(String host) {
    String[] given = host.length() > MAX_LENGTH ? new String[0] : host.split("\\.", -1);
    if (given.length != labels.length) {
      return false;
    }
    for (int i = 0; i < labels.length; i++) {
      boolean fits = labels[i].equals("*") ? given[i].matches(LABEL) : labels[i].equals(given[i]);
      if (!fits) {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof HostRule rule && rule.text.equals(text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return text;
  }
}
