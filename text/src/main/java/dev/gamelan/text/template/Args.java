package dev.gamelan.text.template;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Evaluated arguments of a call. */
record Args(List<Value> positional, Map<String, Value> named) {
  static final Args NONE = new Args(List.of(), Map.of());

  /** Assigns them to parameters, the first {@code required} of which must be given. */
  Bound bind(String function, int required, String... names) {
    Value[] values = new Value[names.length];
    if (positional.size() > names.length) {
      throw new Fault(
          "%s() takes at most %d arguments, not %d"
              .formatted(function, names.length, positional.size()));
    }
    for (int i = 0; i < positional.size(); i++) {
      values[i] = positional.get(i);
    }
    named.forEach(
        (name, value) -> {
          int at = Arrays.asList(names).indexOf(name);
          if (at < 0) {
            throw new Fault(function + "() got an unexpected keyword argument '" + name + "'");
          }
          if (values[at] != null) {
            throw new Fault(function + "() got several values for argument '" + name + "'");
          }
          values[at] = value;
        });
    for (int i = 0; i < required; i++) {
      if (values[i] == null) {
        throw new Fault(function + "() misses the argument '" + names[i] + "'");
      }
    }
    return new Bound(function, names, values);
  }

  /** Arguments by parameter. */
  static final class Bound {
    private final String function;
    private final String[] names;
    private final Value[] values;

    private Bound(String function, String[] names, Value[] values) {
      this.function = function;
      this.names = names;
      this.values = values;
    }

    boolean has(int i) {
      return values[i] != null;
    }

    Value at(int i) {
      return values[i];
    }

    Value or(int i, Value ifAbsent) {
      return values[i] == null ? ifAbsent : values[i];
    }

    /** The argument, unless it is absent or None. */
    Optional<Value> given(int i) {
      return values[i] == null || values[i] == Value.None.NONE
          ? Optional.empty()
          : Optional.of(values[i]);
    }

    boolean flag(int i, boolean ifAbsent) {
      return values[i] == null ? ifAbsent : Value.truth(values[i]);
    }

    String text(int i) {
      if (values[i] instanceof Value.Str s) {
        return s.text();
      }
      throw wrong(i, "a string");
    }

    String text(int i, String ifAbsent) {
      return given(i).isEmpty() ? ifAbsent : text(i);
    }

    int integer(int i, int ifAbsent) {
      return given(i).isEmpty() ? ifAbsent : integer(i);
    }

    /** An integer; those beyond 32 bits become the nearest that fits. */
    int integer(int i) {
      return Numbers.integer(values[i]).map(Bound::clamp).orElseThrow(() -> wrong(i, "an integer"));
    }

    private static int clamp(BigInteger value) {
      if (value.bitLength() < 32) {
        return value.intValue();
      }
      return value.signum() < 0 ? Integer.MIN_VALUE : Integer.MAX_VALUE;
    }

    private Fault wrong(int i, String expected) {
      return new Fault(
          "%s(): argument '%s' must be %s, not '%s'"
              .formatted(function, names[i], expected, Value.type(values[i])));
    }
  }
}
