package dev.gamelan.tensor.tape;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which columns of which values have received a gradient already. */
final class Coverage {
  enum State {
    NONE,
    FULL
  }

  private record Range(long from, long to) {}

  private final Map<Value, List<Range>> ranges = new HashMap<>();

  void add(Value value) {
    if (of(value) == State.NONE) {
      ranges.computeIfAbsent(value.root(), v -> new ArrayList<>()).add(range(value));
    }
  }

  State of(Value value) {
    Range wanted = range(value);
    long covered = 0;
    for (Range range : ranges.getOrDefault(value.root(), List.of())) {
      covered += Math.max(0, Math.min(range.to, wanted.to) - Math.max(range.from, wanted.from));
    }
    if (covered == 0) {
      return State.NONE;
    }
    if (covered == wanted.to - wanted.from) {
      return State.FULL;
    }
    throw new IllegalStateException(
        "tape: some columns of %s have a gradient and others don't; record the ops so that a value is used either whole or in the same views"
            .formatted(value));
  }

  private static Range range(Value value) {
    return new Range(value.rootColumn(), value.rootColumn() + value.columns());
  }
}
