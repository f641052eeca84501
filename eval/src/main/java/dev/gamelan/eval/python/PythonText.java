package dev.gamelan.eval.python;

import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** What Python's strings, {@code str}, {@code repr} and {@code json.dumps} do, where it matters. */
public final class PythonText {
  private PythonText() {}

  /** {@code str.isspace} of one character. */
  public static boolean isSpace(int c) {
    return (c >= 9 && c <= 13)
        || (c >= 0x1C && c <= 0x20)
        || c == 0x85
        || c == 0xA0
        || c == 0x1680
        || (c >= 0x2000 && c <= 0x200A)
        || c == 0x2028
        || c == 0x2029
        || c == 0x202F
        || c == 0x205F
        || c == 0x3000;
  }

  /** {@code str.strip()}. */
  public static String strip(String text) {
    return lstrip(rstrip(text));
  }

  /** {@code str.lstrip()}. */
  public static String lstrip(String text) {
    int start = 0;
    while (start < text.length() && isSpace(text.charAt(start))) {
      start++;
    }
    return text.substring(start);
  }

  /** {@code str.rstrip()}. */
  public static String rstrip(String text) {
    int end = text.length();
    while (end > 0 && isSpace(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(0, end);
  }

  /** {@code str.capitalize()}: the first letter in title case, all others in lower case. */
  public static String capitalize(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int first = text.codePointAt(0);
    return Character.toString(Character.toTitleCase(first))
        + text.substring(Character.charCount(first)).toLowerCase(Locale.ROOT);
  }

  /** {@code str.isdigit()}. */
  public static boolean isDigits(String text) {
    return !text.isEmpty() && text.codePoints().allMatch(Character::isDigit);
  }

  /** {@code len(text)}: code points. */
  public static int length(String text) {
    return text.codePointCount(0, text.length());
  }

  /** {@code str(value)}. */
  public static String str(JsonNode value) {
    return value.isString() ? value.stringValue() : repr(value);
  }

  /** {@code repr(value)} of what JSON can hold. */
  public static String repr(JsonNode value) {
    StringBuilder out = new StringBuilder();
    repr(value, out);
    return out.toString();
  }

  private static void repr(JsonNode value, StringBuilder out) {
    if (value.isString()) {
      quote(value.stringValue(), out);
    } else if (value.isArray()) {
      String separator = "[";
      for (JsonNode item : value) {
        out.append(separator);
        separator = ", ";
        repr(item, out);
      }
      out.append(value.isEmpty() ? "[]" : "]");
    } else if (value.isObject()) {
      String separator = "{";
      for (Map.Entry<String, JsonNode> entry : value.properties()) {
        out.append(separator);
        separator = ", ";
        quote(entry.getKey(), out);
        out.append(": ");
        repr(entry.getValue(), out);
      }
      out.append(value.isEmpty() ? "{}" : "}");
    } else if (value.isBoolean()) {
      out.append(value.booleanValue() ? "True" : "False");
    } else if (value.isNull()) {
      out.append("None");
    } else if (value.isIntegralNumber()) {
      out.append(value.asString());
    } else {
      out.append(real(value.doubleValue()));
    }
  }

  private static void quote(String text, StringBuilder out) {
    char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
    out.append(quote);
    text.codePoints()
        .forEach(
            c -> {
              if (c == quote || c == '\\') {
                out.append('\\').appendCodePoint(c);
              } else if (c == '\n') {
                out.append("\\n");
              } else if (c == '\r') {
                out.append("\\r");
              } else if (c == '\t') {
                out.append("\\t");
              } else if (c == ' ' || !(isSpace(c) || unprintable(c))) {
                out.appendCodePoint(c);
              } else {
                out.append(
                    c < 0x100
                        ? "\\x%02x".formatted(c)
                        : c < 0x10000 ? "\\u%04x".formatted(c) : "\\U%08x".formatted(c));
              }
            });
    out.append(quote);
  }

  private static boolean unprintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> false;
    };
  }

  /** {@code repr(float)}: the shortest digits that give the number back. */
  public static String real(double value) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0.0" : "0.0";
    }
    java.math.BigDecimal exact =
        new java.math.BigDecimal(Double.toString(Math.abs(value))).stripTrailingZeros();
    String digits = exact.unscaledValue().toString();
    int point = digits.length() - exact.scale();
    String sign = value < 0 ? "-" : "";
    if (point > 16 || point < -3) {
      String mantissa =
          digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
      int exponent = point - 1;
      return sign
          + mantissa
          + "e"
          + (exponent < 0 ? "-" : "+")
          + (Math.abs(exponent) < 10 ? "0" : "")
          + Math.abs(exponent);
    }
    if (point <= 0) {
      return sign + "0." + "0".repeat(-point) + digits;
    }
    return point >= digits.length()
        ? sign + digits + "0".repeat(point - digits.length()) + ".0"
        : sign + digits.substring(0, point) + "." + digits.substring(point);
  }

  /**
   * {@code json.dumps(value, indent=indent, ensure_ascii=ascii)}.
   *
   * @param indent spaces a level; 0 = everything in one line
   */
  public static String json(JsonNode value, int indent, boolean ascii) {
    StringBuilder out = new StringBuilder();
    json(value, indent, ascii, 1, out);
    return out.toString();
  }

  private static void json(
      JsonNode value, int indent, boolean ascii, int level, StringBuilder out) {
    if (value.isString()) {
      jsonString(value.stringValue(), ascii, out);
    } else if (value.isContainer()) {
      boolean list = value.isArray();
      if (value.isEmpty()) {
        out.append(list ? "[]" : "{}");
        return;
      }
      out.append(list ? '[' : '{');
      Iterator<String> names = value.propertyNames().iterator();
      boolean first = true;
      for (JsonNode item : value) {
        out.append(first ? "" : indent > 0 ? "," : ", ");
        first = false;
        line(indent, level, out);
        if (!list) {
          jsonString(names.next(), ascii, out);
          out.append(": ");
        }
        json(item, indent, ascii, level + 1, out);
      }
      line(indent, level - 1, out);
      out.append(list ? ']' : '}');
    } else if (value.isNull()) {
      out.append("null");
    } else if (value.isBoolean() || value.isIntegralNumber()) {
      out.append(value.asString());
    } else {
      double number = value.doubleValue();
      out.append(
          Double.isNaN(number)
              ? "NaN"
              : Double.isInfinite(number) ? (number > 0 ? "Infinity" : "-Infinity") : real(number));
    }
  }

  private static void line(int indent, int level, StringBuilder out) {
    if (indent > 0) {
      out.append('\n').repeat(' ', indent * level);
    }
  }

  private static void jsonString(String text, boolean ascii, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c < 0x20 || (ascii && c > 0x7E)) {
            out.append("\\u%04x".formatted((int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
