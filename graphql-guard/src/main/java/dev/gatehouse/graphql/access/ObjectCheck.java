package dev.gatehouse.graphql.access;

import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import graphql.Scalars;
import graphql.schema.DataFetchingEnvironment;
import graphql.schema.GraphQLFieldDefinition;
import graphql.schema.PropertyDataFetcher;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.Map;
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
    String[] scopes = orScopes.toArray(String[]::new);
    return new Immediate(
        (caller, object) -> {
          if (caller.isEmpty()) {
            return false;
          }
          Principal principal = caller.get();
          if (scopes.length > 0 && hasAll(principal, scopes)) {
            return true;
          }
          return principal.kind() == Principal.Kind.USER
              && principal.id().equals(text(read.apply(object)));
        });
  }

  // asked of each object: without an iterator
  private static boolean hasAll(Principal principal, String[] scopes) {
    Set<String> held = principal.scopes();
    for (String scope : scopes) {
      if (!held.contains(scope)) {
        return false;
      }
    }
    return true;
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
    RecordComponents components = new RecordComponents(name);
    return object -> {
      try {
        MethodHandle component = components.get(object.getClass()).orElse(null);
        return component == null
            ? fetcher.get(field, object, none)
            : (Object) component.invokeExact(object);
      } catch (Error e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException("the property " + name + " could not be read", e);
      }
    };
  }

  /**
   * How the component of one name is read of records that anybody may read: graphql-java calls the
   * same method, once it has looked the class up by its name.
   */
  final class RecordComponents extends ClassValue<Optional<MethodHandle>> {
    private static final MethodType READER = MethodType.methodType(Object.class, Object.class);

    private final String name;

    RecordComponents(String name) {
      this.name = name;
    }

    @Override
    protected Optional<MethodHandle> computeValue(Class<?> type) {
      boolean isPlain = type.isRecord() && !Map.class.isAssignableFrom(type);
      if (!isPlain || !Modifier.isPublic(type.getModifiers()) || hasOther(type)) {
        return Optional.empty();
      }
      for (RecordComponent component : type.getRecordComponents()) {
        if (component.getName().equals(name)) {
          return reader(component);
        }
      }
      return Optional.empty();
    }

    // one that graphql-java could take for it: its name differs in the case of the first letter
    private boolean hasOther(Class<?> type) {
      for (Method method : type.getMethods()) {
        String other = method.getName();
        if (!other.equals(name)
            && other.length() == name.length()
            && other.regionMatches(1, name, 1, name.length() - 1)
            && other.regionMatches(true, 0, name, 0, 1)) {
          return true;
        }
      }
      return false;
    }

    private static Optional<MethodHandle> reader(RecordComponent component) {
      try {
        MethodHandle accessor = MethodHandles.publicLookup().unreflect(component.getAccessor());
        return Optional.of(accessor.asType(READER));
      } catch (IllegalAccessException e) {
        return Optional.empty();
      }
    }
  }
}
