package dev.gamelan.model.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.model.Decoder;
import dev.gamelan.model.ModelParameters;
import dev.gamelan.model.TinyModels;
import dev.gamelan.model.generate.Generator.Finish;
import dev.gamelan.model.generate.Generator.Generation;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Backends;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GeneratorTest {
  private static final int CONTEXT = 64;

  private final Kernels kernels = Backends.open(Optional.of("vector"), 1, ComputeMode.F32);
  private final Decoder decoder = TinyModels.llama(CONTEXT, 0);
  private final Map<String, Tensor> weights = TinyModels.weights(decoder, 21);
  private final ModelParameters parameters = ModelParameters.inPlace(decoder, kernels, weights);

  @AfterAll
  void close() {
    kernels.close();
  }

  private Generator generator(boolean addsBos, Optional<Integer> eos) {
    return new Generator(decoder, parameters, kernels, new LetterTokenizer(addsBos), eos);
  }

  private static Sampling drawn(int max, long seed, String... stops) {
    return new Sampling(max, 1.2, 0, 0.95, 0, 1, seed, List.of(stops));
  }

  private Generation generate(Generator generator, String prompt, Sampling sampling) {
    List<String> pieces = new ArrayList<>();
    Generation generation = generator.generate(prompt, sampling, pieces::add);
    assertThat(String.join("", pieces)).isEqualTo(generation.text());
    assertThat(pieces).doesNotContain("");
    return generation;
  }

  @Test
  void as_many_tokens_come_as_were_asked_for_and_the_pieces_make_up_the_text() {
    LetterTokenizer tokenizer = new LetterTokenizer(false);
    Generator generator = generator(false, Optional.empty());
    for (int seed = 0; seed < 30; seed++) {
      Generation g = generate(generator, "gong", drawn(30, seed));

      assertThat(g.finish()).isEqualTo(Finish.MAX_TOKENS);
      assertThat(g.ids()).hasSize(30);
      assertThat(g.promptTokens()).isEqualTo(4);
      int[] plain = Arrays.stream(g.ids()).filter(id -> !tokenizer.isSpecial(id)).toArray();
      // Specials aren't text; beside them the text is the ids' own.
      if (plain.length == g.ids().length) {
        assertThat(g.text()).isEqualTo(tokenizer.decode(g.ids()));
      }
      assertThat(g.text()).doesNotContain("<s>", "</s>");
    }
  }

  @Test
  void the_same_seed_gives_the_same_answer_and_another_seed_another() {
    Generator generator = generator(false, Optional.empty());
    int[] first = generate(generator, "gong", drawn(30, 7)).ids();

    assertThat(generate(generator, "gong", drawn(30, 7)).ids()).isEqualTo(first);
    assertThat(generate(generator, "gong", drawn(30, 8)).ids()).isNotEqualTo(first);
  }

  @Test
  void every_stop_string_ends_the_text_before_its_first_occurrence_wherever_tokens_end() {
    Generator generator = generator(false, Optional.empty());
    String whole = generate(generator, "gong", drawn(30, 3)).text();
    assertThat(whole.length()).isGreaterThan(25);

    for (int from = 0; from < 22; from++) {
      for (int length = 1; length <= 3; length++) {
        String stop = whole.substring(from, from + length);
        Generation g = generate(generator, "gong", drawn(30, 3, stop, "never there"));

        assertThat(g.finish()).as(stop).isEqualTo(Finish.STOP_STRING);
        assertThat(g.text()).as(stop).isEqualTo(whole.substring(0, whole.indexOf(stop)));
      }
    }
  }

  @Test
  void a_stop_string_that_only_begins_is_text() {
    Generator generator = generator(false, Optional.empty());
    String whole = generate(generator, "gong", drawn(30, 3)).text();
    String begun = whole.substring(whole.length() - 2) + "zzzz";

    Generation g = generate(generator, "gong", drawn(30, 3, begun));

    assertThat(g.finish()).isEqualTo(Finish.MAX_TOKENS);
    assertThat(g.text()).isEqualTo(whole);
  }

  @Test
  void the_end_of_text_ends_the_answer_and_is_no_text() {
    int[] ids = generate(generator(false, Optional.empty()), "gong", drawn(30, 3)).ids();
    int eos = ids[12];
    int first = IntStream.range(0, 30).filter(i -> ids[i] == eos).findFirst().orElseThrow();

    Generation g = generate(generator(false, Optional.of(eos)), "gong", drawn(30, 3));

    assertThat(g.finish()).isEqualTo(Finish.END_OF_TEXT);
    assertThat(g.ids()).isEqualTo(Arrays.copyOf(ids, first + 1));
    assertThat(g.text())
        .isEqualTo(
            generate(generator(false, Optional.empty()), "gong", drawn(Math.max(1, first), 3))
                .text());
  }

  @Test
  void an_answer_ends_where_the_context_is_full() {
    Generation g = generate(generator(false, Optional.empty()), "a".repeat(60), drawn(1000, 3));

    assertThat(g.finish()).isEqualTo(Finish.CONTEXT_FULL);
    assertThat(g.ids()).hasSize(CONTEXT - 60);
    assertThat(generate(generator(false, Optional.empty()), "a".repeat(60), drawn(4, 3)).finish())
        .isEqualTo(Finish.MAX_TOKENS);
  }

  @Test
  void a_prompt_that_fills_the_context_says_how_short_it_must_be() {
    Generator generator = generator(false, Optional.empty());

    assertThatThrownBy(() -> generate(generator, "a".repeat(64), drawn(1, 3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("64 tokens")
        .hasMessageContaining("63 at most");
  }

  @Test
  void bos_is_put_before_a_prompt_where_the_vocabulary_wants_it_and_never_twice() {
    Generation with = generate(generator(true, Optional.empty()), "gong", drawn(20, 3));

    assertThat(with.promptTokens()).isEqualTo(5);
    assertThat(generate(generator(true, Optional.empty()), "<s>gong", drawn(20, 3)).ids())
        .isEqualTo(with.ids());
    assertThat(generate(generator(false, Optional.empty()), "<s>gong", drawn(20, 3)).ids())
        .isEqualTo(with.ids());
    assertThat(generate(generator(false, Optional.empty()), "gong", drawn(20, 3)).ids())
        .isNotEqualTo(with.ids());
  }

  @Test
  void an_empty_prompt_needs_a_bos() {
    assertThat(generate(generator(true, Optional.empty()), "", drawn(5, 3)).promptTokens())
        .isEqualTo(1);
    assertThatThrownBy(() -> generate(generator(false, Optional.empty()), "", drawn(5, 3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("prompt is empty");
  }

  @Test
  void an_interrupted_thread_ends_the_answer_after_a_token() {
    Generator generator = generator(false, Optional.empty());
    Generation g;
    Thread.currentThread().interrupt();
    try {
      g = generator.generate("gong", drawn(30, 3), piece -> {});
    } finally {
      assertThat(Thread.interrupted()).as("the flag is the caller's").isTrue();
    }

    assertThat(g.finish()).isEqualTo(Finish.INTERRUPTED);
    assertThat(g.ids()).hasSize(1);
  }

  @Test
  void a_tokenizer_of_more_tokens_than_the_model_is_refused_and_padding_is_never_drawn() {
    assertThatThrownBy(() -> padded(40))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("50 tokens, the model 40");

    Generation g = generate(padded(2000), "gong", drawn(40, 3));
    assertThat(Arrays.stream(g.ids()).max().orElseThrow()).isLessThan(50);
  }

  private Generator padded(int vocabulary) {
    Decoder other = TinyModels.llama(vocabulary, CONTEXT, 0);
    return new Generator(
        other,
        ModelParameters.inPlace(other, kernels, TinyModels.weights(other, 1)),
        kernels,
        new LetterTokenizer(false),
        Optional.empty());
  }

  @Test
  void a_repetition_penalty_counts_the_prompt_too() {
    Generator generator = generator(false, Optional.empty());
    Sampling hard = new Sampling(40, 0, 0, 1, 0, 1000, 0, List.of());

    int[] ids = generate(generator, "abc", hard).ids();

    assertThat(Arrays.stream(ids).distinct().count()).isEqualTo(40);
    assertThat(ids).doesNotContain(2, 3, 4);
  }
}
