package dev.gamelan.eval.run;

import static org.assertj.core.api.Assumptions.assumeThat;

import dev.gamelan.eval.dataset.Datasets;
import dev.gamelan.eval.known.KnownHooks;
import dev.gamelan.eval.task.Task;
import dev.gamelan.eval.task.TaskIndex;
import dev.gamelan.eval.task.TaskTree;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.zip.GZIPInputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What LM Evaluation Harness 0.4.13 gave on a real model, and the tasks it was asked. */
final class Goldens {
  static final Path SHARED =
      Path.of(System.getProperty("gamelan.shared", "../../shared")).normalize();
  static final Path HOME = Path.of(System.getProperty("gamelan.home", ".."));

  private Goldens() {}

  static Path folder() {
    Path folder = SHARED.resolve("assets/eval/lm-eval-golden");
    assumeThat(folder).as("the harness's results").isDirectory();
    return folder;
  }

  static JsonNode expected(String name) throws IOException {
    try (InputStream in =
        new GZIPInputStream(
            Files.newInputStream(folder().resolve("expected/" + name + ".json.gz")))) {
      return JsonMapper.shared().readTree(in);
    }
  }

  static Evaluation evaluation(JsonNode expected, int limit) {
    TaskIndex index = TaskIndex.of(List.of(folder().resolve("tasks")));
    TaskTree tree = TaskTree.of(index, List.of(expected.get("task").asString()));
    Task.Prompting prompting =
        new Task.Prompting(
            Optional.of(expected.get("num_fewshot").asInt()), 1234, "", Optional.empty(), true);
    return new Evaluation(
        tree,
        new Datasets(List.of(), HOME),
        new KnownHooks(),
        new Evaluation.Options(
            prompting, OptionalDouble.of(limit), 100_000, Regime.LM_EVAL, false));
  }
}
