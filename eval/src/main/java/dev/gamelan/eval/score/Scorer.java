package dev.gamelan.eval.score;

import dev.gamelan.eval.lm.Answer;
import dev.gamelan.eval.python.PythonText;
import dev.gamelan.eval.task.Hooks;
import dev.gamelan.eval.task.Measure;
import dev.gamelan.eval.task.Task;
import dev.gamelan.eval.task.TaskConfig;
import dev.gamelan.eval.task.TaskException;
import dev.gamelan.text.template.PythonPattern;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Makes measures of the answers to a task's documents. */
public final class Scorer {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final PythonPattern SPACE = PythonPattern.of("\\s+");

  private final Task task;
  private final TaskConfig config;
  private final Hooks.Library hooks;
  private final List<Metrics> metrics;
  private final List<Filters> filters;
  private final boolean preparing;
  private final Map<String, ExactMatch> matches = new LinkedHashMap<>();

  /**
   * What a filter made of a document's answers, and the measures of it.
   *
   * @param filtered one for each request
   */
  public record Filtered(String filter, List<JsonNode> filtered, Map<String, Measure> measures) {}

  public Scorer(Task task, Hooks.Library hooks) {
    this.task = task;
    this.config = task.config();
    this.hooks = hooks;
    this.metrics = Metrics.of(config, hooks);
    this.preparing =
        config.outputType() == TaskConfig.OutputType.GENERATE_UNTIL
            && (config.processResults().isPresent()
                || metrics.stream().anyMatch(m -> m.declared().function().isPresent()));
    this.filters =
        config.filterList().isEmpty()
            ? List.of(Filters.none(hooks))
            : config.filterList().stream().map(f -> new Filters(f, hooks)).toList();
    for (Metrics m : metrics) {
      if (m.name().equals("exact_match")) {
        matches.put(m.name(), new ExactMatch(m.declared().options()));
      }
    }
  }

  /** Whether unconditional scores of the choices are needed. */
  public boolean wantsUnconditional() {
    return has("acc_mutual_info");
  }

  /** The aggregation of a metric; means for what a task's own function adds. */
  public Aggregation aggregation(String metric) {
    String plain = metric.contains("@") ? "pass_at_k" : metric;
    return metrics.stream()
        .filter(m -> m.name().equals(metric) || m.name().equals(plain))
        .findFirst()
        .map(Metrics::aggregation)
        .orElse(Aggregation.Named.MEAN);
  }

  /** Whether more is better, by metric. */
  public Map<String, Boolean> higherIsBetter() {
    Map<String, Boolean> result = new LinkedHashMap<>();
    metrics.forEach(m -> result.put(m.name(), m.higherIsBetter()));
    return result;
  }

  /**
   * Scores a document.
   *
   * @param answers to its requests, in their order
   */
  public List<Filtered> score(ObjectNode document, List<Answer> answers) {
    List<Filtered> results = new ArrayList<>();
    for (Filters filter : filters) {
      List<JsonNode> filtered = filtered(filter, document, answers);
      results.add(new Filtered(filter.name(), filtered, measures(document, answers, filtered)));
    }
    return results;
  }

  /** Tells the task's functions of a document that will be scored. */
  public void prepare(ObjectNode document, List<Answer> answers) {
    if (!preparing) {
      return;
    }
    for (Filters filter : filters) {
      List<JsonNode> filtered = filtered(filter, document, answers);
      if (config.processResults().isPresent()) {
        hooks
            .require(config.processResults().get(), Hooks.Results.class)
            .prepare(document, filtered);
        continue;
      }
      for (Metrics m : metrics) {
        if (m.declared().function().isPresent()) {
          hooks
              .require(m.declared().function().get(), Hooks.Metric.class)
              .prepare(gold(document), filtered.getFirst(), m.declared().options());
        }
      }
    }
  }

  private List<JsonNode> filtered(Filters filter, ObjectNode document, List<Answer> answers) {
    List<JsonNode> filtered = new ArrayList<>();
    if (config.outputType() == TaskConfig.OutputType.GENERATE_UNTIL) {
      // Repeats are answers to one request.
      filtered.add(filter.apply(answers.stream().map(Scorer::json).toList(), document));
    } else {
      answers.forEach(a -> filtered.add(filter.apply(List.of(json(a)), document)));
    }
    return filtered;
  }

