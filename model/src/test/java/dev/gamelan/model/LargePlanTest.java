package dev.gamelan.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.gamelan.model.family.Config;
import dev.gamelan.model.family.Families;
import dev.gamelan.tensor.tape.Plan;
import dev.gamelan.tensor.tape.Tape;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** Llama 2 70B is planned on any machine. */
class LargePlanTest {
  private static final int LENGTH = 4096;

  private static Decoder llama70B() {
    return new Decoder(
        Families.read(
                new Config(
                    "70B",
                    JsonMapper.builder()
                        .build()
                        .readTree(
                            """
                            {"architectures": ["LlamaForCausalLM"], "vocab_size": 32000,
                             "num_hidden_layers": 80, "hidden_size": 8192,
                             "num_attention_heads": 64, "num_key_value_heads": 8,
                             "intermediate_size": 28672, "max_position_embeddings": 4096,
                             "rms_norm_eps": 1e-5}
                            """)))
            .spec());
  }

  @Test
  void its_work_is_two_operations_a_parameter_and_token_and_that_of_attention() {
    Decoder decoder = llama70B();
    Plan plan =
        SequencePass.plan(decoder, 1, LENGTH, SequencePass.Output.LOSS, Tape.Purpose.TRAINING);

    assertThat(decoder.parameterCount()).isEqualTo(68_976_648_192L);
    double products = 2.0 * (decoder.parameterCount() - 32000L * 8192) * LENGTH;
    double attention = 80 * 4.0 * (LENGTH * (LENGTH + 1) / 2.0) * 8192;
    assertThat((double) plan.cost().forward())
        .isCloseTo(products + attention, within(0.001 * products));
    assertThat((double) plan.cost().backward())
        .isCloseTo(2 * products + 2.5 * attention, within(0.001 * products));
  }

  @Test
  void its_inference_needs_the_memory_of_a_layer_and_its_training_that_of_all() {
    Decoder decoder = llama70B();
    long row = 4L * LENGTH;
    long inference =
        SequencePass.plan(decoder, 1, LENGTH, SequencePass.Output.LOG_PROBS, Tape.Purpose.INFERENCE)
            .bytes();
    long training =
        SequencePass.plan(decoder, 1, LENGTH, SequencePass.Output.LOSS, Tape.Purpose.TRAINING)
            .bytes();

    // The widest moment: up and gate, their product, the stream, and its norm.
    assertThat(inference).isBetween(row * (3L * 28672 + 8192), row * (3L * 28672 + 3L * 8192));
    // Saved by a layer: two norms' input and output, qkv, attention, up and gate and product.
    long layer = row * (4L * 8192 + 10240 + 8192 + 3L * 28672);
    assertThat(training).isBetween(80 * layer, 80 * layer * 21 / 20);
  }

  @Test
  void the_same_shapes_give_the_same_plan_and_half_the_rows_about_half_the_memory() {
    Decoder decoder = llama70B();
    long[] bytes = new long[3];
    for (int i = 0; i < 3; i++) {
      bytes[i] =
          SequencePass.plan(
                  decoder,
                  1,
                  i == 2 ? LENGTH / 2 : LENGTH,
                  SequencePass.Output.LOSS,
                  Tape.Purpose.TRAINING)
              .bytes();
    }

    assertThat(bytes[1]).isEqualTo(bytes[0]);
    assertThat((double) bytes[2]).isCloseTo(bytes[0] / 2.0, within(0.001 * bytes[0]));
  }
}
