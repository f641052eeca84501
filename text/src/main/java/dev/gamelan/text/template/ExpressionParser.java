package dev.gamelan.text.template;

import dev.gamelan.text.template.Lexer.SyntaxError;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Parses expressions by recursive descent, with Jinja's precedences. */
final class ExpressionParser {
  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
  private static final Set<String> PRODUCTS = Set.of("*", "/", "//", "%");

  private final TokenStream in;

  ExpressionParser(TokenStream in) {
    this.in = in;
  }

  /** An expression, with an inline {@code if}. */
  Expr expression() throws SyntaxError {
    in.enter();
    int line = in.line();
    Expr value = or();
    while (in.skipName("if")) {
      Expr condition = or();
      Optional<Expr> otherwise = in.skipName("else") ? Optional.of(expression()) : Optional.empty();
      value = new Expr.Choice(condition, value, otherwise, line);
    }
    in.leave();
    return value;
  }

  /** Expressions between commas: one, or a tuple. */
  Expr tuple(boolean withChoice) throws SyntaxError {
    int line = in.line();
    List<Expr> items = new ArrayList<>();
    boolean comma = false;
    while (!endOfTuple()) {
      items.add(withChoice ? expression() : or());
      comma = in.skip(",");
      if (!comma) {
        break;
      }
    }
    if (items.isEmpty()) {
      throw in.unexpected("an expression");
    }
    return items.size() == 1 && !comma ? items.getFirst() : new Expr.Items(true, items, line);
  }

  private boolean endOfTuple() {
    Token.Type type = in.peek().type();
    return type == Token.Type.PRINT_END
        || type == Token.Type.BLOCK_END
        || in.at(")")
        || in.atName("recursive");
  }

  Expr or() throws SyntaxError {
    int line = in.line();
    Expr left = and();
    while (in.skipName("or")) {
      left = new Expr.Or(left, and(), line);
    }
    return left;
  }

  private Expr and() throws SyntaxError {
    int line = in.line();
    Expr left = not();
    while (in.skipName("and")) {
      left = new Expr.And(left, not(), line);
    }
    return left;
  }

  private Expr not() throws SyntaxError {
    int line = in.line();
    if (!in.skipName("not")) {
      return compare();
    }
    in.enter();
    Expr not = new Expr.Not(not(), line);
    in.leave();
    return not;
  }

  private Expr compare() throws SyntaxError {
    int line = in.line();
    Expr first = sum();
    List<Expr.Comparison> rest = new ArrayList<>();
    while (true) {
      Token token = in.peek();
      if (token.type() == Token.Type.OPERATOR && COMPARISONS.contains(token.text())) {
        in.take();
        rest.add(new Expr.Comparison(token.text(), sum()));
      } else if (in.skipName("in")) {
        rest.add(new Expr.Comparison("in", sum()));
      } else if (token.named("not") && in.peekSecond().named("in")) {
        in.take();
        in.take();
        rest.add(new Expr.Comparison("not in", sum()));
      } else {
        return rest.isEmpty() ? first : new Expr.Compare(first, rest, line);
      }
    }
  }

  private Expr sum() throws SyntaxError {
    int line = in.line();
    Expr left = concat();
    while (in.at("+") || in.at("-")) {
      left = new Expr.Math(in.take().text(), left, concat(), line);
    }
    return left;
  }

  private Expr concat() throws SyntaxError {
    int line = in.line();
    List<Expr> parts = new ArrayList<>(List.of(product()));
    while (in.skip("~")) {
      parts.add(product());
    }
    return parts.size() == 1 ? parts.getFirst() : new Expr.Concat(parts, line);
  }

  private Expr product() throws SyntaxError {
    int line = in.line();
    Expr left = power();
    while (in.peek().type() == Token.Type.OPERATOR && PRODUCTS.contains(in.peek().text())) {
      left = new Expr.Math(in.take().text(), left, power(), line);
    }
    return left;
  }

  private Expr power() throws SyntaxError {
    int line = in.line();
    Expr left = unary(true);
    while (in.skip("**")) {
      left = new Expr.Math("**", left, unary(true), line);
    }
    return left;
  }

