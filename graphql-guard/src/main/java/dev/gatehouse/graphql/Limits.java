package dev.gatehouse.graphql;

import dev.gatehouse.core.Problems;
import dev.gatehouse.core.StrictJson;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoubleConsumer;
import org.jspecify.annotations.Nullable;

/**
 * How much one operation may ask for; immutable, and applied to each request after the plan's
 * cache, so that no caller ever meets another's limits.
 *
 * <p>A limit that is not set does not exist. {@link #strict()} sets all of them.
 *
 * <p>What is counted: a <em>response path</em> is the chain of response keys from the root, list
 * indices aside; fields of exclusive runtime types with the same key share a path, and a path
 * counts only if {@code @skip} and {@code @include} let it with the request's variables.
 *
 * <ul>
 *   <li>{@code depth}: the longest path, in fields; {@code {a{b}}} is 2.
 *   <li>{@code fields}: the number of paths; {@code aliases}: of those that have an explicit alias,
 *       even one that equals the name; {@code rootFields}: of those at the root.
 *   <li>{@code directives}: each directive applied by the selected operation, again at each spread
 *       of a fragment, not merged, and also on what is skipped.
 *   <li>{@code tokens}: lexical tokens of the whole document, unused definitions included.
 *   <li>{@code typeCost}, {@code fieldCost}: by the IBM cost specification.
 *   <li>{@code calls}: paths that select a coordinate; {@code recursion}: how often it stands on
 *       one path, other fields between or not. A coordinate stands for every selection that can run
 *       it: an interface's field for its implementations' and the reverse.
 *   <li>{@code slicingArguments}: whether a list that requires one slicing argument must get
 *       exactly one.
 *   <li>{@code introspection}: see {@link Introspection}.
 *   <li>{@code characters}, {@code variableBytes}, {@code inputDepth}, {@code listLength}: what is
 *       read at all; they are checked before the document is parsed or its variables are coerced.
 * </ul>
 *
 * <p>{@code __typename} costs nothing and counts as a field, an alias and a root field like any
 * other. What lies under {@code __schema} and {@code __type} counts towards aliases, directives and
 * tokens only; {@code introspection} bounds it.
 */
public final class Limits {
  /** Whether and how far an operation may look into the schema. */
  public enum Introspection {
    /** No bound is judged. */
    UNBOUNDED,
    /**
     * {@code __schema} and {@code __type} once each after merging; list fields of the meta-schema
     * nested at most 3 deep and none within itself; {@code ofType} at most 16 times on a path.
     */
    BOUNDED,
    /** {@code __schema} and {@code __type} are refused; {@code __typename} is not introspection. */
    REFUSED
  }

  private static final Limits NONE = new Builder().build();

  private final Builder values;

  private Limits(Builder values) {
    this.values = values;
  }

  /** No limit at all: for offline analysis, not for a server. */
  public static Limits none() {
    return NONE;
  }

  /** Begins with no limit. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Limits that fit a public API: depth 12, 300 fields, 15 aliases, 10 root fields, 30 directives,
   * 2,000 tokens, 1,000 of either cost, introspection bounded, slicing arguments required, 64 Ki
   * characters, 64 KiB of variables, input depth 12, lists of 1,000.
   */
  public static Limits strict() {
    return builder()
        .depth(12)
        .fields(300)
        .aliases(15)
        .rootFields(10)
        .directives(30)
        .tokens(2_000)
        .typeCost(1_000)
        .fieldCost(1_000)
        .slicingArguments(true)
        .introspection(Introspection.BOUNDED)
        .characters(64 << 10)
        .variableBytes(64 << 10)
        .inputDepth(12)
        .listLength(1_000)
        .build();
  }

  /** Begins with these limits. */
  public Builder toBuilder() {
    return new Builder(values);
  }

