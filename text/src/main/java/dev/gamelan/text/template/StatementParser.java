package dev.gamelan.text.template;

import dev.gamelan.text.template.Lexer.SyntaxError;
import dev.gamelan.text.template.Stmt.Target;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Parses the tags and what stands between them. */
final class StatementParser {
  private static final Set<String> RESERVED =
      Set.of("true", "false", "none", "True", "False", "None");

  private final TokenStream in;
  private final ExpressionParser expressions;
  private int loops;

  private StatementParser(TokenStream in) {
    this.in = in;
    this.expressions = new ExpressionParser(in);
  }

  static List<Stmt> parse(String template, Dialect dialect) throws SyntaxError {
    TokenStream in = new TokenStream(Lexer.tokens(template, dialect));
    StatementParser parser = new StatementParser(in);
    List<Stmt> body = parser.until(Set.of());
    if (in.peek().type() != Token.Type.END) {
      throw new SyntaxError(in.line(), "'" + in.peek().text() + "' ends nothing here");
    }
    return body;
  }

  /** Statements up to one of the tags, whose name is then the next token; or to the end. */
  private List<Stmt> until(Set<String> ends) throws SyntaxError {
    in.enter();
    List<Stmt> body = new ArrayList<>();
    while (true) {
      Token token = in.peek();
      switch (token.type()) {
        case DATA -> body.add(new Stmt.Text(in.take().text(), token.line()));
        case PRINT_BEGIN -> {
          in.take();
          body.add(new Stmt.Print(expressions.tuple(true), token.line()));
          in.expect(Token.Type.PRINT_END);
        }
        case BLOCK_BEGIN -> {
          in.take();
          String name = in.peek().type() == Token.Type.NAME ? in.peek().text() : "";
          if (ends.contains(name)) {
            in.leave();
            return body;
          }
          in.name();
          body.add(statement(name, token.line(), ends));
        }
        case END -> {
          if (!ends.isEmpty()) {
            throw new SyntaxError(
                token.line(), "the template ends, one of these is missing: " + sorted(ends));
          }
          in.leave();
          return body;
        }
        default -> throw in.unexpected("text or a tag");
      }
    }
  }

  private static List<String> sorted(Set<String> names) {
    return names.stream().sorted().toList();
  }

  /** Statements up to the closing tag, which is taken. */
  private List<Stmt> body(String end) throws SyntaxError {
    List<Stmt> body = until(Set.of(end));
    in.expectName(end);
    endOfTag();
    return body;
  }

  /** Like {@link #body}, where no loop outside can be left. */
  private List<Stmt> closedBody(String end) throws SyntaxError {
    int outer = loops;
    loops = 0;
    List<Stmt> body = body(end);
    loops = outer;
    return body;
  }

  private void endOfTag() throws SyntaxError {
    in.expect(Token.Type.BLOCK_END);
  }

  private Stmt statement(String name, int line, Set<String> ends) throws SyntaxError {
    return switch (name) {
      case "if" -> conditional(line);
      case "for" -> loop(line);
      case "set" -> assignment(line);
      case "macro" -> macro(line);
      case "call" -> callBlock(line);
      case "filter" -> {
        List<Expr.Use> filters = new ArrayList<>(List.of(expressions.filter()));
        filters.addAll(filters());
        endOfTag();
        yield new Stmt.FilterBlock(filters, body("endfilter"), line);
      }
      case "with" -> with(line);
      case "generation" -> {
        endOfTag();
        yield new Stmt.Generation(closedBody("endgeneration"), line);
      }
      case "break", "continue" -> {
        if (loops == 0) {
          throw new SyntaxError(line, "'" + name + "' outside of a loop");
        }
        endOfTag();
        yield name.equals("break") ? new Stmt.Break(line) : new Stmt.Continue(line);
      }
      case "include", "import", "from", "extends", "block" ->
          throw new SyntaxError(
              line, "'" + name + "' is not for chat templates, which are one file each");
      default ->
          throw new SyntaxError(
              line,
              "unknown tag '"
                  + name
                  + "'"
                  + (ends.isEmpty() ? "" : "; what is open ends with one of " + sorted(ends)));
    };
  }

  private Stmt conditional(int line) throws SyntaxError {
    List<Stmt.Branch> branches = new ArrayList<>();
    List<Stmt> otherwise = List.of();
    boolean more = true;
    while (more) {
      Expr condition = expressions.tuple(false);
      endOfTag();
      branches.add(new Stmt.Branch(condition, until(Set.of("elif", "else", "endif"))));
      more = in.skipName("elif");
    }
    if (in.skipName("else")) {
      endOfTag();
      otherwise = until(Set.of("endif"));
    }
    in.expectName("endif");
    endOfTag();
    return new Stmt.If(branches, otherwise, line);
  }

