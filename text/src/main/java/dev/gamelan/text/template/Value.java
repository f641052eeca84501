package dev.gamelan.text.template;

import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Everything a template can see. There is no way from here to a Java object. */
sealed interface Value {
  /** A name, attribute or item that isn't there; the message is for whoever works with it. */
  record Undefined(String message) implements Value {}

  /** Python's None. */
  enum None implements Value {
    NONE
  }

  record Bool(boolean value) implements Value {}

  record Int(BigInteger value) implements Value {}

  record Real(double value) implements Value {}

  /** A string; {@code markup} says that it went through {@code safe} or {@code escape}. */
  record Str(String text, boolean markup) implements Value {}

  /** What kind of sequence Python would have, with its type's name. */
  enum Kind {
    LIST("list"),
    TUPLE("tuple"),
    RANGE("range"),
    KEYS("dict_keys"),
    VALUES("dict_values"),
    ITEMS("dict_items");

    private final String python;

    Kind(String python) {
      this.python = python;
    }

    String python() {
      return python;
    }

    boolean view() {
      return this == KEYS || this == VALUES || this == ITEMS;
    }
  }

  /** An immutable sequence; {@code shown} is a range's repr and otherwise empty. */
  record Seq(Kind kind, List<Value> items, String shown) implements Value {}

  /** An immutable mapping in the order of insertion. */
  record Dict(Map<Object, Entry> entries) implements Value {
    Optional<Value> at(Value key) {
      return Optional.ofNullable(entries.get(Keys.key(key))).map(Entry::value);
    }

    Optional<Value> at(String key) {
      return Optional.ofNullable(entries.get(key)).map(Entry::value);
    }
  }

  record Entry(Value key, Value value) {}

  /** Python's generator: it can be gone through once, and has no length. */
  final class Generator implements Value {
    private List<Value> rest;

    Generator(List<Value> items) {
      rest = items;
    }

    List<Value> drain() {
      List<Value> items = rest;
      rest = List.of();
      return items;
    }

    /** The next item, if any is left. */
    Optional<Value> next() {
      if (rest.isEmpty()) {
        return Optional.empty();
      }
      Value first = rest.getFirst();
      rest = rest.subList(1, rest.size());
      return Optional.of(first);
    }
  }

  /** {@code namespace(…)}: the only thing that can be changed. */
  final class Namespace implements Value {
    private final Map<String, Value> attributes = new LinkedHashMap<>();

    Map<String, Value> attributes() {
      return attributes;
    }
  }

  /** A function, method or macro. */
  record Callable(String name, Body body) implements Value {}

  @FunctionalInterface
  interface Body {
    Value call(Args args);
  }

  /** The {@code loop} of a for. */
  record Loop(LoopState state) implements Value {}

  Bool TRUE = new Bool(true);
  Bool FALSE = new Bool(false);
  Str EMPTY = new Str("", false);

  static Bool of(boolean value) {
    return value ? TRUE : FALSE;
  }

  static Int of(long value) {
    return new Int(BigInteger.valueOf(value));
  }

  static Str of(String text) {
    return new Str(text, false);
  }

  static Seq list(List<Value> items) {
    return new Seq(Kind.LIST, items, "");
  }

  static Seq tuple(List<Value> items) {
    return new Seq(Kind.TUPLE, items, "");
  }

  /** The name of the Python type. */
  static String type(Value value) {
    return switch (value) {
      case Undefined _ -> "Undefined";
      case None _ -> "NoneType";
      case Bool _ -> "bool";
      case Int _ -> "int";
      case Real _ -> "float";
      case Str s -> s.markup() ? "Markup" : "str";
      case Seq s -> s.kind().python();
      case Dict _ -> "dict";
      case Generator _ -> "generator";
      case Namespace _ -> "Namespace";
      case Callable _ -> "function";
      case Loop _ -> "LoopContext";
    };
  }

  /** Python's truth of a value. */
  static boolean truth(Value value) {
    return switch (value) {
      case Undefined _, None _ -> false;
      case Bool b -> b.value();
      case Int i -> i.value().signum() != 0;
      case Real r -> r.value() != 0;
      case Str s -> !s.text().isEmpty();
      case Seq s -> !s.items().isEmpty();
      case Dict d -> !d.entries().isEmpty();
      case Generator _, Namespace _, Callable _, Loop _ -> true;
    };
  }
}
