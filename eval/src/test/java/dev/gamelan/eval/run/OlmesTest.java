package dev.gamelan.eval.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.gamelan.eval.dataset.Datasets;
import dev.gamelan.eval.known.KnownHooks;
import dev.gamelan.eval.lm.Request;
import dev.gamelan.eval.task.Task;
import dev.gamelan.eval.task.TaskException;
import dev.gamelan.eval.task.TaskIndex;
import dev.gamelan.eval.task.TaskTree;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The requests of OLMES, as OLMo's trainer keeps them, and ours of the regimes named after it. */
final class OlmesTest {
  private static List<Request> published(String task) throws IOException {
    Path file =
        Goldens.SHARED.resolve(
            "assets/eval/olmo/oe_eval_tasks/" + task + "/rc_0shot/requests.jsonl.gz");
    assumeThat(file).as("OLMES's requests").exists();
    List<Request> requests = new ArrayList<>();
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        JsonNode request = JsonMapper.shared().readTree(line).get("request");
        requests.add(
            new Request.Loglikelihood(
                request.get("context").asString(), request.get("continuation").asString()));
      }
    }
    return requests;
  }

  private static Evaluation evaluation(String task, Regime regime) {
    Path data = Goldens.SHARED.resolve("assets/eval");
    assumeThat(data).as("the tasks' data").isDirectory();
    return new Evaluation(
        TaskTree.of(TaskIndex.of(List.of()), List.of(task)),
        new Datasets(List.of(data), Goldens.HOME),
        new KnownHooks(),
        new Evaluation.Options(Task.Prompting.plain(), OptionalDouble.of(1e6), 0, regime, false));
  }

  @ParameterizedTest
  @ValueSource(strings = {"arc_easy", "arc_challenge"})
  void requests_with_and_without_their_question_are_olmess(String task) throws IOException {
    List<Request> published = published(task);
    assertThat(evaluation(task, Regime.OLMO_V1).requests())
        .containsExactlyInAnyOrderElementsOf(published);
  }

  @Test
  void requests_of_the_training_loop_are_olmess() throws IOException {
    List<Request> published = published("winogrande");
    assertThat(evaluation("winogrande", Regime.OLMO_INLOOP).requests())
        .containsExactlyInAnyOrderElementsOf(published);
  }

  @Test
  void a_regime_caps_documents_and_refuses_tasks_it_doesnt_know() {
    assertThatThrownBy(() -> evaluation("copa", Regime.OLMO_V1).requests())
        .isInstanceOf(TaskException.class)
        .hasMessageContaining("copa isn't one of the regime olmo-v1");
    assertThatThrownBy(() -> evaluation("gsm8k", Regime.OLMO_V1).requests())
        .isInstanceOf(TaskException.class)
        .hasMessageContaining("multiple-choice tasks");
    assertThat(Regime.OLMO_V1.metric("piqa")).contains("acc_per_token");
    assertThat(Regime.OLMO_INLOOP.metric("piqa")).contains("acc_norm");
    assertThat(Regime.LM_EVAL.metric("piqa")).isEmpty();
  }
}
