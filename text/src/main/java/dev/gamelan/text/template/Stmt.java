package dev.gamelan.text.template;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A statement, with the line it begins in. */
sealed interface Stmt {
  int line();

  record Text(String text, int line) implements Stmt {}

  record Print(Expr value, int line) implements Stmt {}

  record If(List<Branch> branches, List<Stmt> otherwise, int line) implements Stmt {}

  record Branch(Expr condition, List<Stmt> body) {}

  record For(
      Target target,
      Expr over,
      Optional<Expr> condition,
      List<Stmt> body,
      List<Stmt> otherwise,
      boolean recursive,
      int line)
      implements Stmt {}

  record Assign(Target target, Expr value, int line) implements Stmt {}

  record Capture(Target target, List<Expr.Use> filters, List<Stmt> body, int line)
      implements Stmt {}

  record Macro(Signature signature, List<Stmt> body, int line) implements Stmt {}

  record CallBlock(Signature signature, Expr.Call call, List<Stmt> body, int line)
      implements Stmt {}

  record FilterBlock(List<Expr.Use> filters, List<Stmt> body, int line) implements Stmt {}

  record With(List<Binding> bindings, List<Stmt> body, int line) implements Stmt {}

  record Generation(List<Stmt> body, int line) implements Stmt {}

  record Break(int line) implements Stmt {}

  record Continue(int line) implements Stmt {}

  record Binding(Target target, Expr value) {}

  record Parameter(String name, Optional<Expr> ifAbsent) {}

  /** A macro's name, its parameters, and the names its body speaks of. */
  record Signature(String name, List<Parameter> parameters, Set<String> names) {}

  /** What can be assigned to. */
  sealed interface Target {
    record Name(String name) implements Target {}

    record Attribute(String namespace, String name) implements Target {}

    record Several(List<Target> targets) implements Target {}
  }
}
