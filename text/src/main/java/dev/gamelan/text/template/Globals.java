package dev.gamelan.text.template;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The functions every template has. */
final class Globals {
  private final Run run;

  Globals(Run run) {
    this.run = run;
  }

  Scope scope() {
    Map<String, Value> values = new HashMap<>();
    add(values, "range", this::range);
    add(values, "dict", this::dict);
    add(values, "namespace", this::namespace);
    add(values, "joiner", this::joiner);
    add(
        values,
        "raise_exception",
        args -> {
          throw Fault.raised(
              new Display(run).str(args.bind("raise_exception", 1, "message").at(0)));
        });
    add(
        values,
        "strftime_now",
        args -> {
          String pattern = args.bind("strftime_now", 1, "format").text(0);
          run.characters(pattern.length() * 8L);
          return run.text(StrfTime.format(pattern, run.clock()));
        });
    return Scope.outermost(values);
  }

  private static void add(Map<String, Value> values, String name, Value.Body body) {
    values.put(name, new Value.Callable(name, body));
  }

  private Value range(Args args) {
    boolean single = args.positional().size() == 1;
    Args.Bound bound = args.bind("range", 1, "start", "stop", "step");
    BigInteger first = single ? BigInteger.ZERO : integer(bound, 0);
    BigInteger stop = integer(bound, single ? 0 : 1);
    BigInteger step = bound.has(2) ? integer(bound, 2) : BigInteger.ONE;
    if (step.signum() == 0) {
      throw new Fault("range() arg 3 must not be zero");
    }
    BigInteger one = BigInteger.valueOf(step.signum());
    BigInteger count =
        stop.subtract(first).add(step).subtract(one).divide(step).max(BigInteger.ZERO);
    if (count.bitLength() > 62) {
      throw new Fault("range() of " + count.bitLength() + " bits is too long");
    }
    int length = run.items(count.longValue());
    List<Value> items = new ArrayList<>(length);
    BigInteger value = first;
    for (int i = 0; i < length; i++) {
      items.add(new Value.Int(value));
      value = value.add(step);
    }
    String shown =
        "range(" + first + ", " + stop + (step.equals(BigInteger.ONE) ? ")" : ", " + step + ")");
    return new Value.Seq(Value.Kind.RANGE, items, shown);
  }

  private static BigInteger integer(Args.Bound bound, int at) {
    Value value = bound.or(at, Value.None.NONE);
    return Numbers.integer(value)
        .orElseThrow(
            () ->
                new Fault(
                    "'"
                        + Value.type(value)
                        + "' object cannot be interpreted as an integer, as range() needs"));
  }

  private Value dict(Args args) {
    Map<Object, Value.Entry> entries = new LinkedHashMap<>();
    if (args.positional().size() > 1) {
      throw new Fault("dict expected at most 1 argument, got " + args.positional().size());
    }
    for (Value source : args.positional()) {
      List<Value> pairs =
          source instanceof Value.Dict d
              ? SequenceFilters.pairs(d)
              : new Iteration(run).items(source);
      for (Value pair : pairs) {
        List<Value> both = new Iteration(run).items(pair);
        if (both.size() != 2) {
          throw new Fault("dict() needs pairs");
        }
        run.step();
        Keys.put(entries, both.get(0), both.get(1));
      }
    }
    args.named().forEach((name, value) -> Keys.put(entries, Value.of(name), value));
    return new Value.Dict(entries);
  }

  private Value namespace(Args args) {
    Value.Namespace namespace = new Value.Namespace();
    for (Value.Entry e : ((Value.Dict) dict(args)).entries().values()) {
      namespace.attributes().put(new Display(run).str(e.key()), e.value());
    }
    return namespace;
  }

  private Value joiner(Args args) {
    String separator = args.bind("joiner", 0, "sep").text(0, ", ");
    boolean[] used = {false};
    return new Value.Callable(
        "joiner",
        none -> {
          none.bind("joiner", 0);
          boolean first = !used[0];
          used[0] = true;
          return Value.of(first ? "" : separator);
        });
  }
}