  private Stmt loop(int line) throws SyntaxError {
    Target target = targets();
    in.expectName("in");
    Expr over = expressions.tuple(false);
    Optional<Expr> condition =
        in.skipName("if") ? Optional.of(expressions.expression()) : Optional.empty();
    boolean recursive = in.skipName("recursive");
    endOfTag();
    loops++;
    List<Stmt> body = until(Set.of("endfor", "else"));
    loops--;
    List<Stmt> otherwise = List.of();
    if (in.skipName("else")) {
      endOfTag();
      otherwise = until(Set.of("endfor"));
    }
    in.expectName("endfor");
    endOfTag();
    return new Stmt.For(target, over, condition, body, otherwise, recursive, line);
  }

  private Stmt assignment(int line) throws SyntaxError {
    Target target = targets();
    if (in.skip("=")) {
      Expr value = expressions.tuple(true);
      endOfTag();
      return new Stmt.Assign(target, value, line);
    }
    List<Expr.Use> filters = filters();
    endOfTag();
    return new Stmt.Capture(target, filters, body("endset"), line);
  }

  private List<Expr.Use> filters() throws SyntaxError {
    List<Expr.Use> filters = new ArrayList<>();
    while (in.skip("|")) {
      filters.add(expressions.filter());
    }
    return filters;
  }

  private Stmt with(int line) throws SyntaxError {
    List<Stmt.Binding> bindings = new ArrayList<>();
    while (in.peek().type() != Token.Type.BLOCK_END) {
      if (!bindings.isEmpty()) {
        in.expect(",");
      }
      Target target = target();
      in.expect("=");
      bindings.add(new Stmt.Binding(target, expressions.expression()));
    }
    endOfTag();
    return new Stmt.With(bindings, body("endwith"), line);
  }

  private Stmt macro(int line) throws SyntaxError {
    String name = assignable();
    Set<String> outer = in.swapNames(new HashSet<>());
    List<Stmt.Parameter> parameters = parameters();
    endOfTag();
    List<Stmt> body = closedBody("endmacro");
    Set<String> names = in.swapNames(outer);
    outer.addAll(names);
    return new Stmt.Macro(new Stmt.Signature(name, parameters, names), body, line);
  }

  private Stmt callBlock(int line) throws SyntaxError {
    Set<String> outer = in.swapNames(new HashSet<>());
    List<Stmt.Parameter> parameters = in.at("(") ? parameters() : List.of();
    Expr expression = expressions.expression();
    if (!(expression instanceof Expr.Call call)) {
      throw new SyntaxError(line, "a call block needs a call, such as {% call name() %}");
    }
    endOfTag();
    List<Stmt> body = closedBody("endcall");
    Set<String> names = in.swapNames(outer);
    outer.addAll(names);
    return new Stmt.CallBlock(new Stmt.Signature("caller", parameters, names), call, body, line);
  }

  private List<Stmt.Parameter> parameters() throws SyntaxError {
    List<Stmt.Parameter> parameters = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    boolean optional = false;
    in.expect("(");
    while (!in.at(")")) {
      if (!parameters.isEmpty()) {
        in.expect(",");
      }
      String name = assignable();
      if (!seen.add(name)) {
        throw new SyntaxError(in.line(), "the parameter '" + name + "' stands twice");
      }
      Optional<Expr> ifAbsent = Optional.empty();
      if (in.skip("=")) {
        ifAbsent = Optional.of(expressions.expression());
        optional = true;
      } else if (optional) {
        throw new SyntaxError(in.line(), "a parameter without a default after one with");
      }
      parameters.add(new Stmt.Parameter(name, ifAbsent));
    }
    in.expect(")");
    return parameters;
  }

  private String assignable() throws SyntaxError {
    String name = in.name();
    if (RESERVED.contains(name)) {
      throw new SyntaxError(in.line(), "can't assign to '" + name + "'");
    }
    return name;
  }

  private Target targets() throws SyntaxError {
    Target first = target();
    if (!in.at(",")) {
      return first;
    }
    List<Target> all = new ArrayList<>(List.of(first));
    while (in.skip(",")) {
      if (in.peek().type() == Token.Type.NAME && !in.atName("in") || in.at("(")) {
        all.add(target());
      }
    }
    return new Target.Several(all);
  }

  private Target target() throws SyntaxError {
    in.enter();
    Target target;
    if (in.skip("(")) {
      target = targets();
      in.expect(")");
    } else {
      String name = assignable();
      target = in.skip(".") ? new Target.Attribute(name, in.name()) : new Target.Name(name);
    }
    in.leave();
    return target;
  }
}
