package dev.gamelan.eval.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.gamelan.eval.dataset.DatasetException;
import dev.gamelan.eval.dataset.Datasets;
import dev.gamelan.eval.known.KnownHooks;
import dev.gamelan.eval.lm.Answer;
import dev.gamelan.eval.lm.LanguageModel;
import dev.gamelan.eval.lm.Request;
import dev.gamelan.eval.result.Comparison;
import dev.gamelan.eval.result.ResultFiles;
import dev.gamelan.eval.result.ResultTable;
import dev.gamelan.eval.result.RunInfo;
import dev.gamelan.eval.result.SavedRun;
import dev.gamelan.eval.task.Task;
import dev.gamelan.eval.task.TaskException;
import dev.gamelan.eval.task.TaskIndex;
import dev.gamelan.eval.task.TaskTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ArrayNode;

/** Tasks of our own, written as the harness's, answered by a model that we know. */
final class EvaluationTest {
  /** Answers by a function; counts what it is asked. */
  private static final class Known implements LanguageModel {
    private final String name;
    private final Function<Request, Answer> answers;
    private int asked;
    private int dies = Integer.MAX_VALUE;

    Known(String name, Function<Request, Answer> answers) {
      this.name = name;
      this.answers = answers;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public String fingerprint() {
      return name;
    }

    @Override
    public void answer(List<? extends Request> requests, Sink sink) {
      for (int i = 0; i < requests.size(); i++) {
        if (asked == dies) {
          throw new IllegalStateException("killed");
        }
        asked++;
        sink.answered(i, answers.apply(requests.get(i)));
      }
    }

    @Override
    public Optional<String> chat(ArrayNode messages, boolean answerFollows) {
      return Optional.empty();
    }
  }

  @TempDir private Path folder;

  @BeforeEach
  void tasks() throws IOException {
    Files.writeString(
        folder.resolve("capitals.jsonl"),
        """
        {"land": "France", "cities": ["Paris", "Lyon"], "right": 0}
        {"land": "Peru", "cities": ["Cusco", "Lima"], "right": 1}
        {"land": "Japan", "cities": ["Tokyo", "Osaka"], "right": 0}
        {"land": "Italy", "cities": ["Milan", "Rome"], "right": 1}
        """);
    Files.writeString(
        folder.resolve("capital.yaml"),
        """
        task: capital
        tag: geography
        dataset_path: json
        dataset_kwargs:
          data_files: {validation: %s}
        validation_split: validation
        output_type: multiple_choice
        doc_to_text: "The capital of {{land}} is"
        doc_to_choice: cities
        doc_to_target: right
        metric_list:
          - metric: acc
          - metric: acc_norm
          - metric: acc_mutual_info
        metadata: {version: 1.0}
        """
            .formatted(folder.resolve("capitals.jsonl")));
    Files.writeString(
        folder.resolve("spoken.yaml"),
        """
        include: capital.yaml
        task: spoken
        output_type: generate_until
        doc_to_choice: null
        doc_to_target: "{{cities[right]}}"
        repeats: 3
        generation_kwargs: {until: ["."], do_sample: true, temperature: 0.7}
        metric_list:
          - metric: exact_match
            ignore_case: true
        filter_list:
          - name: vote
            filter: [{function: remove_whitespace}, {function: majority_vote}, {function: take_first}]
        """);
    Files.writeString(
        folder.resolve("world.yaml"),
        """
        group: world
        task: [geography]
        aggregate_metric_list: [{metric: acc, weight_by_size: true}]
        """);
  }

  private Evaluation evaluation(String names, Integer shots) {
    return new Evaluation(
        TaskTree.of(TaskIndex.of(List.of(folder)), List.of(names)),
        new Datasets(List.of(), Path.of("")),
        new KnownHooks(),
        new Evaluation.Options(
            new Task.Prompting(Optional.ofNullable(shots), 1234, "", Optional.empty(), true),
            OptionalDouble.empty(),
            1000,
            Regime.LM_EVAL,
            false));
  }

  /** Likes short continuations, and long ones less after nothing. */
  private static Answer shorter(Request request) {
    return switch (request) {
      case Request.Loglikelihood l ->
          new Answer.Score(
              -l.continuation().length() - (l.context().isEmpty() ? 3 : 0),
              false,
              l.continuation().length());
      case Request.Rolling r -> new Answer.Rolled(-r.text().length());
      case Request.Generate g -> new Answer.Text(g.repeat() == 1 ? "other" : " LIMA ");
    };
  }

  private static EvaluationResult run(Evaluation evaluation, Known model) {
    return evaluation.run(model, AnswerLog.inMemory(model.name()), Evaluation.Progress.none());
  }

  @Test
  void choices_are_scored_raw_normalised_and_without_their_question() {
    EvaluationResult result =
        run(evaluation("capital", null), new Known("m", EvaluationTest::shorter));
    Map<String, EvaluationResult.Figure> figures = result.tasks().getFirst().figures();
    // Shortest: Lyon, Lima, (equal: the first) Tokyo, Rome.
    assertThat(figures.get("acc,none").value()).isEqualTo(0.75);
    assertThat(figures.get("acc,none").standardError().orElseThrow()).isCloseTo(0.25, within(1e-9));
    assertThat(figures.get("acc_norm,none").value()).isEqualTo(0.5);
    assertThat(figures.get("acc_mutual_info,none").value()).isEqualTo(0.5);
    assertThat(result.tasks().getFirst().samples().getFirst().requests()).hasSize(4);
    assertThat(ResultTable.of(result)).contains("|capital|1.0", "acc_norm");
  }

