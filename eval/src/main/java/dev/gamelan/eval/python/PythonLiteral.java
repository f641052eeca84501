package dev.gamelan.eval.python;

import java.math.BigInteger;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Python's {@code ast.literal_eval} for strings, numbers, booleans, None, and lists, tuples and
 * dictionaries of them. Tuples become arrays.
 */
public final class PythonLiteral {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final int MAX_DEPTH = 100;

  private final String text;
  private int at;

  private PythonLiteral(String text) {
    this.text = text;
  }

  /** Not a literal. */
  private static final class Wrong extends RuntimeException {
    private static final long serialVersionUID = 1;

    Wrong() {
      super(null, null, false, false);
    }
  }

  /** The value of a literal; empty if the text isn't one. */
  public static Optional<JsonNode> parse(String text) {
    PythonLiteral parser = new PythonLiteral(text.strip());
    try {
      JsonNode value = parser.value(0);
      parser.blanks();
      return parser.at == parser.text.length() ? Optional.of(value) : Optional.empty();
    } catch (Wrong e) {
      return Optional.empty();
    }
  }

  private JsonNode value(int depth) {
    if (depth > MAX_DEPTH) {
      throw new Wrong();
    }
    blanks();
    char c = peek();
    return switch (c) {
      case '[' -> items(']', depth);
      case '(' -> items(')', depth);
      case '{' -> pairs(depth);
      case '\'', '"' -> NODES.stringNode(strings());
      default -> {
        if (word("True")) {
          yield NODES.booleanNode(true);
        }
        if (word("False")) {
          yield NODES.booleanNode(false);
        }
        if (word("None")) {
          yield NODES.nullNode();
        }
        yield number();
      }
    };
  }

  private ArrayNode items(char end, int depth) {
    ArrayNode list = NODES.arrayNode();
    at++;
    while (true) {
      blanks();
      if (peek() == end) {
        at++;
        return list;
      }
      list.add(value(depth + 1));
      blanks();
      if (peek() == ',') {
        at++;
      } else if (peek() != end) {
        throw new Wrong();
      }
    }
  }

  private ObjectNode pairs(int depth) {
    ObjectNode map = NODES.objectNode();
    at++;
    while (true) {
      blanks();
      if (peek() == '}') {
        at++;
        return map;
      }
      JsonNode key = value(depth + 1);
      blanks();
      expect(':');
      map.set(PythonText.str(key), value(depth + 1));
      blanks();
      if (peek() == ',') {
        at++;
      } else if (peek() != '}') {
        throw new Wrong();
      }
    }
  }

  /** Strings that stand beside each other are one. */
  private String strings() {
    StringBuilder out = new StringBuilder();
    do {
      string(out);
      blanks();
    } while (at < text.length() && (text.charAt(at) == '\'' || text.charAt(at) == '"'));
    return out.toString();
  }

  private void string(StringBuilder out) {
    char quote = text.charAt(at);
    String triple = String.valueOf(quote).repeat(3);
    boolean isTriple = text.startsWith(triple, at);
    String end = isTriple ? triple : String.valueOf(quote);
    at += end.length();
    while (!text.startsWith(end, at)) {
      char c = peek();
      at++;
      if (c == '\n' && !isTriple) {
        throw new Wrong();
      }
      if (c == '\\') {
        escape(out);
      } else {
        out.append(c);
      }
    }
    at += end.length();
  }

  private void escape(StringBuilder out) {
    char c = peek();
    at++;
    switch (c) {
      case 'n' -> out.append('\n');
      case 't' -> out.append('\t');
      case 'r' -> out.append('\r');
      case 'a' -> out.append('\007');
      case 'b' -> out.append('\b');
      case 'f' -> out.append('\f');
      case 'v' -> out.append('\013');
      case '\\', '\'', '"' -> out.append(c);
      case '\n' -> {}
      case 'x' -> code(2, out);
      case 'u' -> code(4, out);
      case 'U' -> code(8, out);
      default -> out.append('\\').append(c);
    }
  }

  private void code(int digits, StringBuilder out) {
    if (at + digits > text.length()) {
      throw new Wrong();
    }
    try {
      out.appendCodePoint(Integer.parseInt(text.substring(at, at + digits), 16));
    } catch (IllegalArgumentException e) {
      throw new Wrong();
    }
    at += digits;
  }

  private JsonNode number() {
    int from = at;
    while (at < text.length() && "+-0123456789._eE".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    String digits = text.substring(from, at).replace("_", "");
    try {
      if (digits.matches("[+-]?(0+|[1-9][0-9]*)")) {
        BigInteger value = new BigInteger(digits);
        return value.bitLength() < 32
            ? NODES.numberNode(value.intValue())
            : NODES.numberNode(value);
      }
      if (digits.matches("[+-]?0[0-9]+")) {
        throw new Wrong();
      }
      return NODES.numberNode(Double.parseDouble(digits));
    } catch (NumberFormatException e) {
      throw new Wrong();
    }
  }

  private boolean word(String word) {
    if (text.startsWith(word, at)) {
      at += word.length();
      return true;
    }
    return false;
  }

  private void expect(char c) {
    if (peek() != c) {
      throw new Wrong();
    }
    at++;
  }

  private char peek() {
    if (at >= text.length()) {
      throw new Wrong();
    }
    return text.charAt(at);
  }

  private void blanks() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }
}
