package dev.gatehouse.graphql.access;

import graphql.schema.GraphQLFieldDefinition;
import org.jspecify.annotations.Nullable;

/**
 * The first few fields of an operation of which it was found that nothing is to be done where they
 * run: most fields of a response are the same few ones, over and over.
 *
 * <p>All others are looked up each time. It may be used by several threads: a definition is only
 * ever compared, and what one thread does not see of another it looks up itself.
 */
final class UngatedFields {
  private static final int MOST = 8;

  private volatile @Nullable Known known;

  /** Under which rules they were looked up: others may say otherwise. */
  private static final class Known {
    private final SchemaAccess access;
    private final @Nullable GraphQLFieldDefinition[] fields =
        new @Nullable GraphQLFieldDefinition[MOST];
    private int count;

    private Known(SchemaAccess access) {
      this.access = access;
    }
  }

  @SuppressWarnings("ReferenceEquality") // one definition stands for one field
  boolean has(GraphQLFieldDefinition field, SchemaAccess access) {
    Known now = known;
    if (now == null || now.access != access) {
      return false;
    }
    for (GraphQLFieldDefinition each : now.fields) {
      if (each == field) {
        return true;
      }
    }
    return false;
  }

  @SuppressWarnings("ReferenceEquality") // two sets of rules are never the same
  void add(GraphQLFieldDefinition field, SchemaAccess access) {
    Known now = known;
    if (now == null || now.access != access) {
      now = new Known(access);
      known = now;
    }
    int at = now.count;
    if (at < MOST) {
      now.fields[at] = field;
      now.count = at + 1;
    }
  }
}
