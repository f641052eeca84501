package dev.gamelan.text.template;

import java.util.List;
import java.util.Optional;

/** An expression, with the line it begins in. */
sealed interface Expr {
  int line();

  record Const(Value value, int line) implements Expr {}

  record Name(String name, int line) implements Expr {}

  record Attribute(Expr target, String name, int line) implements Expr {}

  record Item(Expr target, Expr index, int line) implements Expr {}

  record Slice(
      Expr target, Optional<Expr> start, Optional<Expr> stop, Optional<Expr> step, int line)
      implements Expr {}

  record Call(Expr target, Arguments arguments, int line) implements Expr {}

  record Filtered(Expr target, Use filter, int line) implements Expr {}

  record Tested(Expr target, Use test, boolean negated, int line) implements Expr {}

  record Sign(boolean negative, Expr operand, int line) implements Expr {}

  record Not(Expr operand, int line) implements Expr {}

  record And(Expr left, Expr right, int line) implements Expr {}

  record Or(Expr left, Expr right, int line) implements Expr {}

  record Math(String operator, Expr left, Expr right, int line) implements Expr {}

  record Concat(List<Expr> parts, int line) implements Expr {}

  record Compare(Expr first, List<Comparison> rest, int line) implements Expr {}

  record Choice(Expr condition, Expr then, Optional<Expr> otherwise, int line) implements Expr {}

  record Items(boolean tuple, List<Expr> items, int line) implements Expr {}

  record Pairs(List<Pair> pairs, int line) implements Expr {}

  record Pair(Expr key, Expr value) {}

  record Comparison(String operator, Expr right) {}

  record Named(String name, Expr value) {}

  record Arguments(
      List<Expr> positional, List<Named> named, Optional<Expr> list, Optional<Expr> mapping) {
    static final Arguments NONE =
        new Arguments(List.of(), List.of(), Optional.empty(), Optional.empty());
  }

  /** A filter's or test's name with its arguments. */
  record Use(String name, Arguments arguments, int line) {}
}
