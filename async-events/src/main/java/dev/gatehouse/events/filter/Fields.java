package dev.gatehouse.events.filter;

import org.jspecify.annotations.Nullable;

/** An event, as a filter reads it: what the subscriber may see of it, and nothing else. */
@FunctionalInterface
public interface Fields {
  /**
   * The value at that path: a {@link String}, a {@link Boolean}, or a number ({@link Long}, {@link
   * Double}, {@link java.math.BigInteger}); null where there is none, or none of these.
   */
  @Nullable Object value(FieldPath path);
}
