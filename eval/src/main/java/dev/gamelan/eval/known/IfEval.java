package dev.gamelan.eval.known;

import dev.gamelan.eval.task.Hooks;
import java.util.Map;

final class IfEval {
  private IfEval() {}

  static Map<String, Hooks> hooks() {
    return Map.of();
  }
}