  /** An answer as results list it. */
  public static JsonNode json(Answer answer) {
    return switch (answer) {
      case Answer.Score s -> NODES.arrayNode().add(s.loglikelihood()).add(s.greedy());
      case Answer.Rolled r -> NODES.numberNode(r.loglikelihood());
      case Answer.Text t -> NODES.stringNode(t.text());
    };
  }

  private boolean has(String metric) {
    return metrics.stream().anyMatch(m -> m.name().equals(metric));
  }

  private Map<String, Measure> measures(
      ObjectNode document, List<Answer> answers, List<JsonNode> filtered) {
    if (config.processResults().isPresent()) {
      return hooks
          .require(config.processResults().get(), Hooks.Results.class)
          .apply(document, filtered);
    }
    Map<String, Measure> all = new LinkedHashMap<>();
    switch (config.outputType()) {
      case LOGLIKELIHOOD -> {
        Answer.Score s = (Answer.Score) answers.getFirst();
        all.put("perplexity", new Measure.Number(s.loglikelihood()));
        all.put("acc", new Measure.Whole(s.greedy() ? 1 : 0));
      }
      case LOGLIKELIHOOD_ROLLING -> {
        double sum = ((Answer.Rolled) answers.getFirst()).loglikelihood();
        String text = PythonText.str(task.target(document));
        Measure bytes = new Measure.Weighted(sum, bytes(text));
        all.put("word_perplexity", new Measure.Weighted(sum, words(text)));
        all.put("byte_perplexity", bytes);
        all.put("bits_per_byte", bytes);
      }
      case MULTIPLE_CHOICE -> all.putAll(new Choices(task, document, answers).measures());
      case GENERATE_UNTIL -> {
        return generated(document, filtered.getFirst());
      }
    }
    Map<String, Measure> wanted = new LinkedHashMap<>();
    for (Metrics m : metrics) {
      if (all.containsKey(m.name())) {
        wanted.put(m.name(), all.get(m.name()));
      }
    }
    return wanted;
  }

  /** Words as {@code re.split(r"\s+", text)} counts them. */
  public static int words(String text) {
    return SPACE.split(text).size();
  }

  /** Bytes of UTF-8. */
  public static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  private JsonNode gold(ObjectNode document) {
    JsonNode gold = task.target(document);
    return config.docToChoice().isPresent() && gold.isIntegralNumber()
        ? NODES.stringNode(task.choices(document).get(gold.intValue()))
        : gold;
  }

  private Map<String, Measure> generated(ObjectNode document, JsonNode result) {
    JsonNode gold = gold(document);
    List<String> references = new ArrayList<>();
    if (task.severalTargets()) {
      (gold.isArray() ? (ArrayNode) gold : NODES.arrayNode().add(gold))
          .forEach(g -> references.add(PythonText.str(g)));
    } else {
      references.add(PythonText.str(gold));
    }
    Map<String, Measure> measures = new LinkedHashMap<>();
    for (Metrics m : metrics) {
      if (m.declared().function().isPresent()) {
        measures.putAll(
            hooks
                .require(m.declared().function().get(), Hooks.Metric.class)
                .apply(gold, result, m.declared().options()));
      } else {
        measures.put(m.name(), generated(m, references, result));
      }
    }
    return measures;
  }

  private Measure generated(Metrics m, List<String> references, JsonNode result) {
    return switch (m.name()) {
      case "exact_match" -> {
        if (result.isArray()) {
          throw new TaskException(
              "task %s: exact_match needs one answer and there is a list; add take_first to the filter"
                  .formatted(config.task()));
        }
        String prediction = PythonText.str(result);
        boolean any = references.stream().anyMatch(r -> matches.get(m.name()).same(r, prediction));
        yield new Measure.Number(any ? 1 : 0);
      }
      case "bypass" -> new Measure.Whole(0);
      default ->
          throw new TaskException(
              "task %s: the metric '%s' isn't for generated answers"
                  .formatted(config.task(), m.name()));
    };
  }
}
