package dev.gamelan.train;

import dev.gamelan.model.Decoder;
import dev.gamelan.model.DecoderSpec;
import dev.gamelan.model.ParameterSpec;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.random.CounterRandom;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** How parameters begin: normal deviates that are a function of (seed, parameter, element). */
public enum Initializer {
  /**
   * Pythia's and GPT-NeoX-20B's: √(2/5d) (Nguyen and Salazar, 2019, "small init"), and 2/(L√d) for
   * what writes to the stream (Wang and Komatsuzaki, 2021).
   */
  SMALL,
  /** 0.02, and 0.02/√(2L) for what writes to the stream: GPT-2's, LLaMA's in most re-trainings. */
  SCALED;

  private static final long STREAM = 0x1417;

  double deviation(ParameterSpec parameter, DecoderSpec spec) {
    double d = spec.width();
    return switch (parameter.role()) {
      case EMBEDDING, INPUT, HEAD -> this == SMALL ? Math.sqrt(2 / (5 * d)) : 0.02;
      case OUTPUT ->
          this == SMALL
              ? 2 / (spec.layers() * Math.sqrt(d))
              : 0.02 / Math.sqrt(2.0 * spec.layers());
      // As wide as PEFT's uniform deviates of ±1/√in.
      case LOW_RANK_IN -> 1 / Math.sqrt(3.0 * parameter.shape().columns());
      case LOW_RANK_OUT, NORM, BIAS -> 0;
    };
  }

  /**
   * Fills all parameters: norms with 1, biases and what begins at 0 with that, the rest with
   * deviates.
   */
  public void initialize(Decoder decoder, Map<String, Tensor> weights, long seed) {
    List<ParameterSpec> parameters = decoder.parameters();
    for (int i = 0; i < parameters.size(); i++) {
      ParameterSpec p = parameters.get(i);
      Tensor w = weights.get(p.name());
      if (p.role() == ParameterSpec.Role.NORM || p.role() == ParameterSpec.Role.BIAS) {
        fill(w, p.role() == ParameterSpec.Role.NORM ? 1 : 0);
      } else {
        draw(w, deviation(p, decoder.spec()), new CounterRandom(seed, STREAM).child(i));
      }
    }
  }

  private static void fill(Tensor w, float value) {
    for (long c = 0; c < w.columns(); c++) {
      w.set(0, c, value);
    }
  }

  private static void draw(Tensor w, double deviation, CounterRandom random) {
    long columns = w.columns();
    IntStream.range(0, Math.toIntExact(w.rows()))
        .parallel()
        .forEach(
            r -> {
              for (long c = 0; c < columns; c++) {
                w.set(r, c, (float) (deviation * random.normal(r * columns + c)));
              }
            });
  }
}
