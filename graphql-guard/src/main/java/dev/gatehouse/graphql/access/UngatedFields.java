package dev.gatehouse.graphql.access;

import graphql.schema.GraphQLFieldDefinition;
import org.jspecify.annotations.Nullable;

/**
 * The last few fields of which it was found that nothing is to be done where they run: most fields
 * of a response are the same few ones, over and over.
 *
 * <p>What it forgets is looked up again. It may be used by several threads: a definition is only
 * ever compared, and what one thread does not see of another it looks up itself.
 */
final class UngatedFields {
  private static final int MOST = 8;

  private final boolean isUsed;
  private volatile @Nullable Known known;
  private int next;

  /** Under which rules they were looked up: others may say otherwise. */
  private record Known(SchemaAccess access, @Nullable GraphQLFieldDefinition[] fields) {}

  /**
   * None yet.
   *
   * @param isUsed false where every field has something done about it
   */
  UngatedFields(boolean isUsed) {
    this.isUsed = isUsed;
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
    if (!isUsed) {
      return;
    }
    Known now = known;
    if (now == null || now.access != access) {
      now = new Known(access, new @Nullable GraphQLFieldDefinition[MOST]);
      known = now;
    }
    now.fields[next++ & (MOST - 1)] = field;
  }
}
