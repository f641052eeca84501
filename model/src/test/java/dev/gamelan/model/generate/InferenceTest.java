package dev.gamelan.model.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.model.Decoder;
import dev.gamelan.model.ModelParameters;
import dev.gamelan.model.SequencePass;
import dev.gamelan.model.TinyModels;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Backends;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.tape.Tape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InferenceTest {
  private static final int CONTEXT = 320;

  private Kernels kernels;
  private KvCache cache;

  @AfterEach
  void close() {
    if (kernels != null) {
      kernels.close();
    }
  }

  private Inference inference(String backend, int window, long positions, int sequences) {
    kernels = Backends.open(Optional.of(backend), 2, ComputeMode.F32);
    Decoder decoder = TinyModels.llama(CONTEXT, window);
    Map<String, Tensor> weights = TinyModels.weights(decoder, 5);
    cache = new KvCache(decoder.spec(), kernels, positions);
    return new Inference(
        decoder, ModelParameters.inPlace(decoder, kernels, weights), kernels, cache, sequences);
  }

  private static float[] feed(Inference inference, Sequence sequence, int[] tokens) {
    return inference.feed(sequence, tokens).toFloats();
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector"})
  void logits_are_the_same_bits_in_one_pass_in_chunks_and_token_by_token(String backend) {
    Inference inference = inference(backend, 0, 1000, 1);
    int[] tokens = TinyModels.tokens(150, 1);
    float[] whole;
    try (Sequence sequence = new Sequence(cache)) {
      whole = feed(inference, sequence, tokens);
    }

    for (int chunk : new int[] {1, 7, 32, 100}) {
      try (Sequence sequence = new Sequence(cache)) {
        float[] last = {};
        for (int from = 0; from < tokens.length; from += chunk) {
          last =
              feed(
                  inference,
                  sequence,
                  Arrays.copyOfRange(tokens, from, Math.min(tokens.length, from + chunk)));
        }
        assertThat(last).as("chunks of %d", chunk).isEqualTo(whole);
      }
    }
    assertThat(whole).doesNotContain(Float.NaN);
    assertThat(cache.free()).isEqualTo(cache.pages());
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector"})
  void a_sequence_gets_the_same_bits_alone_and_among_others(String backend) {
    Inference inference = inference(backend, 0, 1000, 3);
    int[] a = TinyModels.tokens(70, 1);
    int[] b = TinyModels.tokens(33, 2);
    int[] c = TinyModels.tokens(1, 3);
    float[][] alone = new float[3][];
    int[][] all = {a, b, c};
    for (int i = 0; i < 3; i++) {
      try (Sequence sequence = new Sequence(cache)) {
        alone[i] = feed(inference, sequence, all[i]);
      }
    }

    try (Sequence x = new Sequence(cache);
        Sequence y = new Sequence(cache);
        Sequence z = new Sequence(cache)) {
      inference.run(List.of(new Inference.Feed(y, b, 0, 20), new Inference.Feed(x, a, 0, 45)));
      Tensor together =
          inference.run(
              List.of(
                  new Inference.Feed(x, a, 45, 70),
                  new Inference.Feed(z, c, 0, 1),
                  new Inference.Feed(y, b, 20, 33)));

      assertThat(together.rows(0, 1).toFloats()).isEqualTo(alone[0]);
      assertThat(together.rows(1, 2).toFloats()).isEqualTo(alone[2]);
      assertThat(together.rows(2, 3).toFloats()).isEqualTo(alone[1]);
    }
  }

  @Test
  void a_fork_shares_the_pages_of_its_beginning_and_goes_its_own_way() {
    Inference inference = inference("vector", 0, 1000, 1);
    int[] prefix = TinyModels.tokens(64, 1);
    int[] one = TinyModels.tokens(10, 2);
    int[] other = TinyModels.tokens(10, 3);
    Sequence base = new Sequence(cache);
    feed(inference, base, prefix);
    int free = cache.free();

    Sequence fork = base.fork();
    assertThat(cache.free()).isEqualTo(free);
    float[] ofBase = feed(inference, base, one);
    float[] ofFork = feed(inference, fork, other);
    assertThat(cache.free()).isEqualTo(free - 2);

    try (Sequence fresh = new Sequence(cache)) {
      feed(inference, fresh, prefix);
      assertThat(feed(inference, fresh, one)).isEqualTo(ofBase);
    }
    base.close();
    assertThat(cache.free()).as("the prefix is still the fork's").isEqualTo(cache.pages() - 3);
    try (Sequence fresh = new Sequence(cache)) {
      feed(inference, fresh, prefix);
      assertThat(feed(inference, fresh, other)).isEqualTo(ofFork);
    }
    fork.close();
    assertThat(cache.free()).isEqualTo(cache.pages());
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector"})
  void a_fork_in_the_middle_of_a_page_goes_its_own_way(String backend) {
    Inference inference = inference(backend, 0, 1000, 1);
    int[] prefix = TinyModels.tokens(45, 1);
    int[] one = TinyModels.tokens(30, 2);
    int[] other = TinyModels.tokens(30, 3);
    Sequence base = new Sequence(cache);
    feed(inference, base, prefix);

    Sequence fork = base.fork();
    assertThat(cache.free())
        .as("a whole page is shared, a part copied")
        .isEqualTo(cache.pages() - 3);
    float[] ofBase = feed(inference, base, one);
    float[] ofFork = feed(inference, fork, other);
    base.close();
    fork.close();

    assertThat(cache.free()).isEqualTo(cache.pages());
    try (Sequence fresh = new Sequence(cache)) {
      feed(inference, fresh, prefix);
      assertThat(feed(inference, fresh, one)).isEqualTo(ofBase);
    }
    try (Sequence fresh = new Sequence(cache)) {
      feed(inference, fresh, prefix);
      assertThat(feed(inference, fresh, other)).isEqualTo(ofFork);
    }
  }

  @Test
  void the_logits_of_any_row_can_be_had() {
    Inference inference = inference("vector", 0, 1000, 2);
    int[] a = TinyModels.tokens(20, 1);
    int[] b = TinyModels.tokens(9, 2);
    float[] afterFive;
    float[] all;
    try (Sequence sequence = new Sequence(cache)) {
      afterFive = feed(inference, sequence, Arrays.copyOf(b, 5));
    }
    try (Sequence sequence = new Sequence(cache)) {
      all = feed(inference, sequence, a);
    }

    try (Sequence x = new Sequence(cache);
        Sequence y = new Sequence(cache)) {
      List<Inference.Feed> feeds =
          List.of(new Inference.Feed(x, a, 0, 20), new Inference.Feed(y, b, 0, 9));
      Tensor logits = inference.run(feeds, new int[] {24, 19, 24});

      assertThat(logits.rows()).isEqualTo(3);
      assertThat(logits.rows(0, 1).toFloats()).isEqualTo(afterFive);
      assertThat(logits.rows(1, 2).toFloats()).isEqualTo(all);
      assertThat(logits.rows(2, 3).toFloats()).isEqualTo(afterFive);
      assertThatThrownBy(() -> inference.run(feeds, new int[] {29}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("row 29");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector"})
  void a_window_frees_pages_and_gives_the_logits_of_a_pass_without_a_cache(String backend) {
    Inference inference = inference(backend, 40, 32 * 4, 1);
    int[] tokens = TinyModels.tokens(250, 4);
    float[] last = {};
    try (Sequence sequence = new Sequence(cache)) {
      for (int from = 0; from < tokens.length; from += 25) {
        last = feed(inference, sequence, Arrays.copyOfRange(tokens, from, from + 25));
        assertThat(sequence.held()).isLessThanOrEqualTo(3);
      }
    }

    Decoder decoder = TinyModels.llama(CONTEXT, 40);
    SequencePass whole =
        new SequencePass(
            decoder,
            ModelParameters.inPlace(decoder, kernels, TinyModels.weights(decoder, 5)),
            kernels,
            1,
            tokens.length,
            SequencePass.Output.LOGITS,
            name -> false,
            Tape.Purpose.INFERENCE);
    for (int i = 0; i < tokens.length; i++) {
      whole.tokens().setInt(0, i, tokens[i]);
    }
    whole.forward();
    assertThat(last)
        .usingComparatorWithPrecision(1e-4f)
        .containsExactly(whole.result().rows(249, 250).toFloats());
  }

  @Test
  void beyond_the_window_nothing_is_seen() {
    Inference inference = inference("vector", 5, 1000, 1);
    int[] tokens = TinyModels.tokens(60, 4);
    int[] changed = tokens.clone();
    // Two layers of a window of 5 see the last 9 tokens.
    Arrays.fill(changed, 0, 51, 1);
    try (Sequence a = new Sequence(cache);
        Sequence b = new Sequence(cache);
        Sequence c = new Sequence(cache)) {
      float[] logits = feed(inference, a, tokens);
      assertThat(feed(inference, b, changed)).isEqualTo(logits);
      changed[51] = (tokens[51] + 1) % TinyModels.VOCABULARY;
      assertThat(feed(inference, c, changed)).isNotEqualTo(logits);
    }
  }

  @Test
  void more_tokens_than_the_context_are_refused_and_nothing_is_lost() {
    Inference inference = inference("scalar", 0, 2000, 1);
    int[] tokens = TinyModels.tokens(CONTEXT + 1, 4);
    try (Sequence sequence = new Sequence(cache)) {
      feed(inference, sequence, Arrays.copyOf(tokens, CONTEXT - 1));

      assertThatThrownBy(() -> inference.feed(sequence, new int[] {1, 2}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("would have 321 tokens")
          .hasMessageContaining("context is 320");
      assertThat(sequence.length()).isEqualTo(CONTEXT - 1);
      assertThat(inference.feed(sequence, new int[] {1}).columns())
          .isEqualTo(TinyModels.VOCABULARY);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, TinyModels.VOCABULARY, Integer.MAX_VALUE, Integer.MIN_VALUE})
  void a_token_outside_the_vocabulary_is_refused(int token) {
    Inference inference = inference("scalar", 0, 100, 1);
    try (Sequence sequence = new Sequence(cache)) {
      assertThatThrownBy(() -> inference.feed(sequence, new int[] {1, token}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("token " + token + " at 1")
          .hasMessageContaining("vocabulary of 50");
      assertThat(sequence.length()).isZero();
    }
  }

  @Test
  void no_tokens_and_too_many_sequences_are_refused() {
    Inference inference = inference("scalar", 0, 100, 1);
    try (Sequence a = new Sequence(cache);
        Sequence b = new Sequence(cache)) {
      int[] one = {1};
      assertThatThrownBy(() -> inference.feed(a, new int[0]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("at least one");
      assertThatThrownBy(
              () ->
                  inference.run(
                      List.of(new Inference.Feed(a, one, 0, 1), new Inference.Feed(b, one, 0, 1))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("2 sequences")
          .hasMessageContaining("made for 1");
    }
  }

  @Test
  void a_full_cache_is_told_and_leaves_every_sequence_of_the_pass_as_it_was() {
    Inference inference = inference("scalar", 0, 32 * 3, 2);
    int[] tokens = TinyModels.tokens(80, 4);
    float[] wentOn;
    try (Sequence a = new Sequence(cache)) {
      try (Sequence b = new Sequence(cache)) {
        feed(inference, a, Arrays.copyOf(tokens, 20));
        feed(inference, b, Arrays.copyOf(tokens, 30));

        assertThatThrownBy(
                () ->
                    inference.run(
                        List.of(
                            new Inference.Feed(a, tokens, 20, 40),
                            new Inference.Feed(b, tokens, 30, 80))))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("all 3 pages of 32 positions are in use");

        assertThat(a.length()).isEqualTo(20);
        assertThat(b.length()).isEqualTo(30);
      }
      wentOn = feed(inference, a, Arrays.copyOfRange(tokens, 20, 25));
    }
    assertThat(cache.free()).isEqualTo(3);
    try (Sequence fresh = new Sequence(cache)) {
      assertThat(feed(inference, fresh, Arrays.copyOf(tokens, 25))).isEqualTo(wentOn);
    }
  }

  @Test
  void a_cache_says_how_many_bytes_it_takes() {
    Decoder decoder = TinyModels.llama(CONTEXT, 0);

    // 2 pages of 32 positions, 2 layers, keys and values of 2 heads of 8 columns, f32.
    assertThat(KvCache.bytes(decoder.spec(), 33)).isEqualTo(64L * 2 * 2 * 16 * 4);
  }

  @Test
  void a_sequence_that_was_cut_goes_on_as_if_what_came_after_had_never_been() {
    Inference inference = inference("scalar", 0, 400, 1);
    int[] tokens = TinyModels.tokens(100, 1);
    int[] other = TinyModels.tokens(9, 2);
    for (int cut : new int[] {0, 1, 31, 32, 33, 64, 99, 100}) {
      float[] expected;
      try (Sequence sequence = new Sequence(cache)) {
        if (cut > 0) {
          inference.feed(sequence, Arrays.copyOf(tokens, cut));
        }
        expected = feed(inference, sequence, other);
      }
      try (Sequence sequence = new Sequence(cache)) {
        inference.feed(sequence, tokens);
        sequence.truncate(cut);
        assertThat(sequence.length()).isEqualTo(cut);
        assertThat(sequence.held()).isEqualTo((cut + 31) / 32);
        assertThat(feed(inference, sequence, other)).as("cut at %d", cut).isEqualTo(expected);
      }
      assertThat(cache.free()).isEqualTo(cache.pages());
    }
  }

  @Test
  void a_sequence_is_not_cut_where_that_would_touch_what_others_hold_or_a_window_gave_back() {
    Inference inference = inference("scalar", 16, 400, 1);
    try (Sequence sequence = new Sequence(cache)) {
      inference.feed(sequence, TinyModels.tokens(64, 1));
      try (Sequence _ = sequence.fork()) {
        assertThatThrownBy(() -> sequence.truncate(50))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("shares");
      }
      sequence.truncate(50);
      assertThatThrownBy(() -> sequence.truncate(51)).hasMessageContaining("from 32 to 50");
      assertThatThrownBy(() -> sequence.truncate(31)).hasMessageContaining("cannot be cut at 31");
    }
  }
}
