package dev.gamelan.app.command;

import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A number of bytes, as {@code 20000}, {@code 64k}, {@code 20M} or {@code 3G} (powers of 1024). */
final class ByteCount implements ITypeConverter<Long> {
  @Override
  public Long convert(String text) {
    String digits = text.toLowerCase(Locale.ROOT).replaceAll("i?b?$", "");
    int shift = 0;
    if (!digits.isEmpty()) {
      shift = 10 * ("kmgt".indexOf(digits.charAt(digits.length() - 1)) + 1);
      digits = shift > 0 ? digits.substring(0, digits.length() - 1) : digits;
    }
    try {
      long number = Long.parseLong(digits);
      if (number < 1) {
        throw new TypeConversionException("'" + text + "' must be at least 1");
      }
      return Math.multiplyExact(number, 1L << shift);
    } catch (ArithmeticException | NumberFormatException e) {
      throw new TypeConversionException("'" + text + "' is no number of bytes such as 64k or 20M");
    }
  }
}
