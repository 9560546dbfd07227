package dev.gatehouse.graphql.access;

import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import graphql.Scalars;
import graphql.schema.DataFetchingEnvironment;
import graphql.schema.GraphQLFieldDefinition;
import graphql.schema.PropertyDataFetcher;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One of the ways to ask about objects: each at once, or a level's together. */
sealed interface ObjectCheck {
  /** Asked of each object, and answered at once. */
  record Immediate(ObjectRule.Each rule) implements ObjectCheck {}

  /** Asked of all objects of a level together. */
  record Batched(ObjectRule rule) implements ObjectCheck {}

  /** The caller's tenant is the object's. */
  static ObjectCheck tenant(Function<Object, @Nullable Object> read) {
    return new Immediate(
        (caller, object) -> {
          Optional<TenantId> mine = caller.flatMap(Principal::tenant);
          return mine.isPresent() && mine.get().value().equals(text(read.apply(object)));
        });
  }

  /**
   * The caller is the person to whom the object belongs, or holds all of the scopes, if there are
   * any. Ids are unique within a kind of principal only, so that no service owns what a person of
   * the same id does.
   */
  static ObjectCheck owner(Function<Object, @Nullable Object> read, Set<String> orScopes) {
    return new Immediate(
        (caller, object) -> {
          if (caller.isEmpty()) {
            return false;
          }
          Principal principal = caller.get();
          if (!orScopes.isEmpty() && principal.scopes().containsAll(orScopes)) {
            return true;
          }
          return principal.kind() == Principal.Kind.USER
              && principal.id().equals(text(read.apply(object)));
        });
  }

  private static @Nullable String text(@Nullable Object value) {
    if (value instanceof TenantId tenant) {
      return tenant.value();
    }
    return value == null ? null : value.toString();
  }

  /**
   * Reads a property as graphql-java does: a map's key, a record's component, a getter, a field.
   */
  static Function<Object, @Nullable Object> property(String name) {
    PropertyDataFetcher<Object> fetcher = PropertyDataFetcher.fetching(name);
    GraphQLFieldDefinition field =
        GraphQLFieldDefinition.newFieldDefinition().name("it").type(Scalars.GraphQLString).build();
    Supplier<DataFetchingEnvironment> none =
        () -> {
          throw new IllegalStateException(name + " of an object must not depend on a request");
        };
    return object -> {
      try {
        return fetcher.get(field, object, none);
      } catch (Exception e) {
        throw new IllegalStateException("the property " + name + " could not be read", e);
      }
    };
  }
}
