package dev.gamelan.eval.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.gamelan.eval.lm.Answer;
import dev.gamelan.eval.lm.Request;
import dev.gamelan.model.Model;
import dev.gamelan.model.generate.Sampling;
import dev.gamelan.tensor.spi.Backends;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** On stories260K, a small real model. */
final class LocalModelTest {
  private Kernels kernels;
  private Model model;

  @BeforeEach
  void open() {
    Path folder =
        Path.of(System.getProperty("gamelan.shared", "../../shared"), "assets/models/stories260K");
    assumeThat(folder).as("a small real model").isDirectory();
    kernels = Backends.open(Optional.empty(), 2, ComputeMode.F32);
    model = Model.open(folder.resolve("stories260K.bin"), folder.resolve("tok512.bin"), kernels);
  }

  @AfterEach
  void close() {
    if (kernels != null) {
      kernels.close();
    }
  }

  private LocalModel local(int rows, OptionalInt maxLength) {
    return new LocalModel(
        "stories",
        "test",
        model,
        kernels,
        new LocalModel.Options(maxLength, false, rows),
        Optional.empty(),
        LocalModel.Progress.none());
  }

  private static List<Answer> answers(LocalModel local, List<Request> requests) {
    Answer[] answers = new Answer[requests.size()];
    local.answer(requests, (i, answer) -> answers[i] = answer);
    assertThat(answers).doesNotContainNull();
    return Arrays.asList(answers);
  }

  private static List<Request> questions() {
    List<Request> requests = new ArrayList<>();
    String header =
        "Once upon a time, there was a little girl named Lily. She loved to play outside. ";
    for (String question : List.of("One day, ", "Her mom said, ", "Lily saw a big", "")) {
      for (String choice :
          List.of(" she went home.", " she was happy and ran to her mom.", " dog")) {
        requests.add(new Request.Loglikelihood(header + question, choice));
      }
    }
    requests.add(new Request.Loglikelihood("", " Once upon a time"));
    return requests;
  }

  private double alone(int[] context, int[] continuation) {
    int[] all = Arrays.copyOf(context, context.length + continuation.length);
    System.arraycopy(continuation, 0, all, context.length, continuation.length);
    float[] logs = model.logProbabilities(all);
    double sum = 0;
    for (int i = context.length - 1; i < logs.length; i++) {
      sum += logs[i];
    }
    return sum;
  }

  @Test
  void a_tree_of_requests_scores_as_each_alone() {
    LocalModel local = local(128, OptionalInt.empty());
    List<Answer> answers = answers(local, questions());
    Encoding encoding = new Encoding(model.tokenizer(), false, model.tokenizer().bos().orElse(1));
    for (int i = 0; i < answers.size(); i++) {
      Request.Loglikelihood request = (Request.Loglikelihood) questions().get(i);
      TokenPair pair = encoding.pair(request.context(), request.continuation());
      Answer.Score score = (Answer.Score) answers.get(i);
      assertThat(score.loglikelihood())
          .as("%s", request)
          .isCloseTo(alone(pair.context(), pair.continuation()), within(1e-3));
      assertThat(score.tokens()).isEqualTo(pair.continuation().length);
    }
    assertThat(local.savings().computed()).isLessThan(local.savings().given() / 3);
  }

  @Test
  void the_size_of_passes_changes_no_bit() {
    List<Answer> wide = answers(local(200, OptionalInt.empty()), questions());
    for (int rows : new int[] {1, 7, 33}) {
      assertThat(answers(local(rows, OptionalInt.empty()), questions())).isEqualTo(wide);
    }
  }

  @Test
  void greedy_says_whether_every_token_is_the_likeliest() {
    String prompt = "Once upon a time, there was a";
    String likeliest = model.generate(prompt, Sampling.greedy(5), piece -> {}).text();
    List<Answer> answers =
        answers(
            local(128, OptionalInt.empty()),
            List.of(
                new Request.Loglikelihood(prompt, likeliest),
                new Request.Loglikelihood(prompt, " zebra")));
    assertThat(((Answer.Score) answers.get(0)).greedy()).isTrue();
    assertThat(((Answer.Score) answers.get(1)).greedy()).isFalse();
  }

