package dev.gamelan.eval.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.gamelan.eval.lm.Answer;
import dev.gamelan.eval.lm.LanguageModel;
import dev.gamelan.eval.lm.Request;
import dev.gamelan.eval.local.LocalModel;
import dev.gamelan.model.Model;
import dev.gamelan.tensor.spi.Backends;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/** The same requests, scores and figures as LM Evaluation Harness 0.4.13. */
final class HarnessParityTest {
  /** Answers as the reference's model answered. */
  private record Recorded(Map<Request, Answer> answers) implements LanguageModel {
    @Override
    public String name() {
      return "recorded";
    }

    @Override
    public String fingerprint() {
      return "recorded";
    }

    @Override
    public void answer(List<? extends Request> requests, Sink sink) {
      for (int i = 0; i < requests.size(); i++) {
        sink.answered(i, answers.get(requests.get(i)));
      }
    }

    @Override
    public Optional<String> chat(ArrayNode messages, boolean answerFollows) {
      return Optional.empty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "arc_challenge-0shot-100",
        "arc_easy-0shot-200",
        "gsm8k-5shot-10",
        "hellaswag-0shot-200",
        "mmlu_abstract_algebra-5shot-50",
        "sciq-0shot-200",
        "winogrande-0shot-200"
      })
  void requests_and_figures_are_the_references(String name) throws IOException {
    JsonNode expected = Goldens.expected(name);
    Evaluation evaluation = Goldens.evaluation(expected, expected.get("limit").asInt());
    List<Request> requests = evaluation.requests();
    List<JsonNode> samples = firstFilter(expected);
    Map<Request, Answer> answers = new HashMap<>();
    List<JsonNode> arguments = new ArrayList<>();
    for (JsonNode sample : samples) {
      sample.get("arguments").forEach(arguments::add);
    }
    assertThat(requests).hasSameSizeAs(arguments);
    int at = 0;
    for (JsonNode sample : samples) {
      for (int i = 0; i < sample.get("arguments").size(); i++, at++) {
        Request request = requests.get(at);
        assertThat(request.prompt()).isEqualTo(arguments.get(at).get(0).asString());
        if (request instanceof Request.Loglikelihood l) {
          assertThat(l.continuation()).isEqualTo(arguments.get(at).get(1).asString());
          JsonNode answer = sample.get("resps").get(i);
          answers.put(
              request,
              new Answer.Score(answer.get(0).doubleValue(), answer.get(1).booleanValue(), 0));
        } else {
          assertThat(request.arguments().get(1)).isEqualTo(arguments.get(at).get(1));
          answers.put(request, new Answer.Text(sample.get("resps").get(i).get(0).asString()));
        }
      }
    }

    EvaluationResult result =
        evaluation.run(
            new Recorded(answers), AnswerLog.inMemory("recorded"), Evaluation.Progress.none());

    Map<String, EvaluationResult.Figure> figures = result.tasks().getFirst().figures();
    int compared = 0;
    for (Map.Entry<String, JsonNode> e : expected.get("results").properties()) {
      if (e.getKey().contains("_stderr,")) {
        EvaluationResult.Figure figure = figures.get(e.getKey().replace("_stderr", ""));
        assertThat(figure.standardError().orElseThrow()).isEqualTo(e.getValue().doubleValue());
        compared++;
      } else if (e.getKey().contains(",")) {
        assertThat(figures.get(e.getKey()).value()).isEqualTo(e.getValue().doubleValue());
        compared++;
      }
    }
    assertThat(compared).isEqualTo(2 * figures.size());
    for (int i = 0; i < result.tasks().getFirst().samples().size(); i++) {
      EvaluationResult.Sample sample = result.tasks().getFirst().samples().get(i);
      JsonNode filtered = find(expected, sample).get("filtered_resps");
      assertThat(sample.filtered().filtered()).containsExactlyElementsOf(filtered);
    }
  }

  private static JsonNode find(JsonNode expected, EvaluationResult.Sample sample) {
    for (JsonNode each : expected.get("samples")) {
      if (each.get("doc_id").asInt() == sample.id()
          && each.get("filter").asString().equals(sample.filtered().filter())) {
        return each;
      }
    }
    throw new AssertionError("no sample " + sample.id());
  }

  private static List<JsonNode> firstFilter(JsonNode expected) {
    List<JsonNode> samples = new ArrayList<>();
    String filter = expected.get("samples").get(0).get("filter").asString();
    for (JsonNode sample : expected.get("samples")) {
      if (sample.get("filter").asString().equals(filter)) {
        samples.add(sample);
      }
    }
    return samples;
  }

  @Test
  void a_real_models_loglikelihoods_are_the_references() throws IOException {
    Path file = Goldens.SHARED.resolve("assets/models/smollm2/SmolLM2-135M-Instruct.Q4_1.gguf");
    assumeThat(file).as("a real model").exists();
    Map<String, Integer> limits =
        Map.of(
            "arc_easy-0shot-200", 4,
            "hellaswag-0shot-200", 2,
            "sciq-0shot-200", 2,
            "winogrande-0shot-200", 4,
            "mmlu_abstract_algebra-5shot-50", 2);
    try (Kernels kernels = Backends.open(Optional.empty(), 2, ComputeMode.F32)) {
      LocalModel model =
          new LocalModel(
              "smollm2",
              "test",
              Model.open(file, kernels),
              kernels,
              LocalModel.Options.standard(),
              Optional.empty(),
              LocalModel.Progress.none());
      for (Map.Entry<String, Integer> e : limits.entrySet()) {
        JsonNode expected = Goldens.expected(e.getKey());
        check(expected, Goldens.evaluation(expected, e.getValue()), model);
      }
      assertThat(model.savings().computed()).isLessThan(model.savings().given() / 2);
    }
  }

  private static void check(JsonNode expected, Evaluation evaluation, LocalModel model) {
    EvaluationResult result =
        evaluation.run(model, AnswerLog.inMemory("test"), Evaluation.Progress.none());
    for (EvaluationResult.Sample sample : result.tasks().getFirst().samples()) {
      JsonNode golden = find(expected, sample).get("resps");
      for (int i = 0; i < golden.size(); i++) {
        Answer.Score score = (Answer.Score) sample.answers().get(i);
        double reference = golden.get(i).get(0).doubleValue();
        assertThat(score.loglikelihood())
            .as("%s, document %d, choice %d", expected.get("task"), sample.id(), i)
            .isCloseTo(reference, within(1e-3 * Math.max(1, Math.abs(reference))));
        assertThat(score.greedy()).isEqualTo(golden.get(i).get(1).booleanValue());
      }
    }
  }
}
