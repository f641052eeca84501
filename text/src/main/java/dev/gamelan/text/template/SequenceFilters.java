package dev.gamelan.text.template;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Jinja's filters on sequences and mappings. Those that Python makes generators give generators.
 */
final class SequenceFilters {
  private final Run run;
  private final Filters filters;
  private final Tests tests;
  private final Iteration iteration;
  private final Order order;
  private final Display display;

  SequenceFilters(Run run, Filters filters, Tests tests) {
    this.run = run;
    this.filters = filters;
    this.tests = tests;
    this.iteration = new Iteration(run);
    this.order = new Order(run);
    this.display = new Display(run);
  }

  Value apply(String name, Value value, Args args) {
    return switch (name) {
      case "batch" -> batch(value, args);
      case "count", "length" -> {
        args.bind(name, 0);
        yield Value.of(iteration.length(value));
      }
      case "dictsort" -> dictSort(value, args);
      case "first" -> {
        args.bind(name, 0);
        List<Value> items = iteration.items(value);
        yield items.isEmpty()
            ? new Value.Undefined("No first item, sequence was empty.")
            : items.getFirst();
      }
      case "last" -> {
        args.bind(name, 0);
        if (value instanceof Value.Generator) {
          throw new Fault("'generator' object is not reversible");
        }
        List<Value> items = iteration.items(value);
        yield items.isEmpty()
            ? new Value.Undefined("No last item, sequence was empty.")
            : items.getLast();
      }
      case "items" -> {
        args.bind(name, 0);
        yield switch (value) {
          case Value.Undefined _ -> new Value.Generator(List.of());
          case Value.Dict d -> new Value.Generator(pairs(d));
          default -> throw new Fault("Can only get item pairs from a mapping.");
        };
      }
      case "join" -> join(value, args);
      case "list" -> {
        args.bind(name, 0);
        List<Value> items = iteration.items(value);
        run.items(items.size());
        yield Value.list(items);
      }
      case "map" -> map(value, args);
      case "max", "min" -> extreme(name, value, args);
      case "reject" -> selected(value, args, false, false);
      case "rejectattr" -> selected(value, args, false, true);
      case "select" -> selected(value, args, true, false);
      case "selectattr" -> selected(value, args, true, true);
      case "reverse" -> {
        args.bind(name, 0);
        if (value instanceof Value.Str s) {
          yield new Value.Str(
              run.text(new StringBuilder(s.text()).reverse().toString()).text(), s.markup());
        }
        List<Value> items = iteration.items(value);
        run.items(items.size());
        yield new Value.Generator(items.reversed());
      }
      case "slice" -> slice(value, args);
      case "sort" -> {
        Args.Bound bound = args.bind(name, 0, "reverse", "case_sensitive", "attribute");
        UnaryOperator<Value> key = key(bound.given(2), !bound.flag(1, false), true);
        yield Value.list(order.sorted(iteration.items(value), key, bound.flag(0, false)));
      }
      case "sum" -> {
        Args.Bound bound = args.bind(name, 0, "attribute", "start");
        UnaryOperator<Value> key = key(bound.given(0), false, false);
        Numbers numbers = new Numbers(run);
        Value sum = bound.or(1, Value.of(0));
        for (Value item : iteration.items(value)) {
          sum = numbers.math("+", sum, key.apply(item));
        }
        yield sum;
      }
      case "unique" -> unique(value, args);
      default -> throw new Fault("No filter named '" + name + "'.");
    };
  }

  static List<Value> pairs(Value.Dict d) {
    List<Value> pairs = new ArrayList<>();
    for (Value.Entry e : d.entries().values()) {
      pairs.add(Value.tuple(List.of(e.key(), e.value())));
    }
    return pairs;
  }

