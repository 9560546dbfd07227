package dev.gatehouse.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads whole numbers, and says what is wrong without repeating what was given. */
final class Numbers implements ITypeConverter<Integer> {
  /** Thrown for what is not a whole number; its message does not quote it. */
  static final class NoNumberException extends TypeConversionException {
    private static final long serialVersionUID = 1L;

    NoNumberException() {
      super("must be a whole number");
    }
  }

  @Override
  public Integer convert(String text) {
    if (!text.matches("[0-9]{1,9}")) {
      throw new NoNumberException();
    }
    return Integer.valueOf(text);
  }
}
