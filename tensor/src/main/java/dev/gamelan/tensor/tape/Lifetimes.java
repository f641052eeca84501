package dev.gamelan.tensor.tape;

import java.util.LinkedHashMap;
import java.util.Map;

/** From when to when each piece of memory is needed, both ends included. */
final class Lifetimes {
  private final Map<Value, int[]> spans = new LinkedHashMap<>();

  interface Visitor {
    void visit(Value value, int from, int to);
  }

  void touch(Value root, int time) {
    int[] span = spans.computeIfAbsent(root, v -> new int[] {time, time});
    span[0] = Math.min(span[0], time);
    span[1] = Math.max(span[1], time);
  }

  void each(Visitor visitor) {
    spans.forEach((value, span) -> visitor.visit(value, span[0], span[1]));
  }
}
