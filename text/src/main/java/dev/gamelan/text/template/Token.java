package dev.gamelan.text.template;

/**
 * A lexical unit; {@code text} is a string's value, digits without underscores, or the spelling.
 */
record Token(Type type, String text, int line) {
  enum Type {
    DATA,
    PRINT_BEGIN,
    PRINT_END,
    BLOCK_BEGIN,
    BLOCK_END,
    NAME,
    STRING,
    INT,
    FLOAT,
    OPERATOR,
    END
  }

  boolean is(String operator) {
    return type == Type.OPERATOR && text.equals(operator);
  }

  boolean named(String name) {
    return type == Type.NAME && text.equals(name);
  }

  /** For messages. */
  String shown() {
    return switch (type) {
      case END -> "end of template";
      case DATA -> "text";
      case PRINT_BEGIN -> "'{{'";
      case PRINT_END -> "'}}'";
      case BLOCK_BEGIN -> "'{%'";
      case BLOCK_END -> "'%}'";
      case STRING -> "a string";
      case NAME, INT, FLOAT, OPERATOR -> "'" + text + "'";
    };
  }
}
