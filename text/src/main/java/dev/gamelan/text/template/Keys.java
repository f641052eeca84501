package dev.gamelan.text.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Dictionary keys: 1, 1.0 and True are one, as in Python. */
final class Keys {
  private Keys() {}

  /** Something whose Java equality is the key's Python equality. */
  static Object key(Value value) {
    return key(value, 0);
  }

  private static Object key(Value value, int depth) {
    if (depth > 50) {
      throw new Fault("a dictionary key nested deeper than 50");
    }
    return switch (value) {
      case Value.Str s -> s.text();
      case Value.Int i -> i.value();
      case Value.Bool b -> b.value() ? BigInteger.ONE : BigInteger.ZERO;
      case Value.Real r when Double.isFinite(r.value()) && r.value() == Math.rint(r.value()) ->
          new BigDecimal(r.value()).toBigIntegerExact();
      case Value.Seq s when s.kind() == Value.Kind.TUPLE -> {
        List<Object> parts = new ArrayList<>();
        for (Value item : s.items()) {
          parts.add(key(item, depth + 1));
        }
        yield parts;
      }
      case Value.Seq s when s.kind() == Value.Kind.LIST -> throw unhashable(value);
      case Value.Dict _ -> throw unhashable(value);
      case Value.Real _, Value.None _, Value.Undefined _, Value.Seq _ -> value;
      case Value.Generator _, Value.Namespace _, Value.Callable _, Value.Loop _ -> value;
    };
  }

  private static Fault unhashable(Value value) {
    return new Fault("unhashable type: '" + Value.type(value) + "'");
  }

  /** Puts as Python does: an equal key keeps its first form. */
  static void put(Map<Object, Value.Entry> entries, Value key, Value value) {
    Object hashed = key(key);
    Value.Entry old = entries.get(hashed);
    entries.put(hashed, new Value.Entry(old == null ? key : old.key(), value));
  }

  static Value.Dict dict(Map<String, Value> named) {
    Map<Object, Value.Entry> entries = new LinkedHashMap<>();
    named.forEach((k, v) -> entries.put(k, new Value.Entry(Value.of(k), v)));
    return new Value.Dict(entries);
  }
}
