package dev.gamelan.text.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Copies what the caller gives into values. */
final class ContextReader {
  private final int maxDepth;

  ContextReader(int maxDepth) {
    this.maxDepth = maxDepth;
  }

  Map<String, Value> context(Map<String, ?> context) {
    Map<String, Value> values = new LinkedHashMap<>();
    context.forEach((name, value) -> values.put(name, value(value, name, 1)));
    return values;
  }

  Map<String, Value> context(JsonNode context) {
    if (!context.isObject()) {
      throw new Fault("the context must be a JSON object, not " + context.getNodeType());
    }
    Map<String, Value> values = new LinkedHashMap<>();
    context
        .properties()
        .forEach(entry -> values.put(entry.getKey(), value(entry.getValue(), entry.getKey(), 1)));
    return values;
  }

  private Value value(Object object, String path, int depth) {
    if (depth > maxDepth) {
      throw new Fault("the context is nested deeper than " + maxDepth);
    }
    return switch (object) {
      case null -> Value.None.NONE;
      case Boolean b -> Value.of(b);
      case BigInteger i -> new Value.Int(i);
      case Byte _, Short _, Integer _, Long _ -> Value.of(((Number) object).longValue());
      case Float _, Double _, BigDecimal _ -> new Value.Real(((Number) object).doubleValue());
      case CharSequence s -> Value.of(s.toString());
      case Character c -> Value.of(c.toString());
      case Optional<?> o -> value(o.orElse(null), path, depth + 1);
      case JsonNode n -> json(n, path, depth);
      case Map<?, ?> m -> {
        Map<Object, Value.Entry> entries = new LinkedHashMap<>();
        m.forEach(
            (key, v) ->
                Keys.put(
                    entries, value(key, path, depth + 1), value(v, path + "." + key, depth + 1)));
        yield new Value.Dict(entries);
      }
      case Iterable<?> list -> {
        List<Value> items = new ArrayList<>();
        for (Object item : list) {
          items.add(value(item, path + "[" + items.size() + "]", depth + 1));
        }
        yield Value.list(items);
      }
      default ->
          throw new Fault(
              "the context's %s is a %s; a template takes strings, numbers, booleans, null, lists"
                      .formatted(path, object.getClass().getName())
                  + " and maps");
    };
  }

  private Value json(JsonNode node, String path, int depth) {
    return switch (node.getNodeType()) {
      case NULL, MISSING -> Value.None.NONE;
      case BOOLEAN -> Value.of(node.booleanValue());
      case STRING -> Value.of(node.stringValue());
      case NUMBER ->
          node.isIntegralNumber()
              ? new Value.Int(node.bigIntegerValue())
              : new Value.Real(node.doubleValue());
      case ARRAY -> {
        List<Value> items = new ArrayList<>(node.size());
        for (JsonNode item : node) {
          items.add(value(item, path + "[" + items.size() + "]", depth + 1));
        }
        yield Value.list(items);
      }
      case OBJECT -> {
        Map<Object, Value.Entry> entries = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
          String key = entry.getKey();
          entries.put(
              key,
              new Value.Entry(Value.of(key), value(entry.getValue(), path + "." + key, depth + 1)));
        }
        yield new Value.Dict(entries);
      }
      case BINARY, POJO ->
          throw new Fault("the context's " + path + " is a JSON node of binary or Java data");
    };
  }
}