  /**
   * What a filter's {@code attribute='a.b'} makes of an item; several between commas for sorting.
   */
  private UnaryOperator<Value> key(Optional<Value> attribute, boolean ignoreCase, boolean several) {
    UnaryOperator<Value> folded = value -> ignoreCase ? folded(value) : value;
    if (attribute.isEmpty()) {
      return folded;
    }
    if (several && attribute.get() instanceof Value.Str s && s.text().indexOf(',') >= 0) {
      List<List<Value>> paths = new ArrayList<>();
      for (String path : s.text().split(",", -1)) {
        paths.add(path(Value.of(path)));
      }
      return value -> {
        List<Value> keys = new ArrayList<>();
        paths.forEach(path -> keys.add(folded.apply(walk(value, path))));
        return Value.list(keys);
      };
    }
    List<Value> path = path(attribute.get());
    return value -> folded.apply(walk(value, path));
  }

  private Value folded(Value value) {
    return value instanceof Value.Str s ? run.text(s.text().toLowerCase(Locale.ROOT)) : value;
  }

  private static List<Value> path(Value attribute) {
    if (!(attribute instanceof Value.Str s)) {
      return List.of(attribute);
    }
    List<Value> path = new ArrayList<>();
    for (String part : s.text().split("\\.", -1)) {
      boolean digits = !part.isEmpty() && part.length() < 10;
      for (int i = 0; i < part.length(); i++) {
        digits &= part.charAt(i) >= '0' && part.charAt(i) <= '9';
      }
      path.add(digits ? Value.of(Integer.parseInt(part)) : Value.of(part));
    }
    return path;
  }

  private Value walk(Value value, List<Value> path) {
    Attributes attributes = new Attributes(run);
    Value at = value;
    for (Value part : path) {
      run.step();
      at = attributes.item(at, part);
    }
    return at;
  }

  private Value batch(Value value, Args args) {
    Args.Bound bound = args.bind("batch", 1, "linecount", "fill_with");
    int size = bound.integer(0);
    if (size < 1) {
      throw new Fault("batch() needs a size of at least 1");
    }
    if (bound.given(1).isPresent()) {
      run.items(size);
    }
    List<Value> batches = new ArrayList<>();
    List<Value> items = iteration.items(value);
    for (int i = 0; i < items.size(); i += Math.min(size, items.size())) {
      List<Value> part =
          new ArrayList<>(items.subList(i, (int) Math.min((long) i + size, items.size())));
      while (part.size() < size && bound.given(1).isPresent()) {
        part.add(bound.at(1));
      }
      batches.add(Value.list(part));
    }
    return new Value.Generator(batches);
  }