  private Expr unary(boolean withFilters) throws SyntaxError {
    in.enter();
    int line = in.line();
    Expr operand;
    if (in.at("-") || in.at("+")) {
      boolean negative = in.take().is("-");
      operand = new Expr.Sign(negative, unary(false), line);
    } else {
      operand = primary();
    }
    operand = postfix(operand);
    in.leave();
    return withFilters ? filtersAndTests(operand) : operand;
  }

  private Expr primary() throws SyntaxError {
    Token token = in.peek();
    int line = token.line();
    return switch (token.type()) {
      case NAME -> {
        in.take();
        yield switch (token.text()) {
          case "true", "True" -> new Expr.Const(Value.TRUE, line);
          case "false", "False" -> new Expr.Const(Value.FALSE, line);
          case "none", "None" -> new Expr.Const(Value.None.NONE, line);
          default -> {
            in.speaksOf(token.text());
            yield new Expr.Name(token.text(), line);
          }
        };
      }
      case STRING -> {
        StringBuilder text = new StringBuilder();
        while (in.peek().type() == Token.Type.STRING) {
          text.append(in.take().text());
        }
        yield new Expr.Const(Value.of(text.toString()), line);
      }
      case INT -> {
        in.take();
        yield new Expr.Const(integer(token), line);
      }
      case FLOAT -> {
        in.take();
        yield new Expr.Const(new Value.Real(Double.parseDouble(token.text())), line);
      }
      case OPERATOR ->
          switch (token.text()) {
            case "(" -> parenthesis();
            case "[" -> {
              in.take();
              yield new Expr.Items(false, listed("]"), line);
            }
            case "{" -> pairs();
            default -> throw in.unexpected("an expression");
          };
      case DATA, PRINT_BEGIN, PRINT_END, BLOCK_BEGIN, BLOCK_END, END ->
          throw in.unexpected("an expression");
    };
  }

  private static Value integer(Token token) throws SyntaxError {
    String digits = token.text();
    if (digits.length() > 1000) {
      throw new SyntaxError(token.line(), "an integer of more than 1000 digits");
    }
    int radix =
        digits.length() < 2
            ? 10
            : switch (digits.charAt(1)) {
              case 'x', 'X' -> 16;
              case 'o', 'O' -> 8;
              case 'b', 'B' -> 2;
              default -> 10;
            };
    return new Value.Int(new BigInteger(radix == 10 ? digits : digits.substring(2), radix));
  }

  private Expr parenthesis() throws SyntaxError {
    int line = in.take().line();
    Expr inside = in.at(")") ? new Expr.Items(true, List.of(), line) : tuple(true);
    in.expect(")");
    return inside;
  }

  private List<Expr> listed(String end) throws SyntaxError {
    List<Expr> items = new ArrayList<>();
    while (!in.at(end)) {
      if (!items.isEmpty()) {
        in.expect(",");
        if (in.at(end)) {
          break;
        }
      }
      items.add(expression());
    }
    in.expect(end);
    return items;
  }

  private Expr pairs() throws SyntaxError {
    int line = in.take().line();
    List<Expr.Pair> pairs = new ArrayList<>();
    while (!in.at("}")) {
      if (!pairs.isEmpty()) {
        in.expect(",");
        if (in.at("}")) {
          break;
        }
      }
      Expr key = expression();
      in.expect(":");
      pairs.add(new Expr.Pair(key, expression()));
    }
    in.expect("}");
    return new Expr.Pairs(pairs, line);
  }

  private Expr postfix(Expr operand) throws SyntaxError {
    Expr value = operand;
    while (true) {
      int line = in.line();
      if (in.skip(".")) {
        Token token = in.take();
        value =
            switch (token.type()) {
              case NAME -> new Expr.Attribute(value, token.text(), line);
              case INT -> new Expr.Item(value, new Expr.Const(integer(token), line), line);
              default -> throw new SyntaxError(line, "expected a name or number after '.'");
            };
      } else if (in.skip("[")) {
        value = subscript(value, line);
      } else if (in.at("(")) {
        value = new Expr.Call(value, arguments(), line);
      } else {
        return value;
      }
    }
  }

