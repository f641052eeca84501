package dev.gamelan.text.template;

import java.util.Set;

/** Jinja's tests: what stands after {@code is}. */
final class Tests {
  private static final Set<String> ALL =
      Set.of(
          "defined",
          "undefined",
          "none",
          "boolean",
          "true",
          "false",
          "integer",
          "float",
          "number",
          "string",
          "mapping",
          "iterable",
          "sequence",
          "callable",
          "escaped",
          "lower",
          "upper",
          "odd",
          "even",
          "divisibleby",
          "sameas",
          "in",
          "eq",
          "==",
          "equalto",
          "ne",
          "!=",
          "lt",
          "<",
          "lessthan",
          "le",
          "<=",
          "gt",
          ">",
          "greaterthan",
          "ge",
          ">=",
          "test",
          "filter");

  private final Run run;
  private final Order order;

  Tests(Run run) {
    this.run = run;
    this.order = new Order(run);
  }

  boolean test(String name, Value value, Args args) {
    return switch (name) {
      case "divisibleby" -> remainder(value, args.bind(name, 1, "num").at(0)) == 0;
      case "sameas" -> same(value, args.bind(name, 1, "other").at(0));
      case "in" -> order.in(value, args.bind(name, 1, "seq").at(0));
      case "eq", "==", "equalto" -> compared("==", value, args);
      case "ne", "!=" -> compared("!=", value, args);
      case "lt", "<", "lessthan" -> compared("<", value, args);
      case "le", "<=" -> compared("<=", value, args);
      case "gt", ">", "greaterthan" -> compared(">", value, args);
      case "ge", ">=" -> compared(">=", value, args);
      default -> {
        if (!ALL.contains(name)) {
          throw new Fault("No test named '" + name + "'.");
        }
        args.bind(name, 0);
        yield plain(name, value);
      }
    };
  }

  private boolean compared(String operator, Value value, Args args) {
    return order.test(operator, value, args.bind(operator, 1, "other").at(0));
  }

  private boolean plain(String name, Value value) {
    return switch (name) {
      case "defined" -> !(value instanceof Value.Undefined);
      case "undefined" -> value instanceof Value.Undefined;
      case "none" -> value instanceof Value.None;
      case "boolean" -> value instanceof Value.Bool;
      case "true" -> value instanceof Value.Bool b && b.value();
      case "false" -> value instanceof Value.Bool b && !b.value();
      case "integer" -> value instanceof Value.Int;
      case "float" -> value instanceof Value.Real;
      case "number" -> Numbers.isNumber(value);
      case "string" -> value instanceof Value.Str;
      case "mapping" -> value instanceof Value.Dict;
      case "iterable" -> Iteration.iterable(value);
      case "sequence" ->
          switch (value) {
            case Value.Str _, Value.Dict _, Value.Undefined _ -> true;
            case Value.Seq s -> !s.kind().view();
            default -> false;
          };
      case "callable" -> value instanceof Value.Callable;
      case "escaped" -> value instanceof Value.Str s && s.markup();
      case "lower" -> StringMethods.onlyCase(text(value), false);
      case "upper" -> StringMethods.onlyCase(text(value), true);
      case "odd" -> remainder(value, Value.of(2)) == 1;
      case "even" -> remainder(value, Value.of(2)) == 0;
      case "test" -> value instanceof Value.Str s && ALL.contains(s.text());
      case "filter" -> throw new Fault("the test 'filter' is not for chat templates");
      default -> throw new Fault("the test '" + name + "' needs an argument");
    };
  }

  private String text(Value value) {
    String text = new Display(run).str(value);
    run.characters(text.length());
    return text;
  }

  /** 0, or something else. */
  private double remainder(Value value, Value divisor) {
    return Numbers.real(new Numbers(run).math("%", value, divisor));
  }

  private static boolean same(Value a, Value b) {
    return switch (a) {
      case Value.Bool x -> b instanceof Value.Bool y && x.value() == y.value();
      case Value.Int x -> b instanceof Value.Int y && x.value().equals(y.value());
      case Value.Str x -> b instanceof Value.Str y && x.text().equals(y.text());
      default -> a == b;
    };
  }
}
