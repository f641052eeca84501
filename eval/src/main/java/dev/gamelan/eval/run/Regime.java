package dev.gamelan.eval.run;

import dev.gamelan.eval.task.Task;
import dev.gamelan.eval.task.TaskConfig;
import dev.gamelan.eval.task.TaskException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * A way of scoring the same questions. Figures of different regimes aren't comparable, and are
 * never shown in one table without saying so.
 */
public enum Regime {
  /** As LM Evaluation Harness: each task's own split, prompt and metrics. */
  LM_EVAL("lm-eval"),

  /**
   * As Table 6 of the OLMo paper (Groeneveld et al., 2024): validation splits, at most 1000
   * questions but for OpenBookQA, context and continuation tokenized separately, at most 2048
   * tokens, and a normalisation a task.
   */
  OLMO_V1("olmo-v1"),

  /** As OLMo's trainer evaluates while it trains: all of the validation split, per character. */
  OLMO_INLOOP("olmo-inloop");

  private static final Map<String, String> TABLE_SIX =
      Map.of(
          "arc_challenge", "acc_mutual_info",
          "arc_easy", "acc_mutual_info",
          "openbookqa", "acc_mutual_info",
          "hellaswag", "acc_per_token",
          "piqa", "acc_per_token",
          "winogrande", "acc_per_token",
          "boolq", "acc",
          "sciq", "acc");
  private static final List<String> NORMALISED_IN_LOOP =
      List.of("piqa", "hellaswag", "openbookqa", "arc_challenge");

  private final String key;

  Regime(String key) {
    this.key = key;
  }

  /** As the command line has it. */
  public String key() {
    return key;
  }

  /**
   * By name.
   *
   * @throws IllegalArgumentException there is none
   */
  public static Regime of(String key) {
    return Arrays.stream(values())
        .filter(r -> r.key.equals(key))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no regime '%s'; known are %s"
                        .formatted(key, Arrays.stream(values()).map(Regime::key).toList())));
  }

  /** Whether contexts and continuations are tokenized by themselves. */
  public boolean separateTokens() {
    return this != LM_EVAL;
  }

  /** Tokens of context and continuation together, where the regime says. */
  public OptionalInt maxLength() {
    return this == LM_EVAL ? OptionalInt.empty() : OptionalInt.of(2048);
  }

  /** What stands before a choice that is scored without its question. */
  String unconditionalContext() {
    return this == LM_EVAL ? "" : "Answer:";
  }

  /** The metric of a task that the regime reports; empty = all of the task's own. */
  public Optional<String> metric(String task) {
    return switch (this) {
      case LM_EVAL -> Optional.empty();
      case OLMO_V1 -> Optional.ofNullable(TABLE_SIX.get(task));
      case OLMO_INLOOP -> Optional.of(NORMALISED_IN_LOOP.contains(task) ? "acc_norm" : "acc");
    };
  }

  /**
   * A task as the regime has it.
   *
   * @throws TaskException the regime doesn't say how to score it
   */
  TaskConfig adapt(TaskConfig c) {
    if (this == LM_EVAL) {
      return c;
    }
    if (c.outputType() != TaskConfig.OutputType.MULTIPLE_CHOICE || c.validationSplit().isEmpty()) {
      throw new TaskException(
          "task %s: the regime %s has multiple-choice tasks with a validation split only"
              .formatted(c.task(), key));
    }
    String metric =
        metric(c.task())
            .orElseThrow(
                () ->
                    new TaskException(
                        "task %s isn't one of the regime %s, which has %s"
                            .formatted(
                                c.task(), key, TABLE_SIX.keySet().stream().sorted().toList())));
    TaskConfig.Metric only =
        new TaskConfig.Metric(
            metric,
            Optional.empty(),
            Optional.of("mean"),
            Optional.empty(),
            Optional.of(true),
            JsonNodeFactory.instance.objectNode());
    return c.evaluatedOn(c.validationSplit().get(), List.of(only));
  }

  /** How many documents of a task are evaluated. */
  int limit(Task task, OptionalDouble asked) {
    int all = task.documents().size();
    if (asked.isPresent()) {
      double limit = asked.getAsDouble();
      return (int) Math.min(all, limit < 1 ? Math.ceil(all * limit) : limit);
    }
    boolean capped = this == OLMO_V1 && !task.config().task().equals("openbookqa");
    return capped ? Math.min(all, 1000) : all;
  }

  @Override
  public String toString() {
    return key.toLowerCase(Locale.ROOT);
  }
}
