package dev.gamelan.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.gamelan.model.family.Config;
import dev.gamelan.model.family.Families;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Backends;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.tape.Tape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** The load-balancing loss joins the loss of training once, however a step is cut into passes. */
class LoadBalanceTest {
  private static final int LENGTH = 10;
  private static final String ROUTER = "layers.1.mlp.router.weight";

  private record Outcome(double loss, Optional<Double> balance, float[] router) {}

  private static Decoder mixtral(boolean balanced) {
    return new Decoder(
        Families.read(
                new Config(
                    "test",
                    JsonMapper.builder()
                        .build()
                        .readTree(
                            """
                            {"architectures": ["MixtralForCausalLM"], "hidden_size": 32,
                             "intermediate_size": 24, "num_attention_heads": 4,
                             "num_hidden_layers": 2, "vocab_size": 61, "num_local_experts": 4,
                             "max_position_embeddings": 64, "router_aux_loss_coef": 0.5,
                             "output_router_logits": %s}
                            """
                                .formatted(balanced))))
            .spec());
  }

  private static Outcome train(boolean balanced, int passes, Tape.Purpose purpose) {
    Decoder decoder = mixtral(balanced);
    Map<String, Tensor> gradients = new LinkedHashMap<>();
    decoder.parameters().forEach(p -> gradients.put(p.name(), Tensor.zeros(p.shape().extents())));
    try (Kernels kernels = Backends.open(Optional.of("scalar"), 1, ComputeMode.F32)) {
      SequencePass pass =
          new SequencePass(
              decoder,
              ModelParameters.trainable(
                  decoder, kernels, TinyModels.weights(decoder, 3), gradients),
              kernels,
              1,
              LENGTH,
              SequencePass.Output.LOSS,
              name -> purpose == Tape.Purpose.TRAINING,
              purpose,
              passes);
      for (int i = 0; i < LENGTH; i++) {
        pass.tokens().setInt(0, i, 5 * i % 61);
        pass.targets().setInt(0, i, 5 * (i + 1) % 61);
        pass.weights().set(0, i, 1f / (LENGTH * passes));
      }
      double loss = 0;
      for (int i = 0; i < passes; i++) {
        pass.forward();
        if (purpose == Tape.Purpose.TRAINING) {
          pass.backward();
        }
        loss += pass.sum();
      }
      return new Outcome(loss, pass.balanceLoss(), gradients.get(ROUTER).toFloats());
    }
  }

  @Test
  void the_loss_of_training_is_cross_entropy_and_the_weighted_balance() {
    Outcome plain = train(false, 1, Tape.Purpose.TRAINING);
    Outcome balanced = train(true, 1, Tape.Purpose.TRAINING);

    assertThat(plain.balance()).isEmpty();
    // Two choices a row: 2 where all experts are used alike, more otherwise.
    assertThat(balanced.balance().orElseThrow()).isBetween(2.0, 8.0);
    assertThat(balanced.loss())
        .isCloseTo(plain.loss() + 0.5 * balanced.balance().orElseThrow(), within(1e-5));
    assertThat(balanced.router()).isNotEqualTo(plain.router());
  }

  @Test
  void a_step_in_several_passes_has_the_balance_once() {
    Outcome whole = train(true, 1, Tape.Purpose.TRAINING);
    Outcome cut = train(true, 4, Tape.Purpose.TRAINING);

    assertThat(cut.loss()).isCloseTo(whole.loss(), within(1e-5));
    assertThat(cut.router()).containsExactly(whole.router(), within(1e-5f));
  }

  @Test
  void validation_is_cross_entropy_alone() {
    assertThat(train(true, 1, Tape.Purpose.INFERENCE).loss())
        .isCloseTo(train(false, 1, Tape.Purpose.TRAINING).loss(), within(1e-5));
  }
}
