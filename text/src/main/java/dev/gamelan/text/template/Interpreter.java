package dev.gamelan.text.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Carries out statements. */
final class Interpreter {
  /** How a body was left. */
  private enum Flow {
    ON,
    BREAK,
    CONTINUE
  }

  private final Run run;
  private final Evaluator evaluator;
  private final Display display;

  Interpreter(Run run) {
    this.run = run;
    this.evaluator = new Evaluator(run);
    this.display = new Display(run);
  }

  void render(List<Stmt> template, Scope scope) {
    body(template, scope, run.root());
  }

  private Flow body(List<Stmt> body, Scope scope, StringBuilder out) {
    for (Stmt statement : body) {
      run.at(statement.line());
      run.step();
      run.enter();
      Flow flow = statement(statement, scope, out);
      run.leave();
      if (flow != Flow.ON) {
        return flow;
      }
    }
    return Flow.ON;
  }

  private Flow statement(Stmt statement, Scope scope, StringBuilder out) {
    return switch (statement) {
      case Stmt.Text t -> {
        run.append(out, t.text());
        yield Flow.ON;
      }
      case Stmt.Print p -> {
        run.append(out, display.str(evaluator.eval(p.value(), scope)));
        yield Flow.ON;
      }
      case Stmt.If i -> conditional(i, scope, out);
      case Stmt.For f -> {
        loop(f, evaluator.eval(f.over(), scope), 0, scope, out);
        yield Flow.ON;
      }
      case Stmt.Assign a -> {
        assign(a.target(), evaluator.eval(a.value(), scope), scope);
        yield Flow.ON;
      }
      case Stmt.Capture c -> {
        StringBuilder captured = new StringBuilder();
        Flow flow = body(c.body(), scope.inner(), captured);
        assign(c.target(), filtered(c.filters(), captured, scope), scope);
        yield flow;
      }
      case Stmt.FilterBlock f -> {
        StringBuilder captured = new StringBuilder();
        Flow flow = body(f.body(), scope.inner(), captured);
        run.append(out, display.str(filtered(f.filters(), captured, scope)));
        yield flow;
      }
      case Stmt.Macro m -> {
        scope.set(m.signature().name(), macro(m.signature(), m.body(), scope));
        yield Flow.ON;
      }
      case Stmt.CallBlock c -> {
        Value target = evaluator.eval(c.call().target(), scope);
        Args args = evaluator.arguments(c.call().arguments(), scope);
        Map<String, Value> named = new LinkedHashMap<>(args.named());
        named.put("caller", macro(c.signature(), c.body(), scope));
        Value result = evaluator.call(target, new Args(args.positional(), named), c.call().line());
        run.append(out, display.str(result));
        yield Flow.ON;
      }
      case Stmt.With w -> {
        Scope inner = scope.inner();
        for (Stmt.Binding binding : w.bindings()) {
          assign(binding.target(), evaluator.eval(binding.value(), scope), inner);
        }
        yield body(w.body(), inner, out);
      }
      case Stmt.Generation g -> {
        int start = out.length();
        body(g.body(), scope.inner(), out);
        run.generated(out, start, g.line());
        yield Flow.ON;
      }
      case Stmt.Break _ -> Flow.BREAK;
      case Stmt.Continue _ -> Flow.CONTINUE;
    };
  }

  private Value filtered(List<Expr.Use> filters, StringBuilder captured, Scope scope) {
    Value value = run.text(captured.toString());
    for (Expr.Use filter : filters) {
      value = evaluator.filtered(filter, value, scope);
    }
    return value;
  }

  private Flow conditional(Stmt.If statement, Scope scope, StringBuilder out) {
    for (Stmt.Branch branch : statement.branches()) {
      if (run.truth(evaluator.eval(branch.condition(), scope))) {
        return body(branch.body(), scope, out);
      }
    }
    return body(statement.otherwise(), scope, out);
  }

