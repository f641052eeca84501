package dev.gamelan.eval.task;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A task as its YAML says it, with the harness's defaults; components are the format's keys.
 *
 * @param metricList empty where the task names none: the output type's own metrics then
 * @param filterList empty where the task names none: the first answer is taken as it is
 * @param generationKwargs of {@code generate_until}, {@code until} always present
 * @param config the whole mapping as JSON, for {@code eval show} and the results
 */
public record TaskConfig(
    String task,
    Optional<String> taskAlias,
    List<String> tag,
    String datasetPath,
    Optional<String> datasetName,
    ObjectNode datasetKwargs,
    Optional<String> trainingSplit,
    Optional<String> validationSplit,
    Optional<String> testSplit,
    Optional<FunctionName> processDocs,
    Field docToText,
    Field docToTarget,
    Optional<Field> docToChoice,
    Optional<FunctionName> processResults,
    String description,
    String targetDelimiter,
    String fewshotDelimiter,
    Fewshot fewshot,
    OptionalInt numFewshot,
    List<Metric> metricList,
    OutputType outputType,
    ObjectNode generationKwargs,
    int repeats,
    List<FilterPipeline> filterList,
    Optional<Field> genPrefix,
    boolean unsafeCode,
    ObjectNode metadata,
    ObjectNode config) {

  /** What a task asks a model for. */
  public enum OutputType {
    LOGLIKELIHOOD,
    LOGLIKELIHOOD_ROLLING,
    MULTIPLE_CHOICE,
    GENERATE_UNTIL;

    /** As the YAML has it. */
    public String key() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** How examples are chosen and written; what isn't said is as in the task. */
  public record Fewshot(
      String sampler,
      Optional<String> split,
      Optional<FunctionName> processDocs,
      List<JsonNode> samples,
      Optional<FunctionName> samplesFunction,
      Field docToText,
      Optional<Field> docToChoice,
      Field docToTarget,
      Optional<Field> genPrefix,
      String fewshotDelimiter,
      String targetDelimiter) {}

  /**
   * A metric.
   *
   * @param name its name; of a function, the function's
   * @param function the function that computes it, where it is one
   * @param aggregation {@code mean} and the like; empty = the metric's own
   * @param options everything else, such as {@code ignore_case}
   */
  public record Metric(
      String name,
      Optional<FunctionName> function,
      Optional<String> aggregation,
      Optional<FunctionName> aggregationFunction,
      Optional<Boolean> higherIsBetter,
      ObjectNode options) {}

  /** Filters that an answer goes through, under a name. */
  public record FilterPipeline(String name, List<FilterStep> steps) {}

  /**
   * A filter.
   *
   * @param custom the function of a {@code custom} filter
   */
  public record FilterStep(String function, Optional<FunctionName> custom, ObjectNode options) {}

  private static final Set<String> UNSUPPORTED =
      Set.of("doc_to_image", "doc_to_audio", "use_prompt", "custom_dataset", "class");

  /**
   * Reads a mapping.
   *
   * @throws TaskException a key has the wrong type, is missing, or isn't supported
   */
  static TaskConfig of(String name, Map<String, Object> values) {
    Settings s = new Settings("task " + name, values);
    for (String key : UNSUPPORTED) {
      if (s.has(key)) {
        throw new TaskException(
            "task %s: %s isn't supported (images, audio, promptsource and datasets or tasks that are"
                    .formatted(name, key)
                + " Python code)");
      }
    }
    OutputType type = outputType(s, name);
    String targetDelimiter = s.text("target_delimiter").orElse(" ");
    String fewshotDelimiter = s.text("fewshot_delimiter").orElse("\n\n");
    Field docToText =
        s.field("doc_to_text")
            .orElseThrow(() -> new TaskException("task " + name + ": doc_to_text is missing"));
    Field docToTarget =
        s.field("doc_to_target")
            .orElseThrow(() -> new TaskException("task " + name + ": doc_to_target is missing"));
    Optional<Field> docToChoice = s.field("doc_to_choice");
    if (type == OutputType.MULTIPLE_CHOICE && docToChoice.isEmpty()) {
      throw new TaskException("task " + name + ": doc_to_choice is missing");
    }
    return new TaskConfig(
        name,
        s.text("task_alias"),
        s.texts("tag"),
        s.text("dataset_path")
            .orElseThrow(() -> new TaskException("task " + name + ": dataset_path is missing")),
        s.text("dataset_name"),
        object(s, "dataset_kwargs"),
        s.text("training_split"),
        s.text("validation_split"),
        s.text("test_split"),
        s.function("process_docs"),
        docToText,
        docToTarget,
        docToChoice,
        s.function("process_results"),
        s.text("description").orElse(""),
        targetDelimiter,
        fewshotDelimiter,
        fewshot(s, docToText, docToChoice, docToTarget, fewshotDelimiter, targetDelimiter),
        s.integer("num_fewshot"),
        metrics(s),
        type,
        generation(s, fewshotDelimiter),
        s.integer("repeats").orElse(1),
        filters(s),
        s.field("gen_prefix"),
        s.flag("unsafe_code", false),
        object(s, "metadata"),
        (ObjectNode) Settings.json(values));
  }

  /** The same task on another split and with other metrics. */
  public TaskConfig evaluatedOn(String split, List<Metric> metrics) {
    return new TaskConfig(
        task,
        taskAlias,
        tag,
        datasetPath,
        datasetName,
        datasetKwargs,
        trainingSplit,
        validationSplit,
        Optional.of(split),
        processDocs,
        docToText,
        docToTarget,
        docToChoice,
        processResults,
        description,
        targetDelimiter,
        fewshotDelimiter,
        fewshot,
        numFewshot,
        metrics,
        outputType,
        generationKwargs,
        repeats,
        filterList,
        genPrefix,
        unsafeCode,
        metadata,
        config);
  }

  private static OutputType outputType(Settings s, String name) {
    String key = s.text("output_type").orElse("generate_until");
    for (OutputType type : OutputType.values()) {
      if (type.key().equals(key)) {
        return type;
      }
    }
    throw new TaskException(
        "task %s: output_type '%s' is none of loglikelihood, loglikelihood_rolling, multiple_choice, generate_until"
            .formatted(name, key));
  }

  private static ObjectNode object(Settings s, String key) {
    return s.settings(key)
        .map(m -> (ObjectNode) Settings.json(m.values()))
        .orElseGet(() -> (ObjectNode) Settings.json(Map.of()));
  }

  private static Fewshot fewshot(
      Settings s,
      Field docToText,
      Optional<Field> docToChoice,
      Field docToTarget,
      String fewshotDelimiter,
      String targetDelimiter) {
    Settings f = s.settings("fewshot_config").orElse(new Settings("fewshot_config", Map.of()));
    Object samples = f.get("samples").orElse(List.of());
    if (f.get("sampler").orElse("default") instanceof FunctionName custom) {
      throw new TaskException(custom + ": a sampler of one's own isn't supported; use first_n");
    }
    return new Fewshot(
        f.text("sampler").orElse("default"),
        f.text("split").or(() -> s.text("fewshot_split")),
        f.function("process_docs").or(() -> s.function("process_docs")),
        samples instanceof FunctionName
            ? List.of()
            : f.list("samples").stream().map(Settings::json).toList(),
        samples instanceof FunctionName name ? Optional.of(name) : Optional.empty(),
        f.field("doc_to_text").orElse(docToText),
        f.field("doc_to_choice").or(() -> docToChoice),
        f.field("doc_to_target").orElse(docToTarget),
        f.field("gen_prefix").or(() -> s.field("gen_prefix")),
        f.text("fewshot_delimiter").orElse(fewshotDelimiter),
        f.text("target_delimiter").orElse(targetDelimiter));
  }

  private static List<Metric> metrics(Settings s) {
    List<Metric> metrics = new ArrayList<>();
    for (Object each : s.list("metric_list")) {
      Settings m = Settings.of("metric_list", each);
      Object metric =
          m.get("metric").orElseThrow(() -> new TaskException("metric_list: metric is missing"));
      Object aggregation = m.get("aggregation").orElse("");
      ObjectNode options = (ObjectNode) Settings.json(m.values());
      options.remove(List.of("metric", "aggregation", "higher_is_better", "hf_evaluate"));
      metrics.add(
          new Metric(
              metric instanceof FunctionName f ? f.function() : String.valueOf(metric),
              metric instanceof FunctionName f ? Optional.of(f) : Optional.empty(),
              aggregation instanceof FunctionName || aggregation.equals("")
                  ? Optional.empty()
                  : Optional.of(String.valueOf(aggregation)),
              aggregation instanceof FunctionName f ? Optional.of(f) : Optional.empty(),
              m.has("higher_is_better")
                  ? Optional.of(m.flag("higher_is_better", true))
                  : Optional.empty(),
              options));
    }
    return metrics;
  }

  private static ObjectNode generation(Settings s, String fewshotDelimiter) {
    ObjectNode kwargs = object(s, "generation_kwargs");
    if (!s.has("generation_kwargs")) {
      kwargs.put("temperature", 0.0).put("do_sample", false).put("max_gen_toks", 256);
    }
    if (kwargs.has("temperature")) {
      kwargs.put("temperature", kwargs.get("temperature").asDouble());
    }
    if (!kwargs.has("until")) {
      kwargs.putArray("until").add(fewshotDelimiter);
    }
    return kwargs;
  }

  private static List<FilterPipeline> filters(Settings s) {
    List<FilterPipeline> pipelines = new ArrayList<>();
    for (Object each : s.list("filter_list")) {
      Settings pipeline = Settings.of("filter_list", each);
      List<FilterStep> steps = new ArrayList<>();
      for (Object step : pipeline.list("filter")) {
        Settings f = Settings.of("filter", step);
        ObjectNode options = (ObjectNode) Settings.json(f.values());
        options.remove("function");
        steps.add(
            new FilterStep(
                f.text("function")
                    .orElseThrow(() -> new TaskException("filter: function is missing")),
                f.get("filter_fn")
                    .filter(FunctionName.class::isInstance)
                    .map(v -> (FunctionName) v),
                options));
      }
      pipelines.add(
          new FilterPipeline(
              pipeline
                  .text("name")
                  .orElseThrow(() -> new TaskException("filter_list: name is missing")),
              steps));
    }
    return pipelines;
  }
}
