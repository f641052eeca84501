package dev.gamelan.model.vision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.model.Decoder;
import dev.gamelan.model.ModelParameters;
import dev.gamelan.model.SequencePass;
import dev.gamelan.model.TinyModels;
import dev.gamelan.model.generate.Inference;
import dev.gamelan.model.generate.KvCache;
import dev.gamelan.model.generate.Sequence;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.random.CounterRandom;
import dev.gamelan.tensor.spi.Activation;
import dev.gamelan.tensor.spi.Backends;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.tape.Tape;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Images in a decoder: alone and among others, whole and in passes. */
class VisionPassTest {
  private static final int IMAGE = 49;

  /** Images of 22 pixels in patches of 4: 25 features, 2 pixels at each edge are left over. */
  private static final VisionSpec SPEC =
      new VisionSpec(
          3,
          22,
          4,
          24,
          2,
          3,
          40,
          Activation.QUICK_GELU,
          1e-5f,
          List.of(1, 2),
          false,
          Activation.GELU,
          true,
          IMAGE);

  private static final Decoder DECODER = new Decoder(TinyModels.llama(512, 0).spec().reading(SPEC));

  private static Kernels open(String backend) {
    return Backends.open(Optional.of(backend), 2, ComputeMode.F32);
  }

  private static ModelParameters parameters(Kernels kernels) {
    return ModelParameters.inPlace(DECODER, kernels, TinyModels.weights(DECODER, 5));
  }

  private static Tensor image(long seed) {
    float[] values = new float[SPEC.pixels()];
    CounterRandom random = new CounterRandom(seed, 9);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.normal(i);
    }
    return Tensor.copyOf(values, 3, 22, 22);
  }

  private static int[] prompt(int images) {
    int[] ids = new int[5 + 6 * images];
    Arrays.fill(ids, 7);
    for (int i = 0; i < images; i++) {
      ids[3 + 6 * i] = IMAGE;
    }
    return SPEC.expanded(ids, images, "<image>");
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector"})
  void an_image_has_the_features_alone_that_it_has_among_others(String backend) {
    try (Kernels kernels = open(backend)) {
      VisionPass pass =
          new VisionPass(DECODER.vision().orElseThrow(), parameters(kernels), kernels);
      Tensor both = pass.features(List.of(image(1), image(2)));
      Tensor second = pass.features(List.of(image(2)));

      assertThat(both.rows()).isEqualTo(2L * SPEC.features());
      assertThat(both.rows(25, 50).toFloats()).isEqualTo(second.toFloats());
      assertThat(both.rows(0, 25).toFloats()).isNotEqualTo(second.toFloats());
    }
  }

  /** Prompts beyond a pass are cut into passes, images, too. */
  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector"})
  void a_prompt_with_images_cut_into_passes_gives_the_same_bits(String backend) {
    try (Kernels kernels = open(backend)) {
      ModelParameters parameters = parameters(kernels);
      VisionPass pass = new VisionPass(DECODER.vision().orElseThrow(), parameters, kernels);
      int[] ids = prompt(6);
      assertThat(ids.length).isGreaterThan(Inference.CHUNK);
      Optional<Tensor> features =
          Optional.of(
              pass.features(List.of(image(1), image(2), image(3), image(4), image(5), image(6))));
      KvCache cache = new KvCache(DECODER.spec(), kernels, 1024);
      Inference inference = new Inference(DECODER, parameters, kernels, cache, 2);
      try (Sequence whole = new Sequence(cache);
          Sequence cut = new Sequence(cache);
          Sequence other = new Sequence(cache)) {
        float[] want = inference.feed(whole, ids, features).toFloats();
        Tensor got = Tensor.zeros(1, 1);
        for (int from = 0; from < ids.length; from += 17) {
          int to = Math.min(ids.length, from + 17);
          got =
              inference.run(
                  List.of(
                      new Inference.Feed(other, new int[] {3}, 0, 1),
                      new Inference.Feed(cut, ids, from, to, features)));
        }
        assertThat(got.rows(1, 2).toFloats()).isEqualTo(want);
      }
    }
  }

  @Test
  void a_whole_pass_agrees_with_the_cache() {
    try (Kernels kernels = open("vector")) {
      ModelParameters parameters = parameters(kernels);
      int[] ids = prompt(2);
      SequencePass whole = pass(parameters, kernels, ids.length, 2);
      for (int i = 0; i < ids.length; i++) {
        whole.tokens().setInt(0, i, ids[i]);
      }
      whole.image(0, image(1));
      whole.image(1, image(2));
      whole.forward();
      VisionPass vision = new VisionPass(DECODER.vision().orElseThrow(), parameters, kernels);
      KvCache cache = new KvCache(DECODER.spec(), kernels, 512);
      Inference inference = new Inference(DECODER, parameters, kernels, cache, 1);
      try (Sequence sequence = new Sequence(cache)) {
        Tensor features = vision.features(List.of(image(1), image(2)));
        float[] got = inference.feed(sequence, ids, Optional.of(features)).toFloats();
        float[] want = whole.result().rows(ids.length - 1, ids.length).toFloats();
        for (int i = 0; i < got.length; i++) {
          assertThat(got[i]).isCloseTo(want[i], org.assertj.core.data.Offset.offset(1e-4f * 10));
        }
      }
    }
  }

  private static SequencePass pass(
      ModelParameters parameters, Kernels kernels, int length, int images) {
    return new SequencePass(
        DECODER,
        parameters,
        kernels,
        1,
        length,
        images,
        SequencePass.Output.LOGITS,
        name -> false,
        Tape.Purpose.INFERENCE,
        1);
  }

  @Test
  void images_and_places_that_do_not_match_are_refused() {
    try (Kernels kernels = open("scalar")) {
      ModelParameters parameters = parameters(kernels);
      SequencePass one = pass(parameters, kernels, 10, 1);
      assertThatThrownBy(one::forward)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("image 0 was never put in");
      assertThatThrownBy(() -> one.image(1, image(1))).hasMessageContaining("image 1 of a pass");
      assertThatThrownBy(() -> one.image(0, Tensor.zeros(3, 21, 22)))
          .hasMessageContaining("the tower reads [3, 22, 22]");
      one.image(0, image(1));
      assertThatThrownBy(one::forward)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("0 image tokens (49) for 25 features");
      assertThatThrownBy(() -> pass(parameters, kernels, 10, 0).image(0, image(1)))
          .hasMessageContaining("made without images");
      KvCache cache = new KvCache(DECODER.spec(), kernels, 64);
      Inference inference = new Inference(DECODER, parameters, kernels, cache, 1);
      try (Sequence sequence = new Sequence(cache)) {
        assertThatThrownBy(
                () ->
                    inference.feed(
                        sequence, new int[] {1, IMAGE}, Optional.of(Tensor.zeros(3, 32))))
            .hasMessageContaining("features [3, 32] for 1 image tokens (49)");
      }
    }
  }

  @Test
  void an_image_token_becomes_as_many_as_there_are_features() {
    int[] expanded = SPEC.expanded(new int[] {1, IMAGE, 2}, 1, "<image>");

    assertThat(expanded).hasSize(27).startsWith(1, IMAGE, IMAGE).endsWith(IMAGE, 2);
    assertThat(SPEC.expanded(expanded, 1, "<image>")).isEqualTo(expanded);
    assertThatThrownBy(() -> SPEC.expanded(new int[] {1}, 2, "<image>"))
        .hasMessageContaining("0 image tokens (<image>) for 2 images; put one where each");
  }
}
