package dev.gamelan.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gamelan.model.checkpoint.Checkpoint;
import dev.gamelan.model.generate.Generator.Finish;
import dev.gamelan.model.generate.Generator.Generation;
import dev.gamelan.model.generate.Sampling;
import dev.gamelan.tensor.spi.Backends;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.tape.Tape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The llama2.c model stories260K against what its own program gave. */
class ModelTest {
  private static final Path FOLDER =
      Path.of(System.getProperty("gamelan.shared", "../../shared"))
          .resolve("assets/models/stories260K");

  @BeforeEach
  void needs_the_asset() {
    assumeTrue(Files.isDirectory(FOLDER), () -> FOLDER + " is absent");
  }

  private static Kernels kernels(String backend) {
    return Backends.open(Optional.of(backend), 2, ComputeMode.F32);
  }

  private static Model open(Kernels kernels) {
    return Model.open(FOLDER.resolve("stories260K.bin"), kernels);
  }

  private static JsonNode golden() {
    return JsonMapper.builder()
        .build()
        .readTree(FOLDER.resolve("golden_teacher_forced.json").toFile());
  }

  private static int[] tokens() {
    JsonNode list = golden().path("tokens");
    int[] tokens = new int[list.size()];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = list.get(i).intValue();
    }
    return tokens;
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector"})
  void greedy_text_is_the_golden_one_to_the_letter(String backend) throws Exception {
    try (Kernels kernels = kernels(backend)) {
      StringBuilder streamed = new StringBuilder();
      Generation g = open(kernels).generate("", Sampling.greedy(256), streamed::append);

      String golden = Files.readString(FOLDER.resolve("golden_greedy_256.txt"));
      assertThat(g.text() + "\n").isEqualTo(golden);
      assertThat(streamed).hasToString(g.text());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector"})
  void log_probabilities_are_the_golden_ones(String backend) {
    JsonNode expected = golden().path("next_logprob");
    try (Kernels kernels = kernels(backend)) {
      float[] got = open(kernels).logProbabilities(tokens());

      assertThat(got).hasSize(expected.size());
      double sum = 0;
      for (int i = 0; i < got.length; i++) {
        assertThat((double) got[i])
            .as("token %d", i + 1)
            .isCloseTo(expected.get(i).doubleValue(), within(1e-4));
        sum -= got[i];
      }
      assertThat(sum / got.length).isCloseTo(golden().path("mean_nll").doubleValue(), within(1e-5));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector"})
  void logits_of_the_first_positions_are_the_golden_ones(String backend) {
    JsonNode expected = golden().path("logits_first8_positions");
    int[] tokens = tokens();
    try (Kernels kernels = kernels(backend)) {
      Model model = open(kernels);
      SequencePass pass =
          new SequencePass(
              model.decoder(),
              model.parameters(),
              kernels,
              1,
              expected.size(),
              SequencePass.Output.LOGITS,
              name -> false,
              Tape.Purpose.INFERENCE);
      for (int i = 0; i < expected.size(); i++) {
        pass.tokens().setInt(0, i, tokens[i]);
      }
      pass.forward();

      for (int p = 0; p < expected.size(); p++) {
        for (int v = 0; v < 512; v++) {
          assertThat((double) pass.result().get(p, v))
              .as("position %d, token %d", p, v)
              .isCloseTo(expected.get(p).get(v).doubleValue(), within(1e-4));
        }
      }
    }
  }

  @Test
  void scores_of_too_few_tokens_foreign_ones_and_too_many_are_refused() {
    try (Kernels kernels = kernels("scalar")) {
      Model model = open(kernels);
      assertThatThrownBy(() -> model.logProbabilities(new int[] {1}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("at least 2");
      assertThatThrownBy(() -> model.logProbabilities(new int[] {1, 512}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("token 512");
      assertThatThrownBy(() -> model.logProbabilities(new int[514]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("context of 512");
    }
  }

  @Test
  void a_stop_string_ends_the_story() {
    try (Kernels kernels = kernels("vector")) {
      Sampling sampling = new Sampling(200, 0, 0, 1, 0, 1, 0, List.of("Lily"));
      Generation g = open(kernels).generate("Once upon a time", sampling, piece -> {});

      assertThat(g.finish()).isEqualTo(Finish.STOP_STRING);
      assertThat(g.text()).doesNotContain("Lily");
    }
  }

  @Test
  void a_damaged_bin_is_refused_by_name(@TempDir Path folder) throws Exception {
    byte[] good = Files.readAllBytes(FOLDER.resolve("stories260K.bin"));
    Path file = folder.resolve("damaged.bin");
    for (int length : new int[] {0, 27, 28, good.length / 2, good.length - 4, good.length - 1}) {
      Files.write(file, Arrays.copyOf(good, length));
      assertRefused(file);
    }
    Files.write(file, Arrays.copyOf(good, good.length + 4));
    assertRefused(file);
    for (int field = 0; field < 7; field++) {
      for (int value :
          new int[] {0, -1, 7, Integer.MAX_VALUE, Integer.MIN_VALUE, 1 << 16, 1 << 30}) {
        byte[] bad = good.clone();
        ByteBuffer.wrap(bad).order(ByteOrder.LITTLE_ENDIAN).putInt(4 * field, value);
        Files.write(file, bad);
        assertRefused(file);
      }
    }
  }

  private static void assertRefused(Path file) {
    assertThatThrownBy(() -> Checkpoint.open(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void a_model_without_a_tokenizer_scores_but_cannot_be_prompted(@TempDir Path folder)
      throws Exception {
    Path file = folder.resolve("model.bin");
    Files.copy(FOLDER.resolve("stories260K.bin"), file);
    try (Kernels kernels = kernels("vector")) {
      Model model = Model.open(file, kernels);

      assertThat(model.logProbabilities(new int[] {1, 403, 407})).hasSize(2);
      assertThatThrownBy(() -> model.generate("Once", Sampling.greedy(3), piece -> {}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("no tokenizer")
          .hasMessageContaining("--tokenizer");
    }
  }

  /** Not to the bit: llama2.c keeps the pairs that are rotated beside each other. */
  @Test
  void a_model_saved_as_safetensors_gives_the_same_probabilities(@TempDir Path folder) {
    Checkpoint bin = Checkpoint.open(FOLDER.resolve("stories260K.bin"));
    Checkpoint.save(folder, bin.family(), bin.tensors());
    try (Kernels kernels = kernels("vector")) {
      float[] original = open(kernels).logProbabilities(tokens());
      float[] saved =
          Model.open(folder, FOLDER.resolve("tok512.bin"), kernels).logProbabilities(tokens());
      assertThat(saved).containsExactly(original, within(2e-5f));
    }
  }
}
