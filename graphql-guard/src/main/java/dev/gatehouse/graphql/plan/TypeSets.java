package dev.gatehouse.graphql.plan;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The sets of object types that one compilation meets, each made once. */
final class TypeSets {
  private final SchemaTypes types;
  private final Map<BitSet, TypeSet> sets = new HashMap<>();
  private final List<TypeSet> byId = new ArrayList<>();
  private final Map<Long, TypeSet> meetings = new HashMap<>();

  TypeSets(SchemaTypes types) {
    this.types = types;
  }

  TypeSet of(BitSet bits) {
    TypeSet known = sets.get(bits);
    if (known != null) {
      return known;
    }
    TypeSet made = new TypeSet(byId.size(), (BitSet) bits.clone());
    sets.put(made.bits(), made);
    byId.add(made);
    return made;
  }

  TypeSet get(int id) {
    return byId.get(id);
  }

  /** The members of both. */
  TypeSet meet(TypeSet left, TypeSet right) {
    if (left == right) {
      return left;
    }
    return meetings.computeIfAbsent(
        (long) left.id << 32 | right.id,
        pair -> {
          BitSet both = left.bits();
          both.and(right.bits());
          return of(both);
        });
  }

  /** Everything that a field may return on any of these types; empty for a leaf. */
  TypeSet below(TypeSet set, String field) {
    TypeSet known = set.below.get(field);
    if (known != null) {
      return known;
    }
    BitSet all = new BitSet();
    for (int type : set.members) {
      SchemaField found = types.field(type, field);
      if (found == null) {
        throw new InvalidDocumentException(
            "type " + types.object(type).getName() + " has no field " + field);
      }
      if (found.below() != null) {
        all.or(found.below());
      }
    }
    TypeSet made = of(all);
    set.below.put(field, made);
    return made;
  }
}
