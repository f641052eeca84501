package dev.gamelan.text.template;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a template into tokens. In the dialect of Hugging Face's chat templates: {@code trim_blocks}
 * (the line feed after a block tag goes), {@code lstrip_blocks} (so do the blanks before one that
 * begins its line), and the template's last line feed goes.
 */
final class Lexer {
  private static final int FLAGS = Pattern.UNICODE_CHARACTER_CLASS;
  private static final Pattern RAW = Pattern.compile("\\s*raw\\s*(-%\\}\\s*|%\\})", FLAGS);
  private static final Pattern END_RAW =
      Pattern.compile("\\{%([-+]?)\\s*endraw\\s*(\\+%\\}|-%\\}\\s*|%\\}\\n?)", FLAGS);
  private static final Pattern END_RAW_KEPT =
      Pattern.compile("\\{%([-+]?)\\s*endraw\\s*(\\+%\\}|-%\\}\\s*|%\\})", FLAGS);
  private static final Pattern NUMBER =
      Pattern.compile(
          "(?<float>[0-9]+(?:_[0-9]+)*(?:(?:\\.[0-9]+(?:_[0-9]+)*)?[eE][+-]?[0-9]+(?:_[0-9]+)*"
              + "|\\.[0-9]+(?:_[0-9]+)*))"
              + "|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[0-9a-fA-F])+"
              + "|[1-9](?:_?[0-9])*|0(?:_?0)*");
  private static final List<String> OPERATORS =
      List.of(
          "**", "//", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{",
          "}", ">", "<", "=", ".", ":", "|", ",", ";");

  private final String source;
  private final Dialect dialect;
  private final List<Token> tokens = new ArrayList<>();
  private int position;
  private int counted;
  private int line = 1;

  private Lexer(String source, Dialect dialect) {
    this.source = source;
    this.dialect = dialect;
  }

  /** The tokens, {@code END} last. */
  static List<Token> tokens(String template, Dialect dialect) throws SyntaxError {
    String source = template.replace("\r\n", "\n").replace('\r', '\n');
    if (!dialect.keepLastLine() && source.endsWith("\n")) {
      source = source.substring(0, source.length() - 1);
    }
    Lexer lexer = new Lexer(source, dialect);
    lexer.all();
    return lexer.tokens;
  }

  /** A template that isn't one, and where. */
  static final class SyntaxError extends Exception {
    private static final long serialVersionUID = 1;
    private final int line;

    SyntaxError(int line, String message) {
      super(message, null, false, false);
      this.line = line;
    }

    int line() {
      return line;
    }
  }

  private void all() throws SyntaxError {
    boolean lineStarts = true;
    while (position < source.length()) {
      int tag = nextTag();
      if (tag < 0) {
        data(position, source.length());
        position = source.length();
        break;
      }
      char kind = source.charAt(tag + 1);
      int after = tag + 2;
      char sign = after < source.length() ? source.charAt(after) : ' ';
      boolean signed = sign == '-' || sign == '+';
      data(position, strippedEnd(position, tag, signed ? sign : ' ', kind != '{', lineStarts));
      position = signed ? after + 1 : after;
      switch (kind) {
        case '#' -> comment();
        case '{' -> tag(Token.Type.PRINT_BEGIN, Token.Type.PRINT_END, "}}");
        default -> {
          Matcher raw = RAW.matcher(source).region(position, source.length());
          if (raw.lookingAt()) {
            position = raw.end();
            raw(source.charAt(position - 1) == '\n');
          } else {
            tag(Token.Type.BLOCK_BEGIN, Token.Type.BLOCK_END, "%}");
          }
        }
      }
      lineStarts = source.charAt(position - 1) == '\n';
    }
    tokens.add(new Token(Token.Type.END, "", line()));
  }

  private int nextTag() {
    for (int i = source.indexOf('{', position); i >= 0; i = source.indexOf('{', i + 1)) {
      if (i + 1 < source.length() && "{%#".indexOf(source.charAt(i + 1)) >= 0) {
        return i;
      }
    }
    return -1;
  }

  /** Where the text before a tag ends once the tag has taken blanks from it. */
  private int strippedEnd(int start, int tag, char sign, boolean block, boolean lineStarts) {
    if (sign == '-') {
      int end = tag;
      while (end > start && Characters.isSpace(source.charAt(end - 1))) {
        end--;
      }
      return end;
    }
    if (sign == '+' || !block || !dialect.trimBlocks()) {
      return tag;
    }
    int i = tag;
    while (i > start && source.charAt(i - 1) != '\n' && Characters.isSpace(source.charAt(i - 1))) {
      i--;
    }
    boolean begins = i > start ? source.charAt(i - 1) == '\n' : lineStarts;
    return begins ? i : tag;
  }

  private void data(int start, int end) {
    if (end > start) {
      position = start;
      tokens.add(new Token(Token.Type.DATA, source.substring(start, end), line()));
    }
  }

  private int line() {
    while (counted < position) {
      if (source.charAt(counted++) == '\n') {
        line++;
      }
    }
    return line;
  }

  private void comment() throws SyntaxError {
    int end = source.indexOf("#}", position);
    if (end < 0) {
      throw new SyntaxError(line(), "a comment without its end '#}'");
    }
    char sign = end > position ? source.charAt(end - 1) : ' ';
    position = end + 2;
    afterBlock(sign);
  }

  /** Takes what a block's end takes from the text after it. */
  private void afterBlock(char sign) {
    if (sign == '-') {
      skipSpace();
    } else if (sign != '+'
        && dialect.trimBlocks()
        && position < source.length()
        && source.charAt(position) == '\n') {
      position++;
    }
  }

  private void skipSpace() {
    while (position < source.length() && Characters.isSpace(source.charAt(position))) {
      position++;
    }
  }

  private void raw(boolean lineStarts) throws SyntaxError {
    Matcher end =
        (dialect.trimBlocks() ? END_RAW : END_RAW_KEPT)
            .matcher(source)
            .region(position, source.length());
    if (!end.find()) {
      throw new SyntaxError(line(), "a raw block without its end '{% endraw %}'");
    }
    char sign = end.group(1).isEmpty() ? ' ' : end.group(1).charAt(0);
    data(position, strippedEnd(position, end.start(), sign, true, lineStarts));
    position = end.end();
  }

  private void tag(Token.Type begin, Token.Type end, String closing) throws SyntaxError {
    tokens.add(new Token(begin, "", line()));
    int opened = line();
    Deque<Character> open = new ArrayDeque<>();
    while (true) {
      skipSpace();
      if (position >= source.length()) {
        throw new SyntaxError(opened, "a tag without its end '" + closing + "'");
      }
      char c = source.charAt(position);
      if (open.isEmpty()) {
        boolean signed = c == '-' || (c == '+' && end == Token.Type.BLOCK_END);
        if (source.startsWith(closing, signed ? position + 1 : position)) {
          tokens.add(new Token(end, "", line()));
          position += signed ? 3 : 2;
          if (end == Token.Type.BLOCK_END) {
            afterBlock(signed ? c : ' ');
          } else if (signed) {
            skipSpace();
          }
          return;
        }
      }
      token(c, open);
    }
  }

  private void token(char c, Deque<Character> open) throws SyntaxError {
    if (c == '"' || c == '\'') {
      string(c);
      return;
    }
    if (c >= '0' && c <= '9') {
      number();
      return;
    }
    int cp = source.codePointAt(position);
    if (cp == '_' || Character.isUnicodeIdentifierStart(cp)) {
      int end = position;
      while (end < source.length()
          && (source.codePointAt(end) == '_'
              || (Character.isUnicodeIdentifierPart(source.codePointAt(end))
                  && !Character.isIdentifierIgnorable(source.codePointAt(end))))) {
        end += Character.charCount(source.codePointAt(end));
      }
      add(Token.Type.NAME, source.substring(position, end), end);
      return;
    }
    for (String operator : OPERATORS) {
      if (source.startsWith(operator, position)) {
        balance(operator, open);
        add(Token.Type.OPERATOR, operator, position + operator.length());
        return;
      }
    }
    throw new SyntaxError(line(), "unexpected character '" + Character.toString(cp) + "'");
  }

  private void balance(String operator, Deque<Character> open) throws SyntaxError {
    switch (operator) {
      case "(" -> open.push(')');
      case "[" -> open.push(']');
      case "{" -> open.push('}');
      case ")", "]", "}" -> {
        if (open.isEmpty() || open.peek() != operator.charAt(0)) {
          throw new SyntaxError(
              line(),
              "unexpected '"
                  + operator
                  + "'"
                  + (open.isEmpty() ? "" : ", expected '" + open.peek() + "'"));
        }
        open.pop();
      }
      default -> {}
    }
  }

  private void add(Token.Type type, String text, int end) {
    tokens.add(new Token(type, text, line()));
    position = end;
  }

  private void number() {
    Matcher number = NUMBER.matcher(source).region(position, source.length());
    boolean found = number.lookingAt();
    // After a dot, as in a.0.1, there are integers only.
    boolean afterDot = position > 0 && source.charAt(position - 1) == '.';
    if (found && number.group("float") != null && !afterDot) {
      add(Token.Type.FLOAT, number.group().replace("_", ""), number.end());
      return;
    }
    int end = position;
    if (found && number.group("float") == null) {
      end = number.end();
    } else {
      while (end < source.length() && source.charAt(end) >= '0' && source.charAt(end) <= '9') {
        end++;
      }
    }
    add(Token.Type.INT, source.substring(position, end).replace("_", ""), end);
  }

  private void string(char quote) throws SyntaxError {
    int end = position + 1;
    while (end < source.length() && source.charAt(end) != quote) {
      end += source.charAt(end) == '\\' ? 2 : 1;
    }
    if (end >= source.length()) {
      throw new SyntaxError(line(), "a string without its end " + quote);
    }
    String text;
    try {
      text = Escapes.unescape(source.substring(position + 1, end));
    } catch (Fault e) {
      throw new SyntaxError(line(), e.getMessage());
    }
    add(Token.Type.STRING, text, end + 1);
  }
}
