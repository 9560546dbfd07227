package dev.gatehouse.graphql.access;

import static graphql.schema.GraphQLTypeUtil.unwrapAll;

import dev.gatehouse.graphql.access.FieldAccess.ObjectAccess;
import dev.gatehouse.graphql.access.FieldAccess.TypeAccess;
import dev.gatehouse.graphql.access.RuleSet.StatedObjects;
import graphql.TypeResolutionEnvironment;
import graphql.execution.DataFetcherResult;
import graphql.execution.TypeResolutionParameters;
import graphql.execution.ValueUnboxer;
import graphql.schema.DataFetchingEnvironment;
import graphql.schema.GraphQLInterfaceType;
import graphql.schema.GraphQLList;
import graphql.schema.GraphQLNamedType;
import graphql.schema.GraphQLObjectType;
import graphql.schema.GraphQLSchema;
import graphql.schema.GraphQLType;
import graphql.schema.GraphQLTypeUtil;
import graphql.schema.GraphQLUnionType;
import graphql.schema.TypeResolver;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes out of one fetched value the objects that the caller may not see, before anything of them
 * is resolved.
 *
 * <p>What is taken out is answered as if it were not there: a null where a null may stand, one
 * element less in a list whose elements must not be null, and a missing value where one value must
 * be; never an error of its own. Lists are copied, so that what was checked is what is served.
 */
final class ObjectGate {
  /** Stands for an object that was taken out. */
  private static final Object HIDDEN = new Object();

  private final Verdict verdict;
  private final ObjectTally tally;
  private final ObjectAccess access;
  private final ValueUnboxer unboxer;
  private final Supplier<DataFetchingEnvironment> environment;
  private final @Nullable TypeAccess onlyType;
  private final boolean hasBatches;
  private final List<Object> objects = new ArrayList<>(0);
  private final List<TypeAccess> types = new ArrayList<>(0);
  private volatile boolean hasHidden;

  ObjectGate(
      Verdict verdict,
      ObjectTally tally,
      ObjectAccess access,
      ValueUnboxer unboxer,
      Supplier<DataFetchingEnvironment> environment) {
    this.verdict = verdict;
    this.tally = tally;
    this.access = access;
    this.unboxer = unboxer;
    this.environment = environment;
    this.onlyType = access.isAbstract() ? null : access.byType().values().iterator().next();
    this.hasBatches =
        access.byType().values().stream()
            .flatMap(type -> type.checks().stream())
            .anyMatch(each -> each.check() instanceof ObjectCheck.Batched);
  }

  /** Whether any object of the field could be taken out. */
  static boolean isNeeded(Verdict verdict, ObjectAccess access) {
    if (access.isChecked()) {
      return true;
    }
    for (TypeAccess type : access.byType().values()) {
      if (verdict.hides(type)) {
        return true;
      }
    }
    return false;
  }

  /** What is left of a value; a future where a rule is asked of a whole level. */
  @SuppressWarnings("FutureReturnValueIgnored") // whoever fetches gives a value or a future of one
  @Nullable Object visible(
      @Nullable Object value, GraphQLType type, int level, @Nullable ObjectBatches batches) {
    Object left = now(value, type);
    if (!hasBatches || batches == null || objects.isEmpty()) {
      return left == HIDDEN ? null : left;
    }
    CompletableFuture<BitSet> asked = batches.ask(level, objects, types);
    return asked.thenApply(hidden -> without(left, type, hidden));
  }

  private @Nullable Object without(@Nullable Object left, GraphQLType type, BitSet hidden) {
    if (hidden.isEmpty()) {
      return left == HIDDEN ? null : left;
    }
    Object rest = later(left, type, new int[1], hidden);
    return rest == HIDDEN ? null : rest;
  }

  // what can be said at once
  private @Nullable Object now(@Nullable Object given, GraphQLType type) {
    Object value = bare(given);
    if (value == null) {
      return given;
    }
    GraphQLType nullable = GraphQLTypeUtil.unwrapNonNull(type);
    if (!(nullable instanceof GraphQLList list)) {
      return isVisible(value) ? given : hide();
    }
    Iterable<?> elements = Elements.of(value);
    if (elements == null) {
      // no list: the engine answers with null and says why
      return given;
    }
    GraphQLType element = list.getWrappedType();
    boolean dropsHidden = GraphQLTypeUtil.isNonNull(element);
    List<@Nullable Object> kept =
        new ArrayList<>(value instanceof Collection<?> sized ? sized.size() : 10);
    for (Object each : elements) {
      keep(kept, now(each, element), dropsHidden);
    }
    return with(given, kept);
  }