  @Test
  void examples_leave_the_question_itself_out() {
    List<Request> requests = evaluation("capital", 3).requests();
    for (int i = 0; i < requests.size(); i += 4) {
      String prompt = requests.get(i).prompt();
      String question = prompt.substring(prompt.lastIndexOf("\n\n") + 2);
      assertThat(prompt.split("\n\n")).hasSize(4).doesNotHaveDuplicates();
      assertThat(question).startsWith("The capital of ");
      assertThat(prompt.indexOf(question)).isEqualTo(prompt.lastIndexOf(question));
    }
  }

  @Test
  void repeats_vote_and_groups_average() {
    EvaluationResult result =
        run(evaluation("world", null), new Known("m", EvaluationTest::shorter));
    assertThat(result.groups().get("world").figures().get("acc,none").value()).isEqualTo(0.75);
    assertThat(result.tasks()).hasSize(2);
    EvaluationResult.TaskResult spoken =
        result.tasks().stream()
            .filter(t -> t.task().config().task().equals("spoken"))
            .findFirst()
            .orElseThrow();
    assertThat(spoken.figures().get("exact_match,vote").value()).isEqualTo(0.25);
  }

  @Test
  void an_interrupted_evaluation_goes_on_where_it_was() throws IOException {
    Path file = folder.resolve("answers.jsonl");
    Known dying = new Known("m", EvaluationTest::shorter);
    dying.dies = 7;
    try (AnswerLog log = AnswerLog.at(file, "m")) {
      assertThatThrownBy(
              () -> evaluation("capital", null).run(dying, log, Evaluation.Progress.none()))
          .hasMessage("killed");
    }
    Known again = new Known("m", EvaluationTest::shorter);
    EvaluationResult resumed;
    try (AnswerLog log = AnswerLog.at(file, "m")) {
      resumed = evaluation("capital", null).run(again, log, Evaluation.Progress.none());
    }
    Known whole = new Known("m", EvaluationTest::shorter);
    EvaluationResult undisturbed = run(evaluation("capital", null), whole);
    assertThat(again.asked).isEqualTo(whole.asked - 7);
    assertThat(resumed.tasks().getFirst().figures())
        .isEqualTo(undisturbed.tasks().getFirst().figures());
  }

  private static RunInfo info(String model) {
    return new RunInfo(
        model, "test", Map.of("limit", "none"), "", false, true, "1", Instant.now(), Duration.ZERO);
  }

  @Test
  void runs_are_written_read_back_and_compared() throws IOException {
    Known shorter = new Known("short/er", EvaluationTest::shorter);
    Known right =
        new Known(
            "right",
            r ->
                r instanceof Request.Loglikelihood l
                    ? new Answer.Score(
                        List.of(" Paris", " Lima", " Tokyo", " Rome").contains(l.continuation())
                            ? -1
                            : -2,
                        true,
                        1)
                    : shorter(r));
    Path a = folder.resolve("a");
    Path b = folder.resolve("b");
    ResultFiles.Written written =
        ResultFiles.write(a, run(evaluation("capital", null), shorter), info("short/er"), true);
    ResultFiles.write(b, run(evaluation("capital", null), right), info("right"), true);
    assertThat(written.results().getParent().getFileName()).hasToString("short__er");
    assertThat(written.results().getFileName().toString()).startsWith("results_").endsWith(".json");
    assertThat(written.samples().getFirst().getFileName().toString())
        .startsWith("samples_capital_")
        .endsWith(".jsonl");
    assertThat(Files.readAllLines(written.samples().getFirst())).hasSize(4);
    assertThat(Files.readString(written.results()))
        .contains(
            "\"acc,none\": 0.75", "\"acc_stderr,none\": 0.25", "\"n-samples\"", "\"effective\": 4");

    List<Comparison.Row> rows = Comparison.of(SavedRun.open(a), SavedRun.open(b));
    Comparison.Row acc =
        rows.stream().filter(r -> r.metric().equals("acc,none")).findFirst().orElseThrow();
    assertThat(acc.pairs()).isEqualTo(4);
    assertThat(acc.gained()).extracting(Comparison.Flip::id).containsExactly("0");
    assertThat(acc.lost()).isEmpty();
    assertThat(acc.pValue().orElseThrow()).isEqualTo(1);
  }

  @Test
  void what_is_wrong_with_a_task_is_said() throws IOException {
    assertThatThrownBy(() -> evaluation("capitals", null))
        .isInstanceOf(TaskException.class)
        .hasMessageContaining("did you mean capital?");
    Files.delete(folder.resolve("capitals.jsonl"));
    assertThatThrownBy(() -> evaluation("capital", null).requests())
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("no such file");
    assertThatThrownBy(() -> evaluation("boolq", null).requests())
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("https://huggingface.co/datasets/aps/super_glue");
    Files.writeString(
        folder.resolve("odd.yaml"),
        "task: odd\ndataset_path: json\ntest_split: test\ndoc_to_text: x\ndoc_to_target: y\nprocess_docs: !function nobody.knows\ndataset_kwargs: {data_files: {test: "
            + folder.resolve("x.jsonl")
            + "}}\n");
    Files.writeString(folder.resolve("x.jsonl"), "{\"x\": 1}\n");
    assertThatThrownBy(() -> evaluation("odd", null).requests())
        .isInstanceOf(TaskException.class)
        .hasMessageContaining("nobody.knows isn't built in");
  }
}
