package dev.gamelan.text.template;

/** Escapes of string literals, as Python's {@code unicode-escape} reads them. */
final class Escapes {
  private Escapes() {}

  static String unescape(String literal) {
    if (literal.indexOf('\\') < 0) {
      return literal;
    }
    StringBuilder out = new StringBuilder(literal.length());
    int i = 0;
    while (i < literal.length()) {
      char c = literal.charAt(i++);
      if (c != '\\') {
        out.append(c);
        continue;
      }
      char e = literal.charAt(i++);
      switch (e) {
        case '\n' -> {}
        case '\\', '\'', '"' -> out.append(e);
        case 'a' -> out.append('\u0007');
        case 'b' -> out.append('\b');
        case 'f' -> out.append('\f');
        case 'n' -> out.append('\n');
        case 'r' -> out.append('\r');
        case 't' -> out.append('\t');
        case 'v' -> out.append('\u000b');
        case 'x' -> i = hex(literal, i, 2, out);
        case 'u' -> i = hex(literal, i, 4, out);
        case 'U' -> i = hex(literal, i, 8, out);
        case 'N' -> i = name(literal, i, out);
        case '0', '1', '2', '3', '4', '5', '6', '7' -> i = octal(literal, i - 1, out);
        default -> out.append('\\').append(e);
      }
    }
    return out.toString();
  }

  private static int hex(String literal, int start, int digits, StringBuilder out) {
    int value = 0;
    for (int i = start; i < start + digits; i++) {
      int digit = i < literal.length() ? Character.digit(literal.charAt(i), 16) : -1;
      if (digit < 0 || value >>> 28 != 0) {
        throw new Fault("a string's escape needs " + digits + " hexadecimal digits");
      }
      value = value * 16 + digit;
    }
    if (!Character.isValidCodePoint(value)) {
      throw new Fault("a string's escape is beyond U+10FFFF");
    }
    out.appendCodePoint(value);
    return start + digits;
  }

  private static int octal(String literal, int start, StringBuilder out) {
    int value = 0;
    int i = start;
    while (i < literal.length() && i < start + 3 && Character.digit(literal.charAt(i), 8) >= 0) {
      value = value * 8 + Character.digit(literal.charAt(i++), 8);
    }
    out.append((char) value);
    return i;
  }

  private static int name(String literal, int start, StringBuilder out) {
    int end = literal.indexOf('}', start);
    if (start >= literal.length() || literal.charAt(start) != '{' || end < 0) {
      throw new Fault("a string's escape \\N needs a name in braces");
    }
    try {
      out.appendCodePoint(Character.codePointOf(literal.substring(start + 1, end)));
    } catch (IllegalArgumentException e) {
      throw new Fault("no character is named " + literal.substring(start + 1, end));
    }
    return end + 1;
  }
}
