package dev.gatehouse.cli;

import java.math.BigInteger;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads whole numbers, and says what is wrong without repeating what was given. One beyond what an
 * int holds is the nearest that it does: an option knows its own bounds, and names them.
 */
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
    if (!text.matches("-?[0-9]{1,40}")) {
      throw new NoNumberException();
    }
    return new BigInteger(text)
        .max(BigInteger.valueOf(Integer.MIN_VALUE))
        .min(BigInteger.valueOf(Integer.MAX_VALUE))
        .intValueExact();
  }
}
