package dev.gatehouse.graphql.cost;

import java.util.List;
import java.util.OptionalDouble;

/**
 * How long a list may become, as {@code @listSize} says it.
 *
 * @param assumedSize the size where no slicing argument gives one
 * @param slicingArguments arguments whose value is the size, or whose length where they are lists;
 *     {@code input.first} reaches into an input object
 * @param sizedFields fields of the returned type that take the size instead
 * @param requireOneSlicingArgument whether a request must give exactly one slicing argument
 */
public record ListSize(
    OptionalDouble assumedSize,
    List<String> slicingArguments,
    List<String> sizedFields,
    boolean requireOneSlicingArgument) {

  /** Copies the lists. */
  public ListSize {
    slicingArguments = List.copyOf(slicingArguments);
    sizedFields = List.copyOf(sizedFields);
  }

  /** A list that has about so many elements. */
  public static ListSize assumed(double size) {
    return new ListSize(OptionalDouble.of(size), List.of(), List.of(), false);
  }

  /** A list whose size one of these arguments gives; exactly one is required. */
  public static ListSize slicedBy(String... arguments) {
    return new ListSize(OptionalDouble.empty(), List.of(arguments), List.of(), true);
  }
}
