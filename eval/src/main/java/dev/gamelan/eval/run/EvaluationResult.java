package dev.gamelan.eval.run;

import dev.gamelan.eval.lm.Answer;
import dev.gamelan.eval.lm.Request;
import dev.gamelan.eval.score.Scorer;
import dev.gamelan.eval.task.Task;
import dev.gamelan.eval.task.TaskTree;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import tools.jackson.databind.node.ObjectNode;

/**
 * What an evaluation gave.
 *
 * @param tasks in the order they were run
 * @param groups by name, parents before children
 */
public record EvaluationResult(
    TaskTree tree, List<TaskResult> tasks, Map<String, GroupResult> groups, Regime regime) {

  /** A figure and how sure it is; no error where the reference has none. */
  public record Figure(double value, OptionalDouble standardError) {}

  /**
   * A task's figures.
   *
   * @param figures by {@code metric,filter}
   * @param effective documents that were scored
   */
  public record TaskResult(
      Task task,
      Map<String, Figure> figures,
      Map<String, Boolean> higherIsBetter,
      List<Sample> samples,
      int effective) {}

  /**
   * A group's figures over its tasks.
   *
   * @param sizes documents by {@code metric,filter}
   */
  public record GroupResult(
      Map<String, Figure> figures, Map<String, Integer> sizes, int documents) {}

  /** A document with what was asked and answered, under one filter. */
  public record Sample(
      int id,
      ObjectNode document,
      List<Request> requests,
      List<Answer> answers,
      Scorer.Filtered filtered) {}
}
