package dev.gamelan.text.template;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What stands behind a dot or in brackets. Nothing but what is listed here can be reached. */
final class Attributes {
  private static final Set<String> LIST_CHANGES =
      Set.of("append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort");
  private static final Set<String> DICT_CHANGES =
      Set.of("clear", "pop", "popitem", "setdefault", "update");

  private final Run run;
  private final StringMethods strings;

  Attributes(Run run) {
    this.run = run;
    this.strings = new StringMethods(run);
  }

  /** {@code target.name}: an attribute, else an item. */
  Value attribute(Value target, String name) {
    Optional<Value> attribute = method(target, name);
    if (attribute.isPresent()) {
      return attribute.get();
    }
    if (target instanceof Value.Dict d && d.at(name).isPresent()) {
      return d.at(name).get();
    }
    return missing(target, name);
  }

  /** {@code target[index]}: an item, else an attribute. */
  Value item(Value target, Value index) {
    if (target instanceof Value.Undefined undefined) {
      throw new Fault(undefined.message());
    }
    Optional<Value> item =
        switch (target) {
          case Value.Dict d when hashable(index) -> d.at(index);
          case Value.Seq s when !s.kind().view() ->
              index(index, s.items().size()).map(i -> s.items().get(i));
          case Value.Str s -> character(s, index);
          default -> Optional.empty();
        };
    if (item.isPresent()) {
      return item.get();
    }
    if (index instanceof Value.Str name) {
      return method(target, name.text()).orElseGet(() -> missing(target, name.text()));
    }
    return new Value.Undefined(object(target) + " has no element " + new Display(run).repr(index));
  }

  private static boolean hashable(Value index) {
    return !(index instanceof Value.Dict)
        && !(index instanceof Value.Seq s && s.kind() == Value.Kind.LIST);
  }

  private static Optional<Integer> index(Value index, int size) {
    return Numbers.integer(index)
        .map(i -> i.signum() < 0 ? i.add(BigInteger.valueOf(size)) : i)
        .filter(i -> i.signum() >= 0 && i.compareTo(BigInteger.valueOf(size)) < 0)
        .map(BigInteger::intValue);
  }

  private Optional<Value> character(Value.Str s, Value index) {
    String text = s.text();
    // Only texts beyond the basic plane have to be counted through.
    int size = new Iteration(run).length(s);
    return index(index, size)
        .map(i -> size == text.length() ? i : text.offsetByCodePoints(0, i))
        .map(i -> Value.of(Character.toString(text.codePointAt(i))));
  }

  private Value missing(Value target, String name) {
    if (name.startsWith("__")) {
      throw unsafe(target, name);
    }
    return new Value.Undefined("'" + object(target) + "' has no attribute '" + name + "'");
  }

  private static Fault unsafe(Value target, String name) {
    return new Fault(
        "access to attribute '%s' of '%s' object is unsafe.".formatted(name, Value.type(target)));
  }

  /** Jinja's name of a value in messages. */
  private static String object(Value target) {
    return switch (target) {
      case Value.None _ -> "None";
      case Value.Namespace _ -> "jinja2.utils.Namespace object";
      case Value.Loop _ -> "jinja2.runtime.LoopContext object";
      default -> Value.type(target) + " object";
    };
  }

  private Optional<Value> method(Value target, String name) {
    return switch (target) {
      case Value.Undefined u -> throw new Fault(u.message());
      case Value.Str s -> strings.method(s, name);
      case Value.Dict d -> dict(d, name);
      case Value.Seq s -> sequence(s, name);
      case Value.Namespace n -> Optional.ofNullable(n.attributes().get(name));
      case Value.Loop l -> l.state().attribute(name);
      case Value.Callable c when name.equals("name") -> Optional.of(Value.of(c.name()));
      case Value.Callable _, Value.None _, Value.Generator _ -> Optional.empty();
      case Value.Bool _, Value.Int _, Value.Real _ -> Optional.empty();
    };
  }

  private Optional<Value> dict(Value.Dict d, String name) {
    if (DICT_CHANGES.contains(name)) {
      // Calling it is an error; a key of this name is reached with brackets.
      return Optional.of(new Value.Undefined(unsafe(d, name).getMessage()));
    }
    Value.Body body =
        switch (name) {
          case "items" -> args -> entries(d, args, Value.Kind.ITEMS);
          case "keys" -> args -> entries(d, args, Value.Kind.KEYS);
          case "values" -> args -> entries(d, args, Value.Kind.VALUES);
          case "get" ->
              args -> {
                Args.Bound bound = args.bind("get", 1, "key", "default");
                return d.at(bound.at(0)).orElseGet(() -> bound.or(1, Value.None.NONE));
              };
          case "copy" ->
              args -> {
                args.bind("copy", 0);
                return d;
              };
          default -> null;
        };
    return Optional.ofNullable(body).map(b -> new Value.Callable(name, b));
  }

  private Value entries(Value.Dict d, Args args, Value.Kind kind) {
    args.bind(kind.python(), 0);
    List<Value> out = new ArrayList<>(run.items(d.entries().size()));
    for (Value.Entry e : d.entries().values()) {
      out.add(
          switch (kind) {
            case KEYS -> e.key();
            case VALUES -> e.value();
            case LIST, TUPLE, RANGE, ITEMS -> Value.tuple(List.of(e.key(), e.value()));
          });
    }
    return new Value.Seq(kind, out, "");
  }

  private Optional<Value> sequence(Value.Seq s, String name) {
    if (s.kind().view()) {
      return Optional.empty();
    }
    boolean list = s.kind() == Value.Kind.LIST;
    if (list && LIST_CHANGES.contains(name)) {
      return Optional.of(new Value.Undefined(unsafe(s, name).getMessage()));
    }
    Order order = new Order(run);
    Value.Body body =
        switch (name) {
          case "count" ->
              args -> {
                Value sought = args.bind(name, 1, "value").at(0);
                long count = 0;
                for (Value item : s.items()) {
                  count += order.same(item, sought) ? 1 : 0;
                }
                return Value.of(count);
              };
          case "index" ->
              args -> {
                Value sought = args.bind(name, 1, "value").at(0);
                for (int i = 0; i < s.items().size(); i++) {
                  if (order.same(s.items().get(i), sought)) {
                    return Value.of(i);
                  }
                }
                throw new Fault("the value is not in the " + Value.type(s));
              };
          case "copy" ->
              list
                  ? args -> {
                    args.bind(name, 0);
                    return s;
                  }
                  : null;
          default -> null;
        };
    return Optional.ofNullable(body).map(b -> new Value.Callable(name, b));
  }
}
