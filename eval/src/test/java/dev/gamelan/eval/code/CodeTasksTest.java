package dev.gamelan.eval.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.gamelan.eval.dataset.Datasets;
import dev.gamelan.eval.known.KnownHooks;
import dev.gamelan.eval.lm.Answer;
import dev.gamelan.eval.lm.LanguageModel;
import dev.gamelan.eval.lm.Request;
import dev.gamelan.eval.run.AnswerLog;
import dev.gamelan.eval.run.Evaluation;
import dev.gamelan.eval.run.EvaluationResult;
import dev.gamelan.eval.run.Regime;
import dev.gamelan.eval.task.Hooks;
import dev.gamelan.eval.task.Task;
import dev.gamelan.eval.task.TaskIndex;
import dev.gamelan.eval.task.TaskTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** HumanEval and MBPP with answers that we know. */
final class CodeTasksTest {
  private record Known(Function<Request.Generate, String> answers) implements LanguageModel {
    @Override
    public String name() {
      return "known";
    }

    @Override
    public String fingerprint() {
      return "known";
    }

    @Override
    public void answer(List<? extends Request> requests, Sink sink) {
      for (int i = 0; i < requests.size(); i++) {
        sink.answered(i, new Answer.Text(answers.apply((Request.Generate) requests.get(i))));
      }
    }

    @Override
    public Optional<String> chat(ArrayNode messages, boolean answerFollows) {
      return Optional.empty();
    }
  }

  private static final Path DATA =
      Path.of(System.getProperty("gamelan.shared", "/work/shared"), "assets", "eval");

  /** All of them take minutes; {@code -Dgamelan.code.all=true} runs them. */
  private static final boolean ALL = Boolean.getBoolean("gamelan.code.all");

  private final Datasets datasets = new Datasets(List.of(DATA), Path.of(""));

  @BeforeEach
  void there() {
    assumeThat(Files.isDirectory(DATA)).as(DATA + " is absent").isTrue();
  }

  private EvaluationResult run(String task, int limit, Function<Request.Generate, String> answers)
      throws IOException {
    try (Sandbox sandbox = sandbox();
        CodeHooks hooks = new CodeHooks(Optional.of(sandbox), datasets)) {
      return evaluation(task, limit, hooks)
          .run(new Known(answers), AnswerLog.inMemory("known"), Evaluation.Progress.none());
    }
  }

  /** Only where there is none the tests are skipped; one that fails later is a failure. */
  private static Sandbox sandbox() throws IOException {
    try {
      return Sandbox.open(Limits.standard(), 4, System.getenv());
    } catch (SandboxException e) {
      assumeThat(false).as(e.getMessage()).isTrue();
      throw e;
    }
  }

  private Evaluation evaluation(String task, int limit, CodeHooks hooks) {
    return new Evaluation(
        TaskTree.of(TaskIndex.of(List.of()), List.of(task)),
        datasets,
        Hooks.Library.of(List.of(hooks, new KnownHooks())),
        new Evaluation.Options(
            new Task.Prompting(Optional.empty(), 1234, "", Optional.empty(), true),
            ALL ? OptionalDouble.empty() : OptionalDouble.of(limit),
            0,
            Regime.LM_EVAL,
            false));
  }

  private Map<String, String> solutions() {
    Map<String, String> solutions = new HashMap<>();
    ObjectNode none = JsonNodeFactory.instance.objectNode();
    for (ObjectNode row :
        datasets.rows(
            new Datasets.Request("openai/openai_humaneval", Optional.empty(), none, "test"))) {
      solutions.put(row.get("prompt").stringValue(), row.get("canonical_solution").stringValue());
    }
    for (ObjectNode row :
        datasets.rows(
            new Datasets.Request(
                "google-research-datasets/mbpp", Optional.of("full"), none, "test"))) {
      solutions.put(row.get("text").stringValue(), row.get("code").stringValue());
    }
    return solutions;
  }

  private static double figure(EvaluationResult result, String key) {
    return result.tasks().getFirst().figures().get(key).value();
  }

  @Test
  void the_benchmark_s_own_solutions_all_pass() throws IOException {
    Map<String, String> solutions = solutions();
    EvaluationResult human = run("humaneval", 12, g -> solutions.get(g.context()));
    assertThat(figure(human, "pass@1,create_test")).isEqualTo(1);
    EvaluationResult mbpp =
        run(
            "mbpp",
            12,
            g -> {
              String question = g.context().substring(g.context().lastIndexOf("task: ") + 6);
              return solutions.get(question.substring(0, question.indexOf(" Your code should")));
            });
    assertThat(figure(mbpp, "pass_at_1,none")).isEqualTo(1);
    assertThat(mbpp.tasks().getFirst().task().shots()).isEqualTo(3);
  }

  @Test
  void empty_answers_all_fail() throws IOException {
    assertThat(figure(run("humaneval", 8, g -> ""), "pass@1,create_test")).isZero();
    assertThat(figure(run("mbpp", 8, g -> ""), "pass_at_1,none")).isZero();
  }

  @Test
  void of_sixty_four_samples_those_that_are_right_are_counted() throws IOException {
    assumeThat(ALL).as("only with few documents").isFalse();
    Map<String, String> solutions = solutions();
    EvaluationResult result =
        run("humaneval_64", 1, g -> g.repeat() % 2 == 0 ? solutions.get(g.context()) : "    pass");
    assertThat(figure(result, "pass@2,create_test")).isEqualTo(PassAtK.of(64, 32, 2));
    assertThat(figure(result, "pass@64,create_test")).isEqualTo(1);
  }

  @Test
  void mbpp_asks_with_the_paper_s_three_examples() throws IOException {
    try (CodeHooks hooks = new CodeHooks(Optional.empty(), datasets)) {
      Request first = evaluation("mbpp", 1, hooks).requests().getFirst();
      assertThat(first.prompt())
          .contains("\n[BEGIN]\ndef similar_elements(", "[DONE]\n\nYou are an expert")
          .endsWith("[BEGIN]\n");
    }
  }

  @Test
  void without_permission_nothing_is_run() throws IOException {
    try (CodeHooks hooks = new CodeHooks(Optional.empty(), datasets)) {
      Evaluation evaluation = evaluation("humaneval", 1, hooks);
      assertThatThrownBy(
              () ->
                  evaluation.run(
                      new Known(g -> ""), AnswerLog.inMemory("known"), Evaluation.Progress.none()))
          .isInstanceOf(SandboxException.class)
          .hasMessageContaining("--allow-code-execution");
    }
  }

  @Test
  void of_chatty_answers_the_first_block_counts() {
    assertThat(CodeHooks.block("\nx = 1\n```\nDone.")).isEqualTo("x = 1");
    // The harness's pattern takes a word after the fence for a language, and so do we.
    assertThat(CodeHooks.block("x = 1\n```\nDone.")).isEqualTo(" = 1");
    assertThat(CodeHooks.block("no block")).isEmpty();
  }
}
