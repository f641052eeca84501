package dev.gamelan.text.template;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Names with their values, and the scope around. */
final class Scope {
  private final Optional<Scope> around;
  private final Map<String, Value> values;

  private Scope(Optional<Scope> around, Map<String, Value> values) {
    this.around = around;
    this.values = values;
  }

  static Scope outermost(Map<String, Value> values) {
    return new Scope(Optional.empty(), values);
  }

  Scope inner() {
    return new Scope(Optional.of(this), new HashMap<>());
  }

  void set(String name, Value value) {
    values.put(name, value);
  }

  Value at(String name) {
    Scope scope = this;
    while (true) {
      Value value = scope.values.get(name);
      if (value != null) {
        return value;
      }
      if (scope.around.isEmpty()) {
        return new Value.Undefined("'" + name + "' is undefined");
      }
      scope = scope.around.get();
    }
  }
}