  private void loop(Stmt.For statement, Value over, int depth, Scope scope, StringBuilder out) {
    List<Value> items = new Iteration(run).items(over);
    if (statement.condition().isPresent()) {
      List<Value> kept = new ArrayList<>();
      for (Value item : items) {
        Scope inner = scope.inner();
        assign(statement.target(), item, inner);
        if (run.truth(evaluator.eval(statement.condition().get(), inner))) {
          kept.add(item);
        }
      }
      items = kept;
    }
    if (items.isEmpty()) {
      body(statement.otherwise(), scope.inner(), out);
      return;
    }
    Optional<Value.Body> again =
        statement.recursive() ? Optional.of(recursion(statement, depth, scope)) : Optional.empty();
    LoopState state = new LoopState(run, items, depth, again);
    Value loop = new Value.Loop(state);
    for (int i = 0; i < items.size(); i++) {
      run.step();
      state.at(i);
      Scope inner = scope.inner();
      inner.set("loop", loop);
      assign(statement.target(), items.get(i), inner);
      if (body(statement.body(), inner, out) == Flow.BREAK) {
        return;
      }
    }
  }

  private Value.Body recursion(Stmt.For statement, int depth, Scope scope) {
    return args -> {
      run.enter();
      StringBuilder captured = new StringBuilder();
      Value over = args.bind("loop", 1, "iterable").at(0);
      loop(statement, over, depth + 1, scope, captured);
      run.leave();
      return run.text(captured.toString());
    };
  }

  private Value macro(Stmt.Signature signature, List<Stmt> body, Scope scope) {
    return new Value.Callable(
        signature.name(),
        args -> {
          run.enter();
          Scope inner = scope.inner();
          bind(signature, args, inner);
          StringBuilder captured = new StringBuilder();
          body(body, inner, captured);
          run.leave();
          return run.text(captured.toString());
        });
  }

  private void bind(Stmt.Signature signature, Args args, Scope scope) {
    String name = signature.name();
    List<Stmt.Parameter> parameters = signature.parameters();
    List<Value> positional = args.positional();
    Map<String, Value> named = new LinkedHashMap<>(args.named());
    for (int i = 0; i < parameters.size(); i++) {
      Stmt.Parameter parameter = parameters.get(i);
      if (i < positional.size()) {
        if (named.containsKey(parameter.name())) {
          throw new Fault(
              "macro '%s' got several values for argument '%s'".formatted(name, parameter.name()));
        }
        scope.set(parameter.name(), positional.get(i));
      } else if (named.containsKey(parameter.name())) {
        scope.set(parameter.name(), named.remove(parameter.name()));
      } else {
        // A default may speak of the parameters before it.
        scope.set(
            parameter.name(),
            parameter
                .ifAbsent()
                .map(expression -> evaluator.eval(expression, scope))
                .orElseGet(
                    () ->
                        new Value.Undefined(
                            "parameter '" + parameter.name() + "' was not provided")));
      }
    }
    if (signature.names().contains("caller")) {
      Value caller = named.remove("caller");
      scope.set("caller", caller == null ? new Value.Undefined("No caller defined") : caller);
    }
    boolean extra = positional.size() > parameters.size();
    if (signature.names().contains("varargs")) {
      scope.set(
          "varargs",
          Value.tuple(
              extra ? positional.subList(parameters.size(), positional.size()) : List.of()));
    } else if (extra) {
      throw new Fault(
          "macro '%s' takes not more than %d argument(s)".formatted(name, parameters.size()));
    }
    if (signature.names().contains("kwargs")) {
      scope.set("kwargs", Keys.dict(named));
    } else if (!named.isEmpty()) {
      throw new Fault(
          "macro '%s' takes no keyword argument '%s'"
              .formatted(name, named.keySet().iterator().next()));
    }
  }

  private void assign(Stmt.Target target, Value value, Scope scope) {
    switch (target) {
      case Stmt.Target.Name n -> scope.set(n.name(), value);
      case Stmt.Target.Attribute a -> {
        if (!(scope.at(a.namespace()) instanceof Value.Namespace namespace)) {
          throw new Fault("cannot assign attribute on non-namespace object");
        }
        namespace.attributes().put(a.name(), value);
      }
      case Stmt.Target.Several s -> {
        List<Value> values = new Iteration(run).items(value);
        int expected = s.targets().size();
        if (values.size() < expected) {
          throw new Fault(
              "not enough values to unpack (expected %d, got %d)"
                  .formatted(expected, values.size()));
        }
        if (values.size() > expected) {
          throw new Fault("too many values to unpack (expected " + expected + ")");
        }
        for (int i = 0; i < expected; i++) {
          assign(s.targets().get(i), values.get(i), scope);
        }
      }
    }
  }
}
