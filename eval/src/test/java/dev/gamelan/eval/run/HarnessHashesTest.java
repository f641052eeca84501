package dev.gamelan.eval.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.gamelan.eval.dataset.Datasets;
import dev.gamelan.eval.known.KnownHooks;
import dev.gamelan.eval.lm.Answer;
import dev.gamelan.eval.lm.Request;
import dev.gamelan.eval.python.PythonRandom;
import dev.gamelan.eval.python.PythonText;
import dev.gamelan.eval.score.Aggregation;
import dev.gamelan.eval.score.Scorer;
import dev.gamelan.eval.score.StandardError;
import dev.gamelan.eval.task.Measure;
import dev.gamelan.eval.task.Task;
import dev.gamelan.eval.task.TaskIndex;
import dev.gamelan.eval.task.TaskTree;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The harness's own regression tests: hashes of all requests of a task over documents shuffled by
 * Python's generator with seed 42, and the figures when answers are its next numbers.
 */
final class HarnessHashesTest {
  private static Path hashes() {
    Path folder = Goldens.SHARED.resolve("assets/eval/lm-eval-harness-hashes/tests/testdata");
    assumeThat(folder).as("the harness's hashes").isDirectory();
    return folder;
  }

  private static Datasets data() {
    return new Datasets(List.of(Goldens.SHARED.resolve("assets/eval")), Goldens.HOME);
  }

  private static Task task(TaskIndex index, String name, Datasets data) {
    return new Task(
        TaskTree.of(index, List.of(name)).tasks().getFirst(),
        data,
        new KnownHooks(),
        Task.Prompting.plain());
  }

  private static String sha256(ArrayNode requests) throws Exception {
    byte[] json = PythonText.json(requests, 0, true).getBytes(StandardCharsets.UTF_8);
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(json));
  }

  private static void check(Task task, String golden) throws Exception {
    Path folder = hashes();
    List<ObjectNode> documents = new ArrayList<>(task.documents());
    new PythonRandom(42).shuffle(documents);
    ArrayNode all = JsonMapper.shared().createArrayNode();
    List<List<Request>> requests = new ArrayList<>();
    for (ObjectNode document : documents) {
      List<Request> ofDocument = task.requests(document, false, "");
      requests.add(ofDocument);
      ofDocument.forEach(r -> all.add(r.arguments()));
    }
    assertThat(sha256(all))
        .as(golden)
        .isEqualTo(Files.readString(folder.resolve(golden + "-loglikelihood")).strip());

    PythonRandom random = new PythonRandom(42);
    Scorer scorer = new Scorer(task, new KnownHooks());
    Map<String, List<Measure>> measures = new LinkedHashMap<>();
    for (int i = 0; i < documents.size(); i++) {
      List<Answer> answers = new ArrayList<>();
      requests.get(i).forEach(r -> answers.add(new Answer.Score(-random.random(), false, 0)));
      scorer
          .score(documents.get(i), answers)
          .getFirst()
          .measures()
          .forEach((k, v) -> measures.computeIfAbsent(k, m -> new ArrayList<>()).add(v));
    }
    JsonNode results =
        JsonMapper.shared()
            .readTree(Files.readString(folder.resolve(golden + "-res.json")))
            .get("results")
            .get(golden.substring(0, golden.lastIndexOf("-v")));
    measures.forEach(
        (metric, values) -> {
          assertThat(Aggregation.Named.MEAN.of(values))
              .as("%s of %s", metric, golden)
              .isEqualTo(results.get(metric).doubleValue());
          assertThat(StandardError.of(Aggregation.Named.MEAN, values, 1).orElseThrow())
              .isEqualTo(results.get(metric + "_stderr").doubleValue());
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"piqa", "winogrande", "rte"})
  void requests_and_figures_have_the_harnesss_hashes(String name) throws Exception {
    hashes();
    check(task(TaskIndex.of(List.of()), name, data()), name + "-v0");
  }

  @Test
  void the_old_mmlu_of_a_task_file_has_the_harnesss_hashes(@TempDir Path folder) throws Exception {
    Path testdata = hashes();
    List<String> subjects;
    try (var files = Files.list(testdata)) {
      subjects =
          files
              .map(p -> p.getFileName().toString())
              .filter(n -> n.startsWith("hendrycksTest-") && n.endsWith("-v0-loglikelihood"))
              .map(n -> n.substring("hendrycksTest-".length(), n.indexOf("-v0")))
              .sorted()
              .toList();
    }
    assertThat(subjects).hasSize(57);
    write(folder, subjects);
    TaskIndex index = TaskIndex.of(List.of(folder));
    Datasets data = data();
    for (String subject : subjects) {
      check(task(index, "hendrycksTest-" + subject, data), "hendrycksTest-" + subject + "-v0");
    }
  }

  private static void write(Path folder, List<String> subjects) throws IOException {
    Files.writeString(
        folder.resolve("template_yaml"),
        """
        dataset_path: cais/mmlu
        output_type: multiple_choice
        test_split: test
        doc_to_text: "Question: {{question}}\\nChoices:\\nA. {{choices[0]}}\\nB. {{choices[1]}}\\nC. {{choices[2]}}\\nD. {{choices[3]}}\\nAnswer:"
        doc_to_choice: choices
        doc_to_target: answer
        """);
    for (String subject : subjects) {
      Files.writeString(
          folder.resolve(subject + ".yaml"),
          "include: template_yaml\ntask: hendrycksTest-%s\ndataset_name: %s\n"
              .formatted(subject, subject));
    }
  }
}
