package dev.gamelan.text.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Evaluates expressions. */
final class Evaluator {
  private final Run run;
  private final Attributes attributes;
  private final Filters filters;
  private final Tests tests;
  private final Numbers numbers;
  private final Order order;
  private final Display display;

  Evaluator(Run run) {
    this.run = run;
    this.attributes = new Attributes(run);
    this.filters = new Filters(run);
    this.tests = new Tests(run);
    this.numbers = new Numbers(run);
    this.order = new Order(run);
    this.display = new Display(run);
  }

  Value eval(Expr expression, Scope scope) {
    run.at(expression.line());
    run.step();
    run.enter();
    Value value = value(expression, scope);
    run.leave();
    return value;
  }

  private Value value(Expr expression, Scope scope) {
    return switch (expression) {
      case Expr.Const c -> c.value();
      case Expr.Name n -> scope.at(n.name());
      case Expr.Attribute a -> {
        Value target = eval(a.target(), scope);
        run.at(a.line());
        yield attributes.attribute(target, a.name());
      }
      case Expr.Item i -> {
        Value target = eval(i.target(), scope);
        Value index = eval(i.index(), scope);
        run.at(i.line());
        yield attributes.item(target, index);
      }
      case Expr.Slice s -> {
        Value target = eval(s.target(), scope);
        Value start = s.start().map(e -> eval(e, scope)).orElse(Value.None.NONE);
        Value stop = s.stop().map(e -> eval(e, scope)).orElse(Value.None.NONE);
        Value step = s.step().map(e -> eval(e, scope)).orElse(Value.None.NONE);
        run.at(s.line());
        yield Slices.slice(run, target, start, stop, step);
      }
      case Expr.Call c -> call(eval(c.target(), scope), arguments(c.arguments(), scope), c.line());
      case Expr.Filtered f -> filtered(f.filter(), eval(f.target(), scope), scope);
      case Expr.Tested t -> {
        Value target = eval(t.target(), scope);
        Args args = arguments(t.test().arguments(), scope);
        run.at(t.line());
        yield Value.of(tests.test(t.test().name(), target, args) != t.negated());
      }
      case Expr.Sign s -> {
        Value operand = eval(s.operand(), scope);
        run.at(s.line());
        yield numbers.sign(s.negative(), operand);
      }
      case Expr.Not n -> Value.of(!run.truth(eval(n.operand(), scope)));
      case Expr.And a -> {
        Value left = eval(a.left(), scope);
        yield run.truth(left) ? eval(a.right(), scope) : left;
      }
      case Expr.Or o -> {
        Value left = eval(o.left(), scope);
        yield run.truth(left) ? left : eval(o.right(), scope);
      }
      case Expr.Math m -> {
        Value left = eval(m.left(), scope);
        Value right = eval(m.right(), scope);
        run.at(m.line());
        yield numbers.math(m.operator(), left, right);
      }
      case Expr.Concat c -> concat(c, scope);
      case Expr.Compare c -> Value.of(compare(c, scope));
      case Expr.Choice c -> {
        if (run.truth(eval(c.condition(), scope))) {
          yield eval(c.then(), scope);
        }
        yield c.otherwise()
            .map(e -> eval(e, scope))
            .orElseGet(
                () ->
                    new Value.Undefined(
                        "the inline if-expression on line "
                            + c.line()
                            + " evaluated to false and no else section was defined."));
      }
      case Expr.Items i -> {
        List<Value> items = new ArrayList<>(run.items(i.items().size()));
        for (Expr item : i.items()) {
          items.add(eval(item, scope));
        }
        yield i.tuple() ? Value.tuple(items) : Value.list(items);
      }
      case Expr.Pairs p -> {
        Map<Object, Value.Entry> entries = new LinkedHashMap<>();
        for (Expr.Pair pair : p.pairs()) {
          Value key = eval(pair.key(), scope);
          Keys.put(entries, key, eval(pair.value(), scope));
        }
        yield new Value.Dict(entries);
      }
    };
  }

  private Value concat(Expr.Concat c, Scope scope) {
    StringBuilder out = new StringBuilder();
    for (Expr part : c.parts()) {
      run.append(out, display.str(eval(part, scope)));
    }
    return Value.of(out.toString());
  }

  private boolean compare(Expr.Compare c, Scope scope) {
    Value left = eval(c.first(), scope);
    for (Expr.Comparison comparison : c.rest()) {
      Value right = eval(comparison.right(), scope);
      run.at(c.line());
      if (!order.test(comparison.operator(), left, right)) {
        return false;
      }
      left = right;
    }
    return true;
  }

  Value filtered(Expr.Use use, Value value, Scope scope) {
    Args args = arguments(use.arguments(), scope);
    run.at(use.line());
    return filters.apply(use.name(), value, args);
  }

  Value call(Value target, Args args, int line) {
    run.at(line);
    return switch (target) {
      case Value.Callable c -> c.body().call(args);
      case Value.Loop l -> l.state().again(args);
      case Value.Undefined u -> throw new Fault(u.message());
      default -> throw new Fault("'" + Value.type(target) + "' object is not callable");
    };
  }

  Args arguments(Expr.Arguments arguments, Scope scope) {
    if (arguments == Expr.Arguments.NONE) {
      return Args.NONE;
    }
    List<Value> positional = new ArrayList<>();
    for (Expr argument : arguments.positional()) {
      positional.add(eval(argument, scope));
    }
    Map<String, Value> named = new LinkedHashMap<>();
    for (Expr.Named argument : arguments.named()) {
      named.put(argument.name(), eval(argument.value(), scope));
    }
    arguments
        .list()
        .ifPresent(
            list -> {
              List<Value> items = new Iteration(run).items(eval(list, scope));
              run.items(items.size());
              positional.addAll(items);
            });
    arguments
        .mapping()
        .ifPresent(
            mapping -> {
              if (!(eval(mapping, scope) instanceof Value.Dict d)) {
                throw new Fault("argument after ** must be a mapping");
              }
              run.items(d.entries().size());
              for (Value.Entry e : d.entries().values()) {
                if (!(e.key() instanceof Value.Str name)) {
                  throw new Fault("keywords must be strings");
                }
                named.put(name.text(), e.value());
              }
            });
    return new Args(positional, named);
  }
}
