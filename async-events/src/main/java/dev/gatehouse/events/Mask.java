package dev.gatehouse.events;

import dev.gatehouse.events.filter.FieldPath;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The fields of an event that a principal may not see: they are taken out of what is sent, and of
 * what a filter reads.
 *
 * <p>A path into data also takes the field out of each object of the arrays on its way. Data that
 * cannot be read as JSON cannot be shown with a part of it taken out: such an event is not shown.
 */
public final class Mask {
  private static final Mask NONE = new Mask(Set.of());

  private final Set<String> paths;
  private final List<FieldPath> data;
  private final Set<String> attributes;

  private Mask(Collection<String> paths) {
    this.paths = Set.copyOf(paths);
    List<FieldPath> parsed = paths.stream().map(FieldPath::of).toList();
    this.data = parsed.stream().filter(FieldPath::isData).toList();
    this.attributes =
        parsed.stream()
            .filter(path -> !path.isData())
            .map(FieldPath::text)
            .collect(Collectors.toUnmodifiableSet());
    attributes.forEach(Mask::requireMaskable);
  }

  /** Nothing is hidden. */
  public static Mask none() {
    return NONE;
  }

  /**
   * These fields are hidden: further attributes, {@code subject}, or paths such as {@code
   * data.customer.email}.
   *
   * @throws IllegalArgumentException if one is no field, or one without which there is no event
   */
  public static Mask hiding(String... fields) {
    return hiding(Arrays.asList(fields));
  }

  /** These fields are hidden. */
  public static Mask hiding(Collection<String> fields) {
    return fields.isEmpty() ? NONE : new Mask(fields);
  }

  /** What either hides. */
  public Mask and(Mask other) {
    Set<String> both = new TreeSet<>(paths);
    both.addAll(other.paths);
    return hiding(both);
  }

  private static void requireMaskable(String attribute) {
    if (Set.of("id", "source", "type", "topic", "time", "datacontenttype").contains(attribute)) {
      throw new IllegalArgumentException(
          "'" + attribute + "' cannot be hidden: every event has it; deny the event instead");
    }
  }

  /** The fields that are hidden; unmodifiable. */
  public Set<String> fields() {
    return paths;
  }

  boolean hides(String attribute) {
    return attributes.contains(attribute);
  }

  /** The data without what is hidden; null if it cannot be taken out. */
  @Nullable EventData over(EventData whole) {
    if (data.isEmpty() || whole.isEmpty()) {
      return whole;
    }
    if (!whole.isReadable()) {
      return null;
    }
    Object left = whole.tree();
    for (FieldPath path : data) {
      left = without(left, path, 0);
    }
    return EventData.jsonBytes(StrictTree.write(left));
  }

  private static @Nullable Object without(@Nullable Object tree, FieldPath path, int index) {
    if (tree instanceof List<?> list) {
      return list.stream().map(item -> without(item, path, index)).collect(Collectors.toList());
    }
    if (!(tree instanceof Map<?, ?> map) || !map.containsKey(path.segment(index))) {
      return tree;
    }
    Map<Object, @Nullable Object> left = new LinkedHashMap<>(map);
    if (index == path.length() - 1) {
      left.remove(path.segment(index));
    } else {
      left.computeIfPresent(path.segment(index), (name, below) -> without(below, path, index + 1));
    }
    return left;
  }

  @Override
  public boolean equals(Object other) {
    return other == this || (other instanceof Mask mask && mask.paths.equals(paths));
  }

  @Override
  public int hashCode() {
    return paths.hashCode();
  }

  @Override
  public String toString() {
    return "Mask" + new TreeSet<>(paths);
  }
}
