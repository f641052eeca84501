package dev.gamelan.eval.task;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The keys of a YAML mapping by type; every error names the task and the key. */
final class Settings {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final String owner;
  private final Map<String, Object> values;

  Settings(String owner, Map<String, Object> values) {
    this.owner = owner;
    this.values = values;
  }

  /** A mapping within a mapping. */
  static Settings of(String owner, Object value) {
    if (!(value instanceof Map<?, ?> map)) {
      throw new TaskException(owner + ": a mapping is needed, not " + value);
    }
    Map<String, Object> copy = new LinkedHashMap<>();
    map.forEach((k, v) -> copy.put(String.valueOf(k), v));
    return new Settings(owner, copy);
  }

  Map<String, Object> values() {
    return values;
  }

  boolean has(String key) {
    return values.get(key) != null;
  }

  Optional<Object> get(String key) {
    return Optional.ofNullable(values.get(key));
  }

  Optional<String> text(String key) {
    return get(key)
        .map(
            v -> {
              if (v instanceof FunctionName || v instanceof Map || v instanceof List) {
                throw wrong(key, "a text", v);
              }
              return String.valueOf(v);
            });
  }

  boolean flag(String key, boolean ifAbsent) {
    Object v = values.get(key);
    if (v == null) {
      return ifAbsent;
    }
    if (v instanceof Boolean b) {
      return b;
    }
    throw wrong(key, "true or false", v);
  }

  OptionalInt integer(String key) {
    Object v = values.get(key);
    if (v == null) {
      return OptionalInt.empty();
    }
    if (v instanceof Integer i) {
      return OptionalInt.of(i);
    }
    throw wrong(key, "a whole number", v);
  }

  /** A list, or a single value as a list of one. */
  List<Object> list(String key) {
    Object v = values.get(key);
    if (v == null) {
      return List.of();
    }
    return v instanceof List<?> list ? new ArrayList<>(list) : List.of(v);
  }

  List<String> texts(String key) {
    return list(key).stream().map(String::valueOf).toList();
  }

  Optional<Settings> settings(String key) {
    return get(key).map(v -> of(owner + ": " + key, v));
  }

  Optional<FunctionName> function(String key) {
    return get(key)
        .map(
            v -> {
              if (v instanceof FunctionName name) {
                return name;
              }
              throw wrong(key, "a !function", v);
            });
  }

  Optional<Field> field(String key) {
    return get(key)
        .map(
            v ->
                switch (v) {
                  case FunctionName name -> new Field.Function(name);
                  case String text -> new Field.Expression(text);
                  default -> new Field.Constant(json(v));
                });
  }

  TaskException wrong(String key, String expected, Object value) {
    return new TaskException("%s: %s must be %s, it is %s".formatted(owner, key, expected, value));
  }

  /** A YAML value as JSON; functions become their names. */
  static JsonNode json(Object value) {
    return switch (value) {
      case null -> NODES.nullNode();
      case String s -> NODES.stringNode(s);
      case Boolean b -> NODES.booleanNode(b);
      case Integer i -> NODES.numberNode(i);
      case Long l -> NODES.numberNode(l);
      case BigInteger b -> NODES.numberNode(b);
      case Number n -> NODES.numberNode(n.doubleValue());
      case List<?> list -> {
        ArrayNode node = NODES.arrayNode();
        list.forEach(item -> node.add(json(item)));
        yield node;
      }
      case Map<?, ?> map -> {
        ObjectNode node = NODES.objectNode();
        map.forEach((k, v) -> node.set(String.valueOf(k), json(v)));
        yield node;
      }
      default -> NODES.stringNode(String.valueOf(value));
    };
  }
}