  private Value slice(Value value, Args args) {
    Args.Bound bound = args.bind("slice", 1, "slices", "fill_with");
    int slices = bound.integer(0);
    if (slices < 1) {
      throw new Fault("slice() needs at least 1 slice");
    }
    run.items(slices);
    List<Value> items = iteration.items(value);
    int each = items.size() / slices;
    int longer = items.size() % slices;
    List<Value> out = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < slices; i++) {
      int to = from + each + (i < longer ? 1 : 0);
      List<Value> part = new ArrayList<>(items.subList(from, to));
      if (bound.given(1).isPresent() && i >= longer) {
        part.add(bound.at(1));
      }
      out.add(Value.list(part));
      from = to;
    }
    return new Value.Generator(out);
  }

  private Value dictSort(Value value, Args args) {
    Args.Bound bound = args.bind("dictsort", 0, "case_sensitive", "by", "reverse");
    int position =
        switch (bound.text(1, "key")) {
          case "key" -> 0;
          case "value" -> 1;
          default -> throw new Fault("You can only sort by either \"key\" or \"value\"");
        };
    if (!(value instanceof Value.Dict d)) {
      throw new Fault("'" + Value.type(value) + "' object has no attribute 'items'");
    }
    boolean ignoreCase = !bound.flag(0, false);
    UnaryOperator<Value> key =
        pair -> {
          Value part = ((Value.Seq) pair).items().get(position);
          return ignoreCase ? folded(part) : part;
        };
    return Value.list(order.sorted(pairs(d), key, bound.flag(2, false)));
  }

  private Value join(Value value, Args args) {
    Args.Bound bound = args.bind("join", 0, "d", "attribute");
    UnaryOperator<Value> key = key(bound.given(1), false, false);
    String separator = bound.has(0) ? display.str(bound.at(0)) : "";
    List<String> parts = new ArrayList<>();
    for (Value item : iteration.items(value)) {
      run.step();
      parts.add(display.str(key.apply(item)));
    }
    return Value.of(new StringMethods(run).join(separator, parts));
  }

  private Value map(Value value, Args args) {
    // Jinja looks at neither what None is nor at the arguments if there is nothing to go through.
    if (!run.truth(value)) {
      return new Value.Generator(List.of());
    }
    List<Value> out = new ArrayList<>();
    if (args.positional().isEmpty() && args.named().containsKey("attribute")) {
      Map<String, Value> named = new LinkedHashMap<>(args.named());
      List<Value> path = path(named.remove("attribute"));
      Optional<Value> ifAbsent = Optional.ofNullable(named.remove("default"));
      new Args(List.of(), named).bind("map", 0);
      for (Value item : iteration.items(value)) {
        Value found = walk(item, path);
        out.add(found instanceof Value.Undefined ? ifAbsent.orElse(found) : found);
      }
      return new Value.Generator(out);
    }
    String filter = name("map", args, 0, "a filter");
    Args rest = new Args(args.positional().subList(1, args.positional().size()), args.named());
    for (Value item : iteration.items(value)) {
      run.step();
      run.enter();
      out.add(filters.apply(filter, item, rest));
      run.leave();
    }
    return new Value.Generator(out);
  }

  private static String name(String filter, Args args, int at, String what) {
    if (args.positional().size() <= at || !(args.positional().get(at) instanceof Value.Str s)) {
      throw new Fault(filter + "() needs the name of " + what);
    }
    return s.text();
  }

  private Value selected(Value value, Args args, boolean keep, boolean byAttribute) {
    if (!run.truth(value)) {
      return new Value.Generator(List.of());
    }
    int skip = 0;
    List<Value> path = List.of();
    if (byAttribute) {
      if (args.positional().isEmpty()) {
        throw new Fault("Missing parameter for attribute name");
      }
      path = path(args.positional().getFirst());
      skip = 1;
    }
    List<Value> out = new ArrayList<>();
    boolean truth = args.positional().size() <= skip;
    String test = truth ? "" : name("select", args, skip, "a test");
    Args rest =
        truth
            ? Args.NONE
            : new Args(args.positional().subList(skip + 1, args.positional().size()), args.named());
    for (Value item : iteration.items(value)) {
      run.step();
      Value tested = walk(item, path);
      boolean holds = truth ? run.truth(tested) : tests.test(test, tested, rest);
      if (holds == keep) {
        out.add(item);
      }
    }
    return new Value.Generator(out);
  }

  private Value extreme(String name, Value value, Args args) {
    Args.Bound bound = args.bind(name, 0, "case_sensitive", "attribute");
    UnaryOperator<Value> key = key(bound.given(1), !bound.flag(0, false), false);
    List<Value> items = iteration.items(value);
    if (items.isEmpty()) {
      return new Value.Undefined("No aggregated item, sequence was empty.");
    }
    Value best = items.getFirst();
    Value bestKey = key.apply(best);
    for (Value item : items.subList(1, items.size())) {
      Value itemKey = key.apply(item);
      if (order.test(name.equals("max") ? ">" : "<", itemKey, bestKey)) {
        best = item;
        bestKey = itemKey;
      }
    }
    return best;
  }

  private Value unique(Value value, Args args) {
    Args.Bound bound = args.bind("unique", 0, "case_sensitive", "attribute");
    UnaryOperator<Value> key = key(bound.given(1), !bound.flag(0, false), false);
    Set<Object> seen = new HashSet<>();
    List<Value> out = new ArrayList<>();
    for (Value item : iteration.items(value)) {
      run.step();
      if (seen.add(Keys.key(key.apply(item)))) {
        out.add(item);
      }
    }
    return new Value.Generator(out);
  }
}