  private Expr subscript(Expr target, int line) throws SyntaxError {
    Optional<Expr> start = in.at(":") ? Optional.empty() : Optional.of(expression());
    if (!in.skip(":")) {
      List<Expr> several = new ArrayList<>(start.stream().toList());
      boolean comma = false;
      while (in.skip(",")) {
        comma = true;
        if (!in.at("]")) {
          several.add(expression());
        }
      }
      in.expect("]");
      Expr index = comma ? new Expr.Items(true, several, line) : several.getFirst();
      return new Expr.Item(target, index, line);
    }
    Optional<Expr> stop = in.at(":") || in.at("]") ? Optional.empty() : Optional.of(expression());
    Optional<Expr> step = Optional.empty();
    if (in.skip(":") && !in.at("]")) {
      step = Optional.of(expression());
    }
    in.expect("]");
    return new Expr.Slice(target, start, stop, step, line);
  }

  /** Arguments in parentheses. */
  Expr.Arguments arguments() throws SyntaxError {
    in.expect("(");
    List<Expr> positional = new ArrayList<>();
    List<Expr.Named> named = new ArrayList<>();
    Optional<Expr> list = Optional.empty();
    Optional<Expr> mapping = Optional.empty();
    while (!in.at(")")) {
      if (in.skip("**")) {
        mapping = Optional.of(expression());
      } else if (in.skip("*")) {
        list = Optional.of(expression());
      } else if (in.peek().type() == Token.Type.NAME && in.peekSecond().is("=")) {
        String name = in.name();
        in.expect("=");
        named.add(new Expr.Named(name, expression()));
      } else if (named.isEmpty() && mapping.isEmpty()) {
        positional.add(expression());
      } else {
        throw new SyntaxError(in.line(), "a positional argument after a named one");
      }
      if (!in.at(")")) {
        in.expect(",");
      }
    }
    in.expect(")");
    return new Expr.Arguments(positional, named, list, mapping);
  }

  private Expr filtersAndTests(Expr operand) throws SyntaxError {
    Expr value = operand;
    while (true) {
      int line = in.line();
      if (in.skip("|")) {
        value = new Expr.Filtered(value, filter(), line);
      } else if (in.skipName("is")) {
        value = test(value, line);
      } else if (in.at("(")) {
        value = new Expr.Call(value, arguments(), line);
      } else {
        return value;
      }
    }
  }

  /** A filter's name and arguments. */
  Expr.Use filter() throws SyntaxError {
    int line = in.line();
    String name = dotted();
    return new Expr.Use(name, in.at("(") ? arguments() : Expr.Arguments.NONE, line);
  }

  private String dotted() throws SyntaxError {
    StringBuilder name = new StringBuilder(in.name());
    while (in.skip(".")) {
      name.append('.').append(in.name());
    }
    return name.toString();
  }

  private Expr test(Expr operand, int line) throws SyntaxError {
    boolean negated = in.skipName("not");
    String name = dotted();
    Expr.Arguments arguments = Expr.Arguments.NONE;
    if (in.at("(")) {
      arguments = arguments();
    } else if (beginsArgument()) {
      if (in.atName("is")) {
        throw new SyntaxError(line, "tests can't be chained with 'is'");
      }
      Expr argument = postfix(primary());
      arguments =
          new Expr.Arguments(List.of(argument), List.of(), Optional.empty(), Optional.empty());
    }
    return new Expr.Tested(operand, new Expr.Use(name, arguments, line), negated, line);
  }

  private boolean beginsArgument() {
    return switch (in.peek().type()) {
      case NAME -> !in.atName("else") && !in.atName("or") && !in.atName("and");
      case STRING, INT, FLOAT -> true;
      case OPERATOR -> in.at("[") || in.at("{");
      case DATA, PRINT_BEGIN, PRINT_END, BLOCK_BEGIN, BLOCK_END, END -> false;
    };
  }
}
