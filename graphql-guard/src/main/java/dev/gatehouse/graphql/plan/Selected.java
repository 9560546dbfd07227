package dev.gatehouse.graphql.plan;

import graphql.language.Field;
import graphql.schema.GraphQLObjectType;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One selection of a document at one place of the response, and the types it may run on. */
public final class Selected {
  private final Field field;
  private final SchemaTypes schema;
  private final TypeSet types;
  final When when;

  Selected(Field field, SchemaTypes schema, TypeSet types, When when) {
    this.field = field;
    this.schema = schema;
    this.types = types;
    this.when = when;
  }

  /** The selection as it is written. */
  public Field field() {
    return field;
  }

  /** Each object type on which it may run. */
  public void eachType(Consumer<GraphQLObjectType> visit) {
    for (int type : types.members) {
      visit.accept(schema.object(type));
    }
  }

  /** Is told of selections that count with one request's variables. */
  @FunctionalInterface
  public interface Visitor {
    /**
     * A selection.
     *
     * @param place where it stands
     */
    void selection(Selected selected, Place place);
  }

  /** A place in a response. */
  public interface Place {
    /** The response keys from the root; where several paths lead to one selection, one of them. */
    List<Object> path();

    /** The response keys from the root on each path to it; the first paths where there are more. */
    List<List<Object>> paths(int most);

    /** Whether it is at the root. */
    boolean isRoot();

    /** What all selections have in common that stand beside each other. */
    Object among();

    /** What all selections have in common that stand below this one; null below a leaf. */
    @Nullable Object below();
  }
}
