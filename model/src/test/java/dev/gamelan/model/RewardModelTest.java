package dev.gamelan.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.model.checkpoint.Checkpoint;
import dev.gamelan.model.family.Config;
import dev.gamelan.model.family.Families;
import dev.gamelan.model.family.Family;
import dev.gamelan.model.family.Scoring;
import dev.gamelan.tensor.spi.Backends;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class RewardModelTest {
  private static final String LLAMA =
      """
      {"architectures": ["%s"], "model_type": "llama", "vocab_size": 50, "hidden_size": 16,
       "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2,
       "max_position_embeddings": 64, "pad_token_id": 0%s}""";

  private static Family read(String architecture, String more) {
    return Families.read(
        new Config(
            "test", JsonMapper.builder().build().readTree(LLAMA.formatted(architecture, more))));
  }

  private static Kernels open(String backend) {
    return Backends.open(Optional.of(backend), 2, ComputeMode.F32);
  }

  private static RewardModel save(Family family, Path folder, Kernels kernels) {
    Decoder decoder = new Decoder(family.spec());
    Checkpoint.save(folder, family, TinyModels.weights(decoder, 3));
    return RewardModel.open(folder, kernels);
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector"})
  void a_score_depends_on_neither_padding_nor_the_other_sequences(
      String backend, @TempDir Path folder) {
    try (Kernels kernels = open(backend)) {
      RewardModel model =
          save(read("LlamaForSequenceClassification", ", \"num_labels\": 1"), folder, kernels);
      int[] a = {5, 6, 7, 8, 9};
      int[] b = {11, 3};

      float alone = model.score(a);
      List<float[]> together = model.scores(List.of(b, a, Arrays.copyOf(b, 12)));

      assertThat(together.get(1)).containsExactly(alone);
      assertThat(together.get(2)).isEqualTo(together.get(0)).containsExactly(model.score(b));
      assertThat(alone).isNotEqualTo(model.score(new int[] {5, 6, 7, 8, 10}));
    }
  }

  @Test
  void the_last_token_is_the_last_that_is_no_padding() {
    assertThat(RewardModel.lastToken(new int[] {4, 0, 5, 0, 0}, Optional.of(0))).isEqualTo(2);
    assertThat(RewardModel.lastToken(new int[] {4, 0, 5, 0, 0}, Optional.empty())).isEqualTo(4);
    assertThat(RewardModel.lastToken(new int[] {0, 0}, Optional.of(0))).isZero();
  }

  @Test
  void several_labels_come_by_their_names(@TempDir Path folder) {
    try (Kernels kernels = open("scalar")) {
      RewardModel model =
          save(
              read(
                  "LlamaForSequenceClassification",
                  ", \"id2label\": {\"0\": \"helpful\", \"1\": \"safe\"}"),
              folder,
              kernels);

      assertThat(model.labels()).containsExactly("helpful", "safe");
      assertThat(model.scores(List.of(new int[] {3, 4})).getFirst()).hasSize(2);
      assertThatThrownBy(() -> model.score(new int[] {3, 4}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("2 scores")
          .hasMessageContaining("helpful");
    }
  }

  @Test
  void a_reward_model_is_made_of_a_language_model_and_saved_as_one(@TempDir Path folder) {
    Scoring reward = Scoring.reward(read("LlamaForCausalLM", ""), Optional.of(2));
    try (Kernels kernels = open("scalar")) {
      RewardModel model = save(reward, folder, kernels);

      assertThat(model.family()).isEqualTo(reward);
      assertThat(model.family().config().get("architectures").get(0).asString())
          .isEqualTo("LlamaForSequenceClassification");
      assertThat(model.decoder().spec().labels()).contains(1);
    }
  }

  @Test
  void a_language_model_and_bad_tokens_are_refused(@TempDir Path folder, @TempDir Path lm) {
    try (Kernels kernels = open("scalar")) {
      Family plain = read("LlamaForCausalLM", "");
      Checkpoint.save(lm, plain, TinyModels.weights(new Decoder(plain.spec()), 3));
      assertThatThrownBy(() -> RewardModel.open(lm, kernels))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("ForSequenceClassification");

      RewardModel model = save(read("LlamaForSequenceClassification", ""), folder, kernels);
      assertThatThrownBy(() -> model.scores(List.of(new int[0])))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("no tokens");
      assertThatThrownBy(() -> model.scores(List.of(new int[] {50})))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("token 50");
      assertThatThrownBy(() -> Model.open(folder, kernels).logProbabilities(new int[] {1, 2}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("head of 2 scores".replace("2", "1"));
    }
  }
}
