package dev.gamelan.data;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Counts what a stream passes over. */
final class SkipCounter {
  private final Map<Skipped.Reason, Long> counts = new EnumMap<>(Skipped.Reason.class);
  private final List<String> examples = new ArrayList<>();

  void add(Skipped.Reason reason, String name) {
    counts.merge(reason, 1L, Long::sum);
    if (examples.size() < Skipped.EXAMPLES) {
      examples.add(name);
    }
  }

  Skipped total() {
    return new Skipped(counts, examples);
  }
}