  /**
   * Reads limits from JSON, spelled as in this class; unknown keys, wrong types and negative
   * numbers are reported.
   *
   * @param tree the object; null reads as no limits
   * @param path where it stands
   */
  public static Limits fromJson(@Nullable Object tree, String path, Problems problems) {
    StrictJson in = StrictJson.object(tree, path, problems);
    Builder limits = new Builder();
    number(in, "depth", limits::depth);
    number(in, "fields", limits::fields);
    number(in, "aliases", limits::aliases);
    number(in, "rootFields", limits::rootFields);
    number(in, "directives", limits::directives);
    number(in, "tokens", limits::tokens);
    number(in, "typeCost", limits::typeCost);
    number(in, "fieldCost", limits::fieldCost);
    number(in, "characters", limits::characters);
    number(in, "variableBytes", limits::variableBytes);
    number(in, "inputDepth", limits::inputDepth);
    number(in, "listLength", limits::listLength);
    coordinates(in.child("calls"), limits.calls);
    coordinates(in.child("recursion"), limits.recursion);
    limits.slicingArguments(in.bool("slicingArguments", false));
    limits.introspection(
        in.bool("introspection", false) ? Introspection.BOUNDED : Introspection.UNBOUNDED);
    in.close();
    return limits.build();
  }

  private static void number(StrictJson in, String key, DoubleConsumer limit) {
    Object value = in.any(key).orElse(null);
    if (value == null) {
      return;
    }
    if (value instanceof Number number && number.doubleValue() >= 0) {
      limit.accept(number.doubleValue());
      return;
    }
    in.problem(key, "must be a number, 0 or more");
  }

  private static void coordinates(StrictJson in, Map<String, Double> limits) {
    for (String coordinate : in.keys()) {
      number(in, coordinate, max -> limits.put(coordinate, max));
      if (!Builder.isCoordinate(coordinate)) {
        in.problem(coordinate, "must be a field's coordinate, such as Mutation.login");
      }
    }
  }

  /** The longest path, in fields; infinite without a limit, as are all numbers here. */
  public double depth() {
    return values.depth;
  }

  /** Response paths. */
  public double fields() {
    return values.fields;
  }

  /** Response paths with an explicit alias. */
  public double aliases() {
    return values.aliases;
  }

  /** Response keys at the root. */
  public double rootFields() {
    return values.rootFields;
  }

  /** Directives applied. */
  public double directives() {
    return values.directives;
  }

  /** Lexical tokens of the document. */
  public double tokens() {
    return values.tokens;
  }

  /** The type cost. */
  public double typeCost() {
    return values.typeCost;
  }

  /** The field cost. */
  public double fieldCost() {
    return values.fieldCost;
  }

  /** Characters (UTF-16 units) of the document. */
  public double characters() {
    return values.characters;
  }

  /** Bytes of the variables, counted as compact JSON in UTF-8. */
  public double variableBytes() {
    return values.variableBytes;
  }

  /** How deep lists and objects nest in an argument or a variable. */
  public double inputDepth() {
    return values.inputDepth;
  }

  /** Elements of one list in an argument or a variable. */
  public double listLength() {
    return values.listLength;
  }

  /** How often a coordinate may be selected in one operation; unmodifiable. */
  public Map<String, Double> calls() {
    return values.calls;
  }

  /** How often a coordinate may stand on one path; unmodifiable. */
  public Map<String, Double> recursion() {
    return values.recursion;
  }

  /** Whether lists that require one slicing argument must get exactly one. */
  public boolean slicingArguments() {
    return values.slicingArguments;
  }

  /** How far an operation may look into the schema. */
  public Introspection introspection() {
    return values.introspection;
  }

  /** Collects limits. */
  public static final class Builder {
    private double depth = Double.POSITIVE_INFINITY;
    private double fields = Double.POSITIVE_INFINITY;
    private double aliases = Double.POSITIVE_INFINITY;
    private double rootFields = Double.POSITIVE_INFINITY;
    private double directives = Double.POSITIVE_INFINITY;
    private double tokens = Double.POSITIVE_INFINITY;
    private double typeCost = Double.POSITIVE_INFINITY;
    private double fieldCost = Double.POSITIVE_INFINITY;
    private double characters = Double.POSITIVE_INFINITY;
    private double variableBytes = Double.POSITIVE_INFINITY;
    private double inputDepth = Double.POSITIVE_INFINITY;
    private double listLength = Double.POSITIVE_INFINITY;
    private Map<String, Double> calls = new LinkedHashMap<>();
    private Map<String, Double> recursion = new LinkedHashMap<>();
    private boolean slicingArguments;
    private Introspection introspection = Introspection.UNBOUNDED;

