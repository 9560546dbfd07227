package dev.gatehouse.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads whole numbers, and says what is wrong without repeating what was given. */
final class Numbers implements ITypeConverter<Integer> {
  @Override
  public Integer convert(String text) {
    if (!text.matches("[0-9]{1,9}")) {
      throw new TypeConversionException("must be a whole number");
    }
    return Integer.valueOf(text);
  }
}
