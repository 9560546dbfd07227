package dev.gatehouse.graphql.access;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.BaseStream;
import org.jspecify.annotations.Nullable;

/** The elements of what graphql-java takes for a list. */
final class Elements {
  private Elements() {}

  /** The elements, to be read once; null where the value is no list. */
  static @Nullable Iterable<?> of(Object value) {
    if (value instanceof Iterable<?> many) {
      return many;
    }
    if (value instanceof BaseStream<?, ?> stream) {
      return drained(stream.iterator());
    }
    if (value instanceof Iterator<?> iterator) {
      return drained(iterator);
    }
    return value.getClass().isArray() ? array(value) : null;
  }

  private static List<@Nullable Object> drained(Iterator<?> elements) {
    List<@Nullable Object> all = new ArrayList<>();
    elements.forEachRemaining(all::add);
    return all;
  }

  private static List<@Nullable Object> array(Object array) {
    List<@Nullable Object> all = new ArrayList<>();
    for (int i = 0; i < Array.getLength(array); i++) {
      all.add(Array.get(array, i));
    }
    return all;
  }
}