    private Builder() {}

    private Builder(Builder from) {
      depth = from.depth;
      fields = from.fields;
      aliases = from.aliases;
      rootFields = from.rootFields;
      directives = from.directives;
      tokens = from.tokens;
      typeCost = from.typeCost;
      fieldCost = from.fieldCost;
      characters = from.characters;
      variableBytes = from.variableBytes;
      inputDepth = from.inputDepth;
      listLength = from.listLength;
      calls = new LinkedHashMap<>(from.calls);
      recursion = new LinkedHashMap<>(from.recursion);
      slicingArguments = from.slicingArguments;
      introspection = from.introspection;
    }

    /** The longest path, in fields. */
    public Builder depth(double max) {
      depth = checked("depth", max);
      return this;
    }

    /** Response paths. */
    public Builder fields(double max) {
      fields = checked("fields", max);
      return this;
    }

    /** Response paths with an explicit alias. */
    public Builder aliases(double max) {
      aliases = checked("aliases", max);
      return this;
    }

    /** Response keys at the root. */
    public Builder rootFields(double max) {
      rootFields = checked("rootFields", max);
      return this;
    }

    /** Directives applied. */
    public Builder directives(double max) {
      directives = checked("directives", max);
      return this;
    }

    /** Lexical tokens of the document. */
    public Builder tokens(double max) {
      tokens = checked("tokens", max);
      return this;
    }

    /** The type cost. */
    public Builder typeCost(double max) {
      typeCost = checked("typeCost", max);
      return this;
    }

    /** The field cost. */
    public Builder fieldCost(double max) {
      fieldCost = checked("fieldCost", max);
      return this;
    }

    /** Characters (UTF-16 units) of the document. */
    public Builder characters(double max) {
      characters = checked("characters", max);
      return this;
    }

    /** Bytes of the variables, counted as compact JSON in UTF-8. */
    public Builder variableBytes(double max) {
      variableBytes = checked("variableBytes", max);
      return this;
    }

    /** How deep lists and objects nest in an argument or a variable. */
    public Builder inputDepth(double max) {
      inputDepth = checked("inputDepth", max);
      return this;
    }

    /** Elements of one list in an argument or a variable. */
    public Builder listLength(double max) {
      listLength = checked("listLength", max);
      return this;
    }

    /** How often a coordinate such as {@code Mutation.login} may be selected in one operation. */
    public Builder calls(String coordinate, double max) {
      calls.put(coordinateOf(coordinate), checked("calls", max));
      return this;
    }

    /** How often a coordinate such as {@code User.friends} may stand on one path. */
    public Builder recursion(String coordinate, double max) {
      recursion.put(coordinateOf(coordinate), checked("recursion", max));
      return this;
    }

    /** Whether lists that require one slicing argument must get exactly one. */
    public Builder slicingArguments(boolean required) {
      slicingArguments = required;
      return this;
    }

    /** How far an operation may look into the schema. */
    public Builder introspection(Introspection value) {
      introspection = value;
      return this;
    }

    /** The limits. */
    public Limits build() {
      Builder copy = new Builder(this);
      copy.calls = Collections.unmodifiableMap(copy.calls);
      copy.recursion = Collections.unmodifiableMap(copy.recursion);
      return new Limits(copy);
    }

    private static double checked(String limit, double max) {
      if (!(max >= 0)) {
        throw new IllegalArgumentException("the limit " + limit + " must be 0 or more");
      }
      return max;
    }

    private static String coordinateOf(String coordinate) {
      if (!isCoordinate(coordinate)) {
        throw new IllegalArgumentException(
            "not a field's coordinate such as Mutation.login: " + coordinate);
      }
      return coordinate;
    }

    private static boolean isCoordinate(String text) {
      return text.matches("[_A-Za-z][_0-9A-Za-z]*\\.[_A-Za-z][_0-9A-Za-z]*");
    }
  }
}
