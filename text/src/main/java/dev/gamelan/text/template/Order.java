package dev.gamelan.text.template;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Python's equality, order and membership. */
final class Order {
  private final Run run;

  Order(Run run) {
    this.run = run;
  }

  boolean test(String operator, Value left, Value right) {
    return switch (operator) {
      case "==" -> same(left, right);
      case "!=" -> !same(left, right);
      case "in" -> in(left, right);
      case "not in" -> !in(left, right);
      default -> ordered(operator, left, right);
    };
  }

  boolean same(Value left, Value right) {
    run.step();
    run.use(left);
    run.use(right);
    if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
      return compared("==", left, right);
    }
    return switch (left) {
      case Value.Undefined _ -> right instanceof Value.Undefined;
      case Value.Str a when right instanceof Value.Str b -> {
        run.characters(Math.min(a.text().length(), b.text().length()));
        yield a.text().equals(b.text());
      }
      case Value.Seq a when right instanceof Value.Seq b -> {
        run.enter();
        boolean same = a.kind() == b.kind() && sameItems(a.items(), b.items());
        run.leave();
        yield same;
      }
      case Value.Dict a when right instanceof Value.Dict b -> {
        run.enter();
        boolean same = a.entries().size() == b.entries().size();
        for (Map.Entry<Object, Value.Entry> e : a.entries().entrySet()) {
          Value.Entry other = same ? b.entries().get(e.getKey()) : null;
          same = other != null && same(e.getValue().value(), other.value());
          if (!same) {
            break;
          }
        }
        run.leave();
        yield same;
      }
      case Value.Str _, Value.Seq _, Value.Dict _ -> false;
      case Value.None _, Value.Bool _, Value.Int _, Value.Real _ -> left == right;
      case Value.Generator _, Value.Namespace _, Value.Callable _, Value.Loop _ -> left == right;
    };
  }

  private boolean sameItems(List<Value> a, List<Value> b) {
    if (a.size() != b.size()) {
      return false;
    }
    for (int i = 0; i < a.size(); i++) {
      if (!same(a.get(i), b.get(i))) {
        return false;
      }
    }
    return true;
  }

  private boolean ordered(String operator, Value left, Value right) {
    run.step();
    for (Value operand : List.of(left, right)) {
      if (operand instanceof Value.Undefined undefined) {
        throw new Fault(undefined.message());
      }
    }
    if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
      return compared(operator, left, right);
    }
    if (left instanceof Value.Str a && right instanceof Value.Str b) {
      run.characters(Math.min(a.text().length(), b.text().length()));
      return holds(operator, codePointOrder(a.text(), b.text()));
    }
    if (left instanceof Value.Seq a && right instanceof Value.Seq b && a.kind() == b.kind()) {
      if (a.kind() == Value.Kind.LIST || a.kind() == Value.Kind.TUPLE) {
        run.enter();
        boolean result = sequences(operator, a.items(), b.items());
        run.leave();
        return result;
      }
    }
    throw new Fault(
        "'%s' not supported between instances of '%s' and '%s'"
            .formatted(operator, Value.type(left), Value.type(right)));
  }

  private boolean sequences(String operator, List<Value> a, List<Value> b) {
    for (int i = 0; i < a.size() && i < b.size(); i++) {
      if (!same(a.get(i), b.get(i))) {
        return ordered(operator, a.get(i), b.get(i));
      }
    }
    return holds(operator, Integer.compare(a.size(), b.size()));
  }

  /** UTF-16 orders surrogates before U+E000 and above; Python orders by code point. */
  private static int codePointOrder(String a, String b) {
    int n = Math.min(a.length(), b.length());
    for (int i = 0; i < n; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        if (Character.isSurrogate(x) == Character.isSurrogate(y)) {
          return x - y;
        }
        return Character.isSurrogate(x) ? 1 : -1;
      }
    }
    return Integer.compare(a.length(), b.length());
  }

  private static boolean compared(String operator, Value left, Value right) {
    if (left instanceof Value.Int a && right instanceof Value.Int b) {
      return holds(operator, a.value().compareTo(b.value()));
    }
    if (left instanceof Value.Real || right instanceof Value.Real) {
      double a = left instanceof Value.Real r ? r.value() : 0;
      double b = right instanceof Value.Real r ? r.value() : 0;
      if (Double.isNaN(a) || Double.isNaN(b)) {
        return false;
      }
      if (Double.isInfinite(a) || Double.isInfinite(b)) {
        double x = left instanceof Value.Real ? a : 0;
        double y = right instanceof Value.Real ? b : 0;
        return holds(operator, x == y ? 0 : Double.compare(x, y));
      }
    }
    return holds(operator, exact(left).compareTo(exact(right)));
  }

  private static BigDecimal exact(Value number) {
    return number instanceof Value.Real r
        ? new BigDecimal(r.value())
        : new BigDecimal(Numbers.integer(number).orElseThrow());
  }

  private static boolean holds(String operator, int order) {
    return switch (operator) {
      case "<" -> order < 0;
      case "<=" -> order <= 0;
      case ">" -> order > 0;
      case ">=" -> order >= 0;
      case "==" -> order == 0;
      default -> throw new Fault("unknown operator " + operator);
    };
  }

  boolean in(Value item, Value container) {
    return switch (container) {
      case Value.Str s -> {
        if (item instanceof Value.Undefined undefined) {
          throw new Fault("'in <string>' needs a string: " + undefined.message());
        }
        if (!(item instanceof Value.Str part)) {
          throw new Fault("'in <string>' requires string as left operand, not " + Value.type(item));
        }
        yield Search.indexOf(run, s.text(), part.text(), 0) >= 0;
      }
      case Value.Dict d -> d.at(item).isPresent();
      case Value.Generator g -> {
        boolean found = false;
        Optional<Value> next = g.next();
        while (next.isPresent() && !found) {
          found = same(item, next.get());
          next = found ? next : g.next();
        }
        yield found;
      }
      default -> {
        for (Value other : new Iteration(run).items(container)) {
          if (same(item, other)) {
            yield true;
          }
        }
        yield false;
      }
    };
  }

  /**
   * A stable sort by {@code key}; any order that Python's {@code <} gives, however odd, will do.
   */
  List<Value> sorted(List<Value> values, UnaryOperator<Value> key, boolean reverse) {
    List<Keyed> keyed = new ArrayList<>(run.items(values.size()));
    for (Value value : values) {
      keyed.add(new Keyed(key.apply(value), value));
    }
    List<Value> out = new ArrayList<>();
    // Reversing before and after keeps equal items in their order, as Python does.
    for (Keyed k : merged(reverse ? keyed.reversed() : keyed)) {
      out.add(k.value());
    }
    return reverse ? out.reversed() : out;
  }

  private record Keyed(Value key, Value value) {}

  private List<Keyed> merged(List<Keyed> values) {
    if (values.size() < 2) {
      return values;
    }
    List<Keyed> a = merged(values.subList(0, values.size() / 2));
    List<Keyed> b = merged(values.subList(values.size() / 2, values.size()));
    List<Keyed> out = new ArrayList<>(values.size());
    int i = 0;
    int j = 0;
    while (i < a.size() && j < b.size()) {
      out.add(ordered("<", b.get(j).key(), a.get(i).key()) ? b.get(j++) : a.get(i++));
    }
    out.addAll(a.subList(i, a.size()));
    out.addAll(b.subList(j, b.size()));
    return out;
  }
}
