package dev.gamelan.eval.score;

import dev.gamelan.eval.task.Hooks;
import dev.gamelan.eval.task.TaskConfig;
import dev.gamelan.eval.task.TaskConfig.Metric;
import dev.gamelan.eval.task.TaskConfig.OutputType;
import dev.gamelan.eval.task.TaskException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * The metrics of a task: which they are, how they are aggregated, whether more is better.
 *
 * @param name as results have it
 */
record Metrics(String name, Metric declared, Aggregation aggregation, boolean higherIsBetter) {
  private record Known(String aggregation, boolean higherIsBetter) {}

  private static final Map<String, Known> KNOWN =
      Map.ofEntries(
          Map.entry("acc", new Known("mean", true)),
          Map.entry("acc_norm", new Known("mean", true)),
          Map.entry("acc_bytes", new Known("mean", true)),
          Map.entry("acc_mutual_info", new Known("mean", true)),
          Map.entry("acc_per_token", new Known("mean", true)),
          Map.entry("exact_match", new Known("mean", true)),
          Map.entry("perplexity", new Known("perplexity", false)),
          Map.entry("word_perplexity", new Known("weighted_perplexity", false)),
          Map.entry("byte_perplexity", new Known("weighted_perplexity", false)),
          Map.entry("bits_per_byte", new Known("bits_per_byte", false)),
          Map.entry("f1", new Known("f1", true)),
          Map.entry("mcc", new Known("matthews_corrcoef", true)),
          Map.entry("brier_score", new Known("brier_score", false)),
          Map.entry("bypass", new Known("bypass", true)));

  /** The metrics of a task that names none. */
  private static List<String> defaults(OutputType type) {
    return switch (type) {
      case LOGLIKELIHOOD -> List.of("perplexity", "acc");
      case LOGLIKELIHOOD_ROLLING -> List.of("word_perplexity", "byte_perplexity", "bits_per_byte");
      case MULTIPLE_CHOICE -> List.of("acc", "acc_norm");
      case GENERATE_UNTIL -> List.of("exact_match");
    };
  }

  static List<Metrics> of(TaskConfig config, Hooks.Library hooks) {
    List<Metric> declared = new ArrayList<>(config.metricList());
    if (declared.isEmpty()) {
      for (String name : defaults(config.outputType())) {
        declared.add(
            new Metric(
                name,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                JsonNodeFactory.instance.objectNode()));
      }
    }
    return declared.stream().map(m -> of(config, m, hooks)).toList();
  }

  private static Metrics of(TaskConfig config, Metric m, Hooks.Library hooks) {
    Known known = KNOWN.get(m.name());
    boolean own = m.function().isPresent() || config.processResults().isPresent();
    if (known == null && !own) {
      throw new TaskException(
          "task %s: there is no metric '%s'; known are %s, and functions of known tasks"
              .formatted(config.task(), m.name(), KNOWN.keySet().stream().sorted().toList()));
    }
    Aggregation aggregation =
        m.aggregationFunction().isPresent()
            ? new Aggregation.Custom(
                hooks.require(m.aggregationFunction().get(), Hooks.Aggregation.class))
            : Aggregation.named(
                m.aggregation().orElse(known == null ? "mean" : known.aggregation()));
    return new Metrics(
        m.name(),
        m,
        aggregation,
        m.higherIsBetter().orElse(known == null || known.higherIsBetter()));
  }
}
