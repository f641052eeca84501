package dev.gamelan.eval.result;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A run's files read back: ours or the harness's.
 *
 * @param results the whole results object
 * @param samples by task, by document's hash and filter: the sample's object
 */
public record SavedRun(Path file, JsonNode results, Map<String, Map<String, JsonNode>> samples) {

  /** The regime, which the harness's own files don't name. */
  public String regime() {
    return results.path("config").path("regime").asString("lm-eval");
  }

  /** How prompts were put before the model, in words: plain text, a chat template, messages. */
  public String prompting() {
    JsonNode chat = results.path("chat_template");
    boolean templated = chat.isString() ? !chat.stringValue().isEmpty() : chat.asBoolean(false);
    String way =
        results
            .path("config")
            .path("prompting")
            .asString(templated ? "the model's chat template" : "plain text");
    boolean turns = templated && results.path("fewshot_as_multiturn").asBoolean(false);
    String system = results.path("system_instruction").asString("");
    return way
        + (turns ? ", examples as turns" : "")
        + (system.isEmpty() ? "" : ", with a system instruction");
  }

  /** Examples before each question of a task; -1 where the file doesn't say. */
  public int shots(String task) {
    return results.path("n-shot").path(task).asInt(-1);
  }

  public String model() {
    return results.path("model_name").asString(file.getFileName().toString());
  }

  /**
   * Reads a results file, or of a folder the newest below it.
   *
   * @throws IllegalArgumentException there is none, or it is damaged
   */
  public static SavedRun open(Path path) throws IOException {
    Path file = path;
    if (Files.isDirectory(path)) {
      try (Stream<Path> walk = Files.walk(path, 3)) {
        file =
            walk.filter(p -> p.getFileName().toString().matches("results_.*\\.json"))
                .max(Comparator.comparing(p -> p.getFileName().toString()))
                .orElseThrow(
                    () ->
                        new IllegalArgumentException(
                            path
                                + ": no results_*.json below it; make one with eval --output DIR --log-samples"));
      }
    }
    JsonNode results = read(file.toString(), Files.readString(file));
    if (!results.path("results").isObject()) {
      throw new IllegalArgumentException(file + ": not a file of results");
    }
    String date =
        file.getFileName().toString().replaceFirst("^results_", "").replaceFirst("\\.json$", "");
    Map<String, Map<String, JsonNode>> samples = new TreeMap<>();
    for (String task : results.path("configs").propertyNames()) {
      Path lines = file.resolveSibling("samples_" + task.replace('/', '_') + "_" + date + ".jsonl");
      if (Files.exists(lines)) {
        samples.put(task, samples(lines));
      }
    }
    return new SavedRun(file, results, samples);
  }

  private static Map<String, JsonNode> samples(Path file) throws IOException {
    Map<String, JsonNode> samples = new LinkedHashMap<>();
    int number = 0;
    try (BufferedReader in = Files.newBufferedReader(file)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        number++;
        JsonNode sample = read(file + ":" + number, line);
        samples.put(
            sample.path("doc_id").asString("") + " " + sample.path("filter").asString(""), sample);
      }
    }
    return samples;
  }

  private static JsonNode read(String place, String text) {
    try {
      return JsonMapper.shared().readTree(text);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(place + ": not JSON: " + e.getOriginalMessage(), e);
    }
  }

  /** The figures of a task by {@code metric,filter}, errors left out. */
  public Map<String, Double> figures(String task) {
    Map<String, Double> figures = new LinkedHashMap<>();
    results
        .path("results")
        .path(task)
        .properties()
        .forEach(
            e -> {
              if (e.getKey().contains(",")
                  && !e.getKey().contains("_stderr,")
                  && e.getValue().isNumber()) {
                figures.put(e.getKey(), e.getValue().doubleValue());
              }
            });
    return figures;
  }

  /** The tasks that have figures, groups among them. */
  public List<String> tasks() {
    return new ArrayList<>(results.path("results").propertyNames());
  }
}
