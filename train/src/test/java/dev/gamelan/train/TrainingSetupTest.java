package dev.gamelan.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingSetupTest {
  private static final String MODEL =
      """
      {"model_type": "llama", "vocab_size": 300, "hidden_size": 8, "intermediate_size": 12,
       "num_hidden_layers": 1, "num_attention_heads": 2, "max_position_embeddings": 32}""";

  @TempDir Path folder;

  /** The configuration with another value of one key. */
  static TrainingConfig with(TrainingConfig config, String key, Object value) {
    try {
      RecordComponent[] components = TrainingConfig.class.getRecordComponents();
      Object[] values = new Object[components.length];
      for (int i = 0; i < components.length; i++) {
        values[i] =
            components[i].getName().equals(key)
                ? value
                : components[i].getAccessor().invoke(config);
      }
      return (TrainingConfig) TrainingConfig.class.getDeclaredConstructors()[0].newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private Path file(String more) throws Exception {
    return Files.writeString(
        folder.resolve("config.json"),
        "{\"run\": \"runs/a\", \"data\": \"d\", \"model\": " + MODEL + more + "}");
  }

  private TrainingSetup read(String more) throws Exception {
    return TrainingSetup.read(file(more), Map.of());
  }

  @Test
  void what_is_absent_is_as_in_pythia_s_recipe() throws Exception {
    TrainingSetup setup = read(", \"steps\": 200");

    assertThat(setup.config()).isEqualTo(TrainingConfig.pythia(32, 8, 200, 1e-3, 1234));
    assertThat(setup.run()).isEqualTo(Path.of("runs/a"));
    assertThat(setup.data()).isEqualTo(Path.of("d"));
    assertThat(setup.from()).isEmpty();
    assertThat(setup.tokenizer()).isEmpty();
    assertThat(setup.prompts()).isEmpty();
  }

  @Test
  void every_key_is_taken_and_overrides_go_first() throws Exception {
    Path file =
        file(
            ", \"steps\": 200, \"batch_size\": 3, \"schedule\": \"linear\","
                + " \"initializer\": \"scaled\", \"weight_decay\": 0,"
                + " \"checkpoint_log_spaced\": false, \"seed\": 9999999999,"
                + " \"tokenizer\": \"t.json\", \"prompts\": [\"a\", \"b\"]");

    TrainingSetup setup =
        TrainingSetup.read(file, Map.of("batch_size", "4", "run", "elsewhere", "prompts", "[]"));

    TrainingConfig config = setup.config();
    assertThat(config.batch_size()).isEqualTo(4);
    assertThat(config.schedule()).isEqualTo(Schedule.Decay.LINEAR);
    assertThat(config.initializer()).isEqualTo(Initializer.SCALED);
    assertThat(config.weight_decay()).isZero();
    assertThat(config.checkpoint_log_spaced()).isFalse();
    assertThat(config.seed()).isEqualTo(9999999999L);
    assertThat(setup.run()).isEqualTo(Path.of("elsewhere"));
    assertThat(setup.tokenizer()).isEqualTo(Optional.of(Path.of("t.json")));
    assertThat(setup.prompts()).isEmpty();
    assertThat(TrainingSetup.read(file, Map.of()).prompts()).containsExactly("a", "b");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"stepz\": 5 | no key 'stepz'; the nearest is 'steps'",
        "\"steps\": 5, \"learning_rat\": 1 | the nearest is 'learning_rate'",
        "\"batch_size\": 5 | steps is missing",
        "\"steps\": null | steps is missing",
        "\"steps\": \"5\" | steps is \"5\"; it must be an integer",
        "\"steps\": 5.5 | steps is 5.5; it must be an integer",
        "\"steps\": 0 | steps is 0",
        "\"steps\": -3 | steps is -3",
        "\"steps\": 5, \"steps\": 6 | steps",
        "\"steps\": 5, \"batch_size\": 5000000000 | batch_size is 5000000000; it must be an integer",
        "\"steps\": 5, \"batch_size\": 0 | batch_size is 0; it must be at least 1",
        "\"steps\": 5, \"batch_size\": null | batch_size is null",
        "\"steps\": 5, \"batch_size\": [4] | batch_size is [4]",
        "\"steps\": 5, \"learning_rate\": \"fast\" | learning_rate is \"fast\"; it must be a number",
        "\"steps\": 5, \"learning_rate\": 0 | learning_rate is 0",
        "\"steps\": 5, \"warmup_steps\": 6 | warm-up",
        "\"steps\": 5, \"adam_beta1\": 1 | adam_beta1 is 1",
        "\"steps\": 5, \"adam_epsilon\": 0 | adam_epsilon is 0",
        "\"steps\": 5, \"gradient_clip\": -1 | gradient_clip -1",
        "\"steps\": 5, \"validation_fraction\": 0 | validation_fraction is 0",
        "\"steps\": 5, \"validation_fraction\": 1 | validation_fraction is 1",
        "\"steps\": 5, \"schedule\": \"cosin\" | it must be one of cosine, linear, constant",
        "\"steps\": 5, \"schedule\": 3 | schedule is 3",
        "\"steps\": 5, \"checkpoint_log_spaced\": \"yes\" | it must be true or false",
        "\"steps\": 5, \"tokenizer\": 5 | tokenizer is 5; it must be a string",
        "\"steps\": 5, \"prompts\": \"a\" | prompts is \"a\"; it must be a list of strings",
        "\"steps\": 5, \"prompts\": [5] | prompts is [5]; it must be a list of strings",
        "\"steps\": 5, \"prompts\": [{}] | it must be a list of strings",
        "\"steps\": 5, \"prompts\": {\"a\": \"b\"} | it must be a list of strings",
        "\"steps\": 5, \"prompts\": null | it must be a list of strings"
      })
  void a_wrong_key_or_value_is_told_with_the_file(String more, String message) throws Exception {
    Path file = file(", " + more);

    assertThatThrownBy(() -> TrainingSetup.read(file, Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"run", "data", "model"})
  void a_missing_required_key_is_named(String key) throws Exception {
    Path file = file(", \"steps\": 5");

    assertThatThrownBy(() -> TrainingSetup.read(file, Map.of(key, "null")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(key + " is missing");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "[]", "5", "null"})
  void a_file_that_is_no_json_object_is_refused(String text) throws Exception {
    Path file = Files.writeString(folder.resolve("bad.json"), text);

    assertThatThrownBy(() -> TrainingSetup.read(file, Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void an_absent_file_an_unknown_model_and_an_absent_checkpoint_are_named() throws Exception {
    Path absent = folder.resolve("absent.json");
    assertThatThrownBy(() -> TrainingSetup.read(absent, Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("absent.json");

    Path file = file(", \"steps\": 5");
    assertThatThrownBy(
            () -> TrainingSetup.read(file, Map.of("model", "{\"model_type\": \"lama\"}")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the nearest is \"llama\"");
    assertThatThrownBy(() -> TrainingSetup.read(file, Map.of("model", "no/such/model")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no/such/model")
        .hasMessageContaining("there is no such path");
    assertThatThrownBy(() -> TrainingSetup.read(file, Map.of("model", "[1]")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("JSON object");
  }
}