  @Test
  void rolling_scores_add_up_the_windows() {
    String text = "Once upon a time, there was a little dog. The dog was sad. ".repeat(4);
    LocalModel local = local(50, OptionalInt.of(16));
    Answer.Rolled rolled =
        (Answer.Rolled) answers(local, List.of(new Request.Rolling(text))).getFirst();
    Encoding encoding = new Encoding(model.tokenizer(), false, model.tokenizer().bos().orElse(1));
    double sum = 0;
    for (TokenPair window : encoding.windows(text, 16)) {
      int[] input = window.input(16);
      int scored = window.continuation().length;
      int[] all = Arrays.copyOf(input, input.length + 1);
      all[input.length] = window.continuation()[scored - 1];
      float[] logs = model.logProbabilities(all);
      for (int i = logs.length - scored; i < logs.length; i++) {
        sum += logs[i];
      }
    }
    assertThat(rolled.loglikelihood()).isCloseTo(sum, within(1e-2));
  }

  private static ObjectNode until(int max, String... stops) {
    ObjectNode args = JsonNodeFactory.instance.objectNode().put("max_gen_toks", max);
    args.put("do_sample", false);
    var list = args.putArray("until");
    for (String stop : stops) {
      list.add(stop);
    }
    return args;
  }

  @Test
  void answers_in_a_batch_are_those_of_each_alone() {
    List<Request> requests = new ArrayList<>();
    List<String> prompts = new ArrayList<>();
    String shared = "Once upon a time, there was a little boy named Tim. He had a red ball and a ";
    for (int i = 0; i < 20; i++) {
      prompts.add(i % 2 == 0 ? shared + "x".repeat(i / 2) : "The cat " + i);
      requests.add(new Request.Generate(prompts.get(i), until(12), 0));
    }
    LocalModel local = local(64, OptionalInt.empty());
    List<Answer> answers = answers(local, requests);
    for (int i = 0; i < prompts.size(); i++) {
      String alone = model.generate(prompts.get(i), Sampling.greedy(12), piece -> {}).text();
      assertThat(((Answer.Text) answers.get(i)).text()).as(prompts.get(i)).isEqualTo(alone);
    }
    assertThat(local.savings().computed()).isLessThan(local.savings().given());
  }

  @Test
  void an_answer_ends_before_its_stop() {
    String prompt = "Once upon a time, there was a";
    String whole = model.generate(prompt, Sampling.greedy(40), piece -> {}).text();
    int dot = whole.indexOf('.');
    assumeThat(dot).isPositive();
    Answer answer =
        answers(
                local(64, OptionalInt.empty()),
                List.of(new Request.Generate(prompt, until(40, "never", "."), 0)))
            .getFirst();
    assertThat(answer).isEqualTo(new Answer.Text(whole.substring(0, dot)));
  }

  @Test
  void what_cannot_be_answered_is_refused_with_the_reason() {
    LocalModel local = local(64, OptionalInt.of(8));
    assertThatThrownBy(
            () ->
                answers(
                    local,
                    List.of(new Request.Loglikelihood("a", " one two three four five six seven"))))
        .hasMessageContaining("length is 8");
    assertThatThrownBy(() -> answers(local, List.of(new Request.Loglikelihood("a", ""))))
        .hasMessageContaining("no token of its own");
    assertThatThrownBy(() -> answers(local, List.of(new Request.Generate("a", until(12), 0))))
        .hasMessageContaining("lower max_gen_toks");
    ObjectNode unknown = until(4).put("beams", 3);
    assertThatThrownBy(() -> answers(local, List.of(new Request.Generate("a", unknown, 0))))
        .hasMessageContaining("'beams' isn't known");
  }
}
