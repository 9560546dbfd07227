package dev.gatehouse.webhook.scheme;

/**
 * A parameter of a request, decoded.
 *
 * @param name its name
 * @param value its value
 */
public record Pair(String name, String value) implements Comparable<Pair> {
  /** By name, then by value, each by code unit. */
  @Override
  public int compareTo(Pair other) {
    int byName = name.compareTo(other.name);
    return byName != 0 ? byName : value.compareTo(other.value);
  }
}
