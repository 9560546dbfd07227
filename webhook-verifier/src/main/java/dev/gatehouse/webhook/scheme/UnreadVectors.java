package dev.gatehouse.webhook.scheme;

import java.util.AbstractList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The vectors of a file, read when they are first looked at. Safe for any number of threads. */
final class UnreadVectors extends AbstractList<Scheme.Vector> {
  private final String name;
  private volatile @Nullable List<Scheme.Vector> read;

  /**
   * Those of a scheme of the catalogue.
   *
   * @param name the scheme's
   */
  UnreadVectors(String name) {
    this.name = name;
  }

  private List<Scheme.Vector> all() {
    List<Scheme.Vector> known = read;
    if (known == null) {
      // Two threads may both read: they find the same.
      known = List.copyOf(Schemes.vectors(name));
      read = known;
    }
    return known;
  }

  @Override
  public Scheme.Vector get(int index) {
    return all().get(index);
  }

  @Override
  public int size() {
    return all().size();
  }
}
