package dev.gamelan.model.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.model.Decoder;
import dev.gamelan.model.DecoderSpec;
import dev.gamelan.model.ModelParameters;
import dev.gamelan.model.RopeScaling;
import dev.gamelan.model.SequencePass;
import dev.gamelan.model.TinyModels;
import dev.gamelan.tensor.spi.Backends;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.tape.Tape;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Windows in some layers, rotation by the running length: what is held, and that cuts don't show.
 */
class RollingCacheTest {
  private static final int CONTEXT = 640;
  private static final DecoderSpec.Layers FIRST = new DecoderSpec.Layers(Set.of(1));

  private static Decoder mixed(int window) {
    return TinyModels.llama(TinyModels.VOCABULARY, CONTEXT, window, FIRST, new RopeScaling.None());
  }

  private static Decoder dynamic() {
    return TinyModels.llama(TinyModels.VOCABULARY, 64, 40, FIRST, new RopeScaling.Dynamic(4, 64));
  }

  private static Kernels open(String backend) {
    return Backends.open(Optional.of(backend), 2, ComputeMode.F32);
  }

  private static Inference inference(Decoder decoder, Kernels kernels, KvCache cache) {
    return new Inference(
        decoder,
        ModelParameters.inPlace(decoder, kernels, TinyModels.weights(decoder, 5)),
        kernels,
        cache,
        2);
  }

  private static float[] whole(Decoder decoder, Kernels kernels, int[] tokens) {
    SequencePass pass =
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
      pass.tokens().setInt(0, i, tokens[i]);
    }
    pass.forward();
    return pass.result().rows(tokens.length - 1L, tokens.length).toFloats();
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector"})
  void a_layer_with_a_window_holds_the_window_and_one_that_sees_all_holds_all(String backend) {
    try (Kernels kernels = open(backend)) {
      Decoder decoder = mixed(40);
      KvCache cache = new KvCache(decoder.spec(), kernels, CONTEXT, 1);
      Inference inference = inference(decoder, kernels, cache);
      int[] tokens = TinyModels.tokens(500, 4);
      float[] last = {};
      try (Sequence sequence = new Sequence(cache)) {
        for (int from = 0; from < tokens.length; from += 50) {
          last = inference.feed(sequence, Arrays.copyOfRange(tokens, from, from + 50)).toFloats();
          // A window of 40 touches three pages of 32 at most.
          assertThat(sequence.held(0)).isLessThanOrEqualTo(3);
          assertThat(sequence.held(1)).isEqualTo((from + 50 + 31) / 32);
        }
        assertThat(sequence.held()).isEqualTo(sequence.held(0) + sequence.held(1));
      }

      assertThat(cache.free()).isEqualTo(cache.pages());
      assertThat(last)
          .usingComparatorWithPrecision(1e-4f)
          .containsExactly(whole(decoder, kernels, tokens));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector"})
  void cuts_of_a_prompt_change_no_bit_with_windows_in_some_layers(String backend) {
    try (Kernels kernels = open(backend)) {
      Decoder decoder = mixed(33);
      KvCache cache = new KvCache(decoder.spec(), kernels, CONTEXT, 1);
      Inference inference = inference(decoder, kernels, cache);
      int[] tokens = TinyModels.tokens(300, 1);
      float[] uncut;
      try (Sequence sequence = new Sequence(cache)) {
        uncut = inference.feed(sequence, tokens).toFloats();
      }

      for (int chunk : new int[] {1, 31, 64, 97}) {
        try (Sequence sequence = new Sequence(cache)) {
          float[] last = {};
          for (int from = 0; from < tokens.length; from += chunk) {
            int to = Math.min(tokens.length, from + chunk);
            last = inference.feed(sequence, Arrays.copyOfRange(tokens, from, to)).toFloats();
          }
          assertThat(last).as("chunks of %d", chunk).isEqualTo(uncut);
        }
      }
    }
  }

  /** A feed says how long its sequence will be, so its passes turn their rows alike. */
  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector"})
  void passes_of_one_feed_change_no_bit_where_the_rotation_follows_the_length(String backend) {
    try (Kernels kernels = open(backend)) {
      Decoder decoder = dynamic();
      assertThat(decoder.spec().context()).as("the factor's reach").isEqualTo(256);
      KvCache cache = new KvCache(decoder.spec(), kernels, 512);
      Inference inference = inference(decoder, kernels, cache);
      int[] tokens = TinyModels.tokens(150, 1);
      float[] once;
      try (Sequence sequence = new Sequence(cache)) {
        once = inference.run(List.of(new Inference.Feed(sequence, tokens, 0, 150))).toFloats();
      }

      for (int chunk : new int[] {1, 40, 128}) {
        try (Sequence sequence = new Sequence(cache)) {
          float[] last = {};
          for (int from = 0; from < tokens.length; from += chunk) {
            int to = Math.min(tokens.length, from + chunk);
            last =
                inference.run(List.of(new Inference.Feed(sequence, tokens, from, to))).toFloats();
          }
          assertThat(last).as("passes of %d", chunk).isEqualTo(once);
        }
      }
      assertThat(once)
          .usingComparatorWithPrecision(1e-4f)
          .containsExactly(whole(decoder, kernels, tokens));
    }
  }

  @Test
  void a_fork_turns_its_rows_as_the_sequence_it_came_from() {
    try (Kernels kernels = open("vector")) {
      Decoder decoder = dynamic();
      KvCache cache = new KvCache(decoder.spec(), kernels, 512);
      Inference inference = inference(decoder, kernels, cache);
      int[] tokens = TinyModels.tokens(96, 1);
      int[] next = {7};
      try (Sequence sequence = new Sequence(cache)) {
        inference.feed(sequence, tokens);
        try (Sequence fork = sequence.fork()) {
          float[] ofFork = inference.feed(fork, next).toFloats();
          assertThat(inference.feed(sequence, next).toFloats()).isEqualTo(ofFork);
        }
      }
      assertThat(cache.free()).isEqualTo(cache.pages());
    }
  }

  @Test
  void a_cache_for_few_sequences_takes_little_for_layers_with_a_window() {
    DecoderSpec spec = mixed(40).spec();
    long layer = KvCache.bytes(mixed(0).spec(), CONTEXT) / 2;

    assertThat(KvCache.bytes(spec, CONTEXT)).isEqualTo(2 * layer);
    // 40 + a pass of 128 + two pages of 32, in pages: 256 positions of 640.
    assertThat(KvCache.bytes(spec, CONTEXT, 1)).isEqualTo(layer + layer * 256 / 640);
    try (Kernels kernels = open("scalar")) {
      assertThat(new KvCache(spec, kernels, CONTEXT, 1).pages()).isEqualTo(20 + 8);
    }
  }

  @Test
  void a_decoder_that_turns_by_position_refuses_a_pass_without_rotations() {
    Decoder decoder = dynamic();
    Tape tape = new Tape(Tape.Purpose.INFERENCE);
    var tokens = tape.input("tokens", dev.gamelan.tensor.DType.I32, 1, 3);

    assertThatThrownBy(
            () -> decoder.hidden(tape, tokens, tokens, name -> false, (t, layer, qkv, s) -> qkv))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("give the pass a RowRotary");
  }
}
