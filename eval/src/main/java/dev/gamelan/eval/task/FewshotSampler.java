package dev.gamelan.eval.task;

import dev.gamelan.eval.python.PythonRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** Chooses examples: at random, carrying its state from document to document, or the first ones. */
final class FewshotSampler {
  private final String task;
  private final boolean first;
  private final List<ObjectNode> pool;
  private final PythonRandom random;

  FewshotSampler(String task, String sampler, List<ObjectNode> pool, long seed) {
    this.task = task;
    this.first =
        switch (sampler) {
          case "default" -> false;
          case "first_n" -> true;
          default ->
              throw new TaskException(
                  "task %s: fewshot sampler '%s' is neither default nor first_n"
                      .formatted(task, sampler));
        };
    this.pool = List.copyOf(pool);
    this.random = new PythonRandom(seed);
  }

  /**
   * The next examples.
   *
   * @param evaluated the document in question, where it may itself be in the pool
   */
  List<ObjectNode> sample(int n, Optional<ObjectNode> evaluated) {
    if (first) {
      List<ObjectNode> others = without(pool, evaluated);
      require(n, others.size());
      return others.subList(0, n);
    }
    if (evaluated.isEmpty()) {
      require(n, pool.size());
      return random.sample(pool, n);
    }
    // One more than needed, as one of them may be the document itself.
    require(n + 1, pool.size());
    List<ObjectNode> drawn = without(random.sample(pool, n + 1), evaluated);
    if (drawn.size() < n) {
      List<ObjectNode> others = without(pool, evaluated);
      require(n, others.size());
      return random.sample(others, n);
    }
    return drawn.subList(0, n);
  }

  private static List<ObjectNode> without(List<ObjectNode> docs, Optional<ObjectNode> evaluated) {
    if (evaluated.isEmpty()) {
      return docs;
    }
    List<ObjectNode> others = new ArrayList<>(docs);
    others.removeIf(evaluated.get()::equals);
    return others;
  }

  private void require(int wanted, int available) {
    if (wanted > available) {
      throw new TaskException(
          "task %s: %d examples are wanted and %d are there; lower --num-fewshot"
              .formatted(task, wanted, available));
    }
  }
}
