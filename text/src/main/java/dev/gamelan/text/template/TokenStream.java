package dev.gamelan.text.template;

import dev.gamelan.text.template.Lexer.SyntaxError;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The tokens yet to be parsed, and how deep the parser is. */
final class TokenStream {
  private static final int MAX_NESTING = 200;

  private final List<Token> tokens;
  private int next;
  private int depth;
  private Set<String> names = new HashSet<>();

  TokenStream(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token peek() {
    return tokens.get(next);
  }

  Token peekSecond() {
    return tokens.get(Math.min(next + 1, tokens.size() - 1));
  }

  int line() {
    return peek().line();
  }

  Token take() {
    Token token = peek();
    if (token.type() != Token.Type.END) {
      next++;
    }
    return token;
  }

  boolean at(String operator) {
    return peek().is(operator);
  }

  boolean atName(String name) {
    return peek().named(name);
  }

  boolean skip(String operator) {
    boolean there = at(operator);
    if (there) {
      take();
    }
    return there;
  }

  boolean skipName(String name) {
    boolean there = atName(name);
    if (there) {
      take();
    }
    return there;
  }

  void expect(String operator) throws SyntaxError {
    if (!skip(operator)) {
      throw unexpected("'" + operator + "'");
    }
  }

  void expectName(String name) throws SyntaxError {
    if (!skipName(name)) {
      throw unexpected("'" + name + "'");
    }
  }

  String name() throws SyntaxError {
    if (peek().type() != Token.Type.NAME) {
      throw unexpected("a name");
    }
    return take().text();
  }

  void expect(Token.Type type) throws SyntaxError {
    if (peek().type() != type) {
      throw unexpected(new Token(type, "", 0).shown());
    }
    take();
  }

  SyntaxError unexpected(String expected) {
    return new SyntaxError(line(), "expected " + expected + ", got " + peek().shown());
  }

  void enter() throws SyntaxError {
    if (++depth > MAX_NESTING) {
      throw new SyntaxError(line(), "nested deeper than " + MAX_NESTING);
    }
  }

  void leave() {
    depth--;
  }

  /** Notes a name that an expression speaks of. */
  void speaksOf(String name) {
    names.add(name);
  }

  /** Begins to collect names anew; gives those collected so far. */
  Set<String> swapNames(Set<String> fresh) {
    Set<String> old = names;
    names = fresh;
    return old;
  }
}