  // what a level's rules have said since; in the same order
  private @Nullable Object later(
      @Nullable Object given, GraphQLType type, int[] at, BitSet hidden) {
    Object value = given == HIDDEN ? null : bare(given);
    if (value == null) {
      return given;
    }
    GraphQLType nullable = GraphQLTypeUtil.unwrapNonNull(type);
    if (!(nullable instanceof GraphQLList list)) {
      return hidden.get(at[0]++) ? hide() : given;
    }
    if (!(value instanceof List<?> elements)) {
      return given;
    }
    GraphQLType element = list.getWrappedType();
    boolean dropsHidden = GraphQLTypeUtil.isNonNull(element);
    List<@Nullable Object> kept = new ArrayList<>(elements.size());
    for (Object each : elements) {
      keep(kept, later(each, element, at, hidden), dropsHidden);
    }
    return with(given, kept);
  }

  private static void keep(
      List<@Nullable Object> kept, @Nullable Object value, boolean dropsHidden) {
    if (value != HIDDEN) {
      kept.add(value);
    } else if (!dropsHidden) {
      kept.add(null);
    }
  }

  private Object hide() {
    hasHidden = true;
    tally.hidden();
    return HIDDEN;
  }

  /** Whether something was taken out of what is left. */
  boolean hasHidden() {
    return hasHidden;
  }

  private @Nullable Object bare(@Nullable Object given) {
    Object value = given instanceof DataFetcherResult<?> result ? result.getData() : given;
    return value == null ? null : unboxer.unbox(value);
  }

  private static Object with(@Nullable Object given, List<@Nullable Object> kept) {
    return given instanceof DataFetcherResult<?> result
        ? DataFetcherResult.newResult()
            .data(kept)
            .errors(result.getErrors())
            .localContext(result.getLocalContext())
            .extensions(result.getExtensions())
            .build()
        : kept;
  }

  private boolean isVisible(Object object) {
    TypeAccess type = onlyType == null ? typeOf(object) : onlyType;
    if (type == null || (access.isAbstract() && verdict.hides(type))) {
      return false;
    }
    List<StatedObjects> checks = type.checks();
    for (int i = 0; i < checks.size(); i++) {
      StatedObjects each = checks.get(i);
      if (each.check() instanceof ObjectCheck.Immediate immediate
          && !isVisible(immediate.rule(), object)
          && tally.binds(each)) {
        return false;
      }
    }
    if (hasBatches) {
      objects.add(object);
      types.add(type);
    }
    return true;
  }

  private boolean isVisible(ObjectRule.Each rule, Object object) {
    try {
      return rule.visible(verdict.caller, object);
    } catch (RuntimeException e) {
      tally.broken();
      return false;
    }
  }

  // a type that cannot be told cannot be decided on
  private @Nullable TypeAccess typeOf(Object object) {
    DataFetchingEnvironment env = environment.get();
    GraphQLSchema schema = env.getGraphQLSchema();
    GraphQLNamedType type = unwrapAll(env.getFieldDefinition().getType());
    TypeResolver resolver =
        type instanceof GraphQLInterfaceType one
            ? schema.getCodeRegistry().getTypeResolver(one)
            : schema.getCodeRegistry().getTypeResolver((GraphQLUnionType) type);
    try {
      GraphQLObjectType found = resolver.getType(resolution(env, type, object));
      return found == null ? null : access.byType().get(found.getName());
    } catch (RuntimeException e) {
      tally.broken();
      return null;
    }
  }

  private static TypeResolutionEnvironment resolution(
      DataFetchingEnvironment env, GraphQLNamedType type, Object object) {
    TypeResolutionParameters.Builder parameters =
        TypeResolutionParameters.newParameters()
            .field(env.getMergedField())
            .fieldType(type)
            .value(object)
            .argumentValues(env::getArguments)
            .selectionSet(env.getSelectionSet())
            .graphQLContext(env.getGraphQlContext())
            .schema(env.getGraphQLSchema());
    Object local = env.getLocalContext();
    return local == null ? parameters.build() : parameters.localContext(local).build();
  }

  /** Whether the object may be acted on; a future where a rule is asked of it in its turn. */
  CompletableFuture<Boolean> mayBeSeen(Object object, int level, @Nullable ObjectBatches batches) {
    if (!isVisible(object)) {
      tally.hidden();
      return CompletableFuture.completedFuture(false);
    }
    if (!hasBatches) {
      return CompletableFuture.completedFuture(true);
    }
    return Objects.requireNonNull(batches).ask(level, objects, types).thenApply(this::isSeen);
  }

  private boolean isSeen(BitSet hidden) {
    if (!hidden.isEmpty()) {
      tally.hidden();
    }
    return hidden.isEmpty();
  }
}
