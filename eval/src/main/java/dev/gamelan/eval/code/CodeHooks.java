package dev.gamelan.eval.code;

import dev.gamelan.eval.dataset.Datasets;
import dev.gamelan.eval.python.PythonText;
import dev.gamelan.eval.task.FunctionName;
import dev.gamelan.eval.task.Hooks;
import dev.gamelan.eval.task.Measure;
import dev.gamelan.eval.task.TaskException;
import dev.gamelan.text.template.PythonPattern;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.MatchResult;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The functions of the task files of HumanEval and MBPP: pass@k by running programs, what makes
 * programs of answers, and MBPP's examples. Equal programs are run once.
 */
public final class CodeHooks implements Hooks.Library, AutoCloseable {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final PythonPattern BLOCK = PythonPattern.of("(?s)```(?:\\w+)?\\n?(.*?)\\n?```");

  private final Optional<Sandbox> sandbox;
  private final Datasets datasets;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, CompletableFuture<Outcome>> outcomes = new ConcurrentHashMap<>();

  /**
   * @param sandbox where programs are run; without one, scoring refuses
   * @param datasets where MBPP's examples come from
   */
  public CodeHooks(Optional<Sandbox> sandbox, Datasets datasets) {
    this.sandbox = sandbox;
    this.datasets = datasets;
  }

  @Override
  public Optional<Hooks> find(FunctionName name) {
    return Optional.ofNullable(
        switch (name.toString()) {
          case "humaneval/utils.pass_at_k" -> new PassAt(Optional.empty());
          case "mbpp/utils.pass_at_1" -> new PassAt(Optional.of("pass_at_1"));
          case "mbpp/utils.build_predictions" -> (Hooks.Filter) CodeHooks::blocks;
          case "mbpp/utils.list_fewshot_samples" -> (Hooks.Samples) this::examples;
          default -> null;
        });
  }

  private static List<JsonNode> blocks(List<JsonNode> answers, ObjectNode document) {
    return answers.stream()
        .map(a -> (JsonNode) NODES.stringNode(block(PythonText.str(a))))
        .toList();
  }

  /** The first block of code; the prompt already opened one. */
  static String block(String answer) {
    List<MatchResult> matches = BLOCK.findAll("```" + answer);
    if (matches.isEmpty()) {
      matches = BLOCK.findAll(answer.replace("```python", "```"));
    }
    return matches.isEmpty() ? "" : matches.getFirst().group(1);
  }

  /** The problems 2, 3 and 4, which Austin et al. (2021) set before every question. */
  private List<ObjectNode> examples() {
    List<ObjectNode> examples = new ArrayList<>();
    Datasets.Request request =
        new Datasets.Request(
            "google-research-datasets/mbpp", Optional.of("full"), NODES.objectNode(), "prompt");
    for (ObjectNode row : datasets.rows(request)) {
      int id = row.path("task_id").asInt(0);
      if (id >= 2 && id <= 4) {
        examples.add(row.deepCopy().put("is_fewshot", true));
      }
    }
    if (examples.size() != 3) {
      throw new TaskException(
          "mbpp: its split 'prompt' must have the problems 2, 3 and 4, which are the examples; %d of them are there"
              .formatted(examples.size()));
    }
    return examples;
  }

  /** Begins to run a program with its tests, unless it was already. */
  private CompletableFuture<Outcome> outcome(String program) {
    Sandbox where =
        sandbox.orElseThrow(
            () ->
                new SandboxException(
                    "to score this task, programs that the model wrote must be run; allow it by --allow-code-execution"));
    return outcomes.computeIfAbsent(
        program, p -> CompletableFuture.supplyAsync(() -> where.run(p), threads));
  }

  /**
   * A metric.
   *
   * @param only the name of pass@1, where the task wants that alone
   */
  private final class PassAt implements Hooks.Metric {
    private final Optional<String> only;

    PassAt(Optional<String> only) {
      this.only = only;
    }

    private List<String> programs(JsonNode reference, JsonNode prediction) {
      String tests = PythonText.str(reference);
      List<String> programs = new ArrayList<>();
      for (JsonNode each : prediction.isArray() ? prediction : List.of(prediction)) {
        programs.add(PythonText.str(each) + "\n" + tests);
      }
      return programs;
    }

    @Override
    public void prepare(JsonNode reference, JsonNode prediction, ObjectNode options) {
      programs(reference, prediction).forEach(CodeHooks.this::outcome);
    }

    @Override
    public Map<String, Measure> apply(JsonNode reference, JsonNode prediction, ObjectNode options) {
      List<String> programs = programs(reference, prediction);
      int right = 0;
      for (String program : programs) {
        right += ended(outcome(program)).passed() ? 1 : 0;
      }
      Map<String, Measure> measures = new LinkedHashMap<>();
      if (only.isPresent()) {
        measures.put(only.get(), new Measure.Number(PassAtK.of(programs.size(), right, 1)));
        return measures;
      }
      JsonNode ks = options.path("k");
      if (ks.isMissingNode() || ks.isEmpty() && ks.isArray()) {
        throw new TaskException("pass_at_k: the metric needs k, a number or several");
      }
      for (JsonNode k : ks.isArray() ? ks : List.of(ks)) {
        // As the harness: what can't be estimated of so few samples isn't there.
        if (k.asInt() <= programs.size()) {
          measures.put(
              "pass@" + k.asInt(),
              new Measure.Number(PassAtK.of(programs.size(), right, k.asInt())));
        }
      }
      if (measures.isEmpty()) {
        throw new TaskException(
            "pass_at_k: k %s of %d samples; raise repeats".formatted(ks, programs.size()));
      }
      return measures;
    }
  }

  private static Outcome ended(CompletableFuture<Outcome> future) {
    try {
      return future.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  /** Ends what still runs. */
  @Override
  public void close() {
    threads.shutdownNow();
    threads.close();
  }
}
