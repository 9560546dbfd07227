package dev.gatehouse.graphql.plan;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * Some of a schema's object types; in one compilation, two of the same members are the same object.
 */
final class TypeSet {
  /** Counts from 0, one for each set of a schema. */
  final int id;

  /** The numbers of the types, ascending. */
  final int[] members;

  /** What {@link TypeSets#below} found for fields. */
  final Map<String, TypeSet> below = new HashMap<>(4);

  private final BitSet bits;

  TypeSet(int id, BitSet bits) {
    this.id = id;
    this.bits = bits;
    this.members = bits.stream().toArray();
  }

  boolean has(int type) {
    return bits.get(type);
  }

  boolean isEmpty() {
    return members.length == 0;
  }

  boolean meets(BitSet other) {
    return bits.intersects(other);
  }

  BitSet bits() {
    return (BitSet) bits.clone();
  }
}
