package dev.gamelan.text.template;

import java.util.List;
import java.util.Optional;

/** Python's {@code json.dumps}, as the {@code tojson} of chat templates calls it. */
final class JsonText {
  private final Run run;
  private final boolean ascii;
  private final Optional<String> indent;
  private final String between;
  private final String colon;
  private final boolean sorted;
  private final StringBuilder out = new StringBuilder();

  /**
   * With {@code dumps}' options.
   *
   * @param ascii whether other characters than ASCII are escaped
   * @param indent what a level is indented by; empty for one line
   * @param between what stands between items; with an indent a line feed follows
   */
  JsonText(
      Run run,
      boolean ascii,
      Optional<String> indent,
      String between,
      String colon,
      boolean sorted) {
    this.run = run;
    this.ascii = ascii;
    this.indent = indent;
    this.between = between;
    this.colon = colon;
    this.sorted = sorted;
  }

  /** {@code tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False)}. */
  static Value filter(Run run, Value value, Args args) {
    Args.Bound bound = args.bind("tojson", 0, "ensure_ascii", "indent", "separators", "sort_keys");
    Optional<String> indent =
        bound
            .given(1)
            .map(
                given ->
                    given instanceof Value.Str s
                        ? s.text()
                        : " ".repeat(Math.clamp(bound.integer(1), 0, 1000)));
    String between = indent.isPresent() ? "," : ", ";
    String colon = ": ";
    if (bound.given(2).isPresent()) {
      List<Value> separators = new Iteration(run).items(bound.at(2));
      if (separators.size() != 2
          || !(separators.get(0) instanceof Value.Str first)
          || !(separators.get(1) instanceof Value.Str second)) {
        throw new Fault("tojson(): separators must be two strings");
      }
      between = first.text();
      colon = second.text();
    }
    JsonText json =
        new JsonText(run, bound.flag(0, false), indent, between, colon, bound.flag(3, false));
    json.add(value, 0);
    return run.text(json.out.toString());
  }

  private void add(Value value, int level) {
    run.step();
    run.enter();
    switch (value) {
      case Value.None _ -> out.append("null");
      case Value.Bool b -> out.append(b.value() ? "true" : "false");
      case Value.Int i -> {
        run.characters(i.value().bitLength());
        out.append(i.value());
      }
      case Value.Real r -> out.append(real(r.value()));
      case Value.Str s -> string(s.text());
      case Value.Seq s when !s.kind().view() && s.kind() != Value.Kind.RANGE ->
          list(s.items(), level);
      case Value.Dict d -> dict(d, level);
      case Value.Undefined _, Value.Seq _, Value.Generator _ -> throw not(value);
      case Value.Namespace _, Value.Callable _, Value.Loop _ -> throw not(value);
    }
    run.within(out.length());
    run.leave();
  }

  private static Fault not(Value value) {
    return new Fault("Object of type " + Value.type(value) + " is not JSON serializable");
  }

  private static String real(double value) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "Infinity" : "-Infinity";
    }
    return Display.real(value);
  }

  private void list(List<Value> items, int level) {
    if (items.isEmpty()) {
      out.append("[]");
      return;
    }
    out.append('[');
    for (int i = 0; i < items.size(); i++) {
      out.append(i == 0 ? "" : between);
      newline(level + 1);
      add(items.get(i), level + 1);
    }
    newline(level);
    out.append(']');
  }

  private void dict(Value.Dict dict, int level) {
    if (dict.entries().isEmpty()) {
      out.append("{}");
      return;
    }
    out.append('{');
    boolean first = true;
    for (Value key : keys(dict)) {
      out.append(first ? "" : between);
      first = false;
      newline(level + 1);
      string(key(key));
      out.append(colon);
      add(dict.at(key).orElseThrow(), level + 1);
    }
    newline(level);
    out.append('}');
  }

  private List<Value> keys(Value.Dict dict) {
    List<Value> keys = new Iteration(run).items(dict);
    return sorted ? new Order(run).sorted(keys, key -> key, false) : keys;
  }

  private static String key(Value key) {
    return switch (key) {
      case Value.Str s -> s.text();
      case Value.Bool b -> b.value() ? "true" : "false";
      case Value.None _ -> "null";
      case Value.Int i -> i.value().toString();
      case Value.Real r -> real(r.value());
      default ->
          throw new Fault("keys must be str, int, float, bool or None, not " + Value.type(key));
    };
  }

  private void newline(int level) {
    indent.ifPresent(
        one -> {
          run.length((long) one.length() * level + 1);
          out.append('\n').repeat(one, level);
        });
  }

  private void string(String text) {
    run.characters(text.length());
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\f' -> out.append("\\f");
        case '\b' -> out.append("\\b");
        default -> {
          if (c < ' ' || (ascii && c > '~')) {
            hex(c);
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }

  private void hex(char c) {
    out.append("\\u");
    for (int shift = 12; shift >= 0; shift -= 4) {
      out.append(Character.forDigit(c >> shift & 15, 16));
    }
  }
}
