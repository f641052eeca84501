package dev.gamelan.train.metrics;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What was measured in one step.
 *
 * @param step the step, from 0
 * @param values names and values (Double, Float, Long, Integer, Boolean or String) in the order
 *     they are written; the name {@code step} is taken
 */
public record StepMetrics(long step, Map<String, Object> values) {
  public StepMetrics {
    if (step < 0) {
      throw new IllegalArgumentException(
          "metrics: step is %d; it can't be negative".formatted(step));
    }
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    for (Map.Entry<String, Object> entry : values.entrySet()) {
      if (entry.getKey().isEmpty() || entry.getKey().equals("step")) {
        throw new IllegalArgumentException(
            "metrics: step %d has a value named '%s'; choose another name"
                .formatted(step, entry.getKey()));
      }
      switch (entry.getValue()) {
        case Double _, Float _, Long _, Integer _, Boolean _, String _ -> {}
        case null, default ->
            throw new IllegalArgumentException(
                "metrics: step %d, '%s' is %s; a number, a boolean or a string is needed"
                    .formatted(step, entry.getKey(), entry.getValue()));
      }
    }
  }

  /** The number named {@code name}, if the step has one; NaN and infinities are numbers too. */
  public OptionalDouble number(String name) {
    return switch (values.get(name)) {
      case Number number -> OptionalDouble.of(number.doubleValue());
      case String text when text.equals("NaN") -> OptionalDouble.of(Double.NaN);
      case String text when text.equals("Infinity") -> OptionalDouble.of(Double.POSITIVE_INFINITY);
      case String text when text.equals("-Infinity") -> OptionalDouble.of(Double.NEGATIVE_INFINITY);
      case null, default -> OptionalDouble.empty();
    };
  }
}
