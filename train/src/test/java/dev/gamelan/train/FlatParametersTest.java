package dev.gamelan.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.gamelan.model.Decoder;
import dev.gamelan.model.ParameterSpec;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.random.CounterRandom;
import dev.gamelan.tensor.spi.Kernels;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Flat buffers, what fills them and what trains them. */
class FlatParametersTest {
  private static final Decoder DECODER = new Decoder(TinyRun.family(300, 40, 3).spec());

  @Test
  void parameters_that_decay_come_first_each_at_a_cache_line_and_none_overlaps() {
    try (Kernels kernels = TinyRun.kernels("scalar", 1)) {
      FlatParameters flat = new FlatParameters(DECODER, kernels);
      long border = flat.weights().address() + 4 * flat.decaying();
      long end = flat.weights().address();
      long elements = 0;
      Map<String, Tensor> views = flat.weightsByName();
      assertThat(views).hasSameSizeAs(DECODER.parameters());
      for (Map.Entry<String, Tensor> e : views.entrySet()) {
        ParameterSpec spec =
            DECODER.parameters().stream()
                .filter(p -> p.name().equals(e.getKey()))
                .findFirst()
                .orElseThrow();
        assertThat(e.getValue().shape()).isEqualTo(spec.shape());
        assertThat(e.getValue().address() % Tensor.ALIGNMENT).isZero();
        assertThat(e.getValue().address()).isGreaterThanOrEqualTo(end);
        assertThat(e.getValue().address() < border).as(e.getKey()).isEqualTo(spec.decays());
        end = e.getValue().address() + 4 * e.getValue().elements();
        elements += e.getValue().elements();
      }
      assertThat(elements).isEqualTo(DECODER.parameterCount());
      assertThat(end).isLessThanOrEqualTo(flat.weights().address() + 4 * flat.weights().columns());
      List<Tensor> same = List.of(flat.gradients(), flat.m(), flat.v());
      assertThat(same).allMatch(t -> t.columns() == flat.weights().columns());
    }
  }

  @ParameterizedTest
  @EnumSource
  void initial_weights_have_the_deviations_of_the_papers(Initializer initializer) {
    try (Kernels kernels = TinyRun.kernels("scalar", 1)) {
      FlatParameters flat = new FlatParameters(DECODER, kernels);
      initializer.initialize(DECODER, flat.weightsByName(), 1);
      boolean small = initializer == Initializer.SMALL;
      double in = small ? Math.sqrt(2.0 / (5 * 40)) : 0.02;
      double out = small ? 2 / (3 * Math.sqrt(40)) : 0.02 / Math.sqrt(6);

      for (ParameterSpec p : DECODER.parameters()) {
        float[] w = flat.weightsByName().get(p.name()).toFloats();
        double sum = 0;
        double squares = 0;
        for (float x : w) {
          sum += x;
          squares += (double) x * x;
        }
        double deviation =
            switch (p.role()) {
              case EMBEDDING, INPUT, HEAD -> in;
              case OUTPUT -> out;
              case LOW_RANK_IN, LOW_RANK_OUT, NORM, BIAS -> 0;
            };
        double mean = p.role() == ParameterSpec.Role.NORM ? 1 : 0;
        double error = 4 / Math.sqrt(w.length);
        assertThat(sum / w.length).as(p.name()).isCloseTo(mean, within(deviation * error));
        assertThat(Math.sqrt(squares / w.length - mean * mean))
            .as(p.name())
            .isCloseTo(deviation, within(deviation * error));
      }
    }
  }

  @Test
  void initial_weights_are_a_function_of_the_seed_and_differ_between_parameters() {
    try (Kernels kernels = TinyRun.kernels("scalar", 1)) {
      FlatParameters a = new FlatParameters(DECODER, kernels);
      FlatParameters b = new FlatParameters(DECODER, kernels);
      Initializer.SMALL.initialize(DECODER, a.weightsByName(), 5);
      Initializer.SMALL.initialize(DECODER, b.weightsByName(), 5);
      assertThat(b.weights().toFloats()).isEqualTo(a.weights().toFloats());

      Initializer.SMALL.initialize(DECODER, b.weightsByName(), 6);
      assertThat(b.weights().toFloats()).isNotEqualTo(a.weights().toFloats());
      Map<String, Tensor> weights = a.weightsByName();
      assertThat(weights.get("layers.0.mlp.up.weight").toFloats())
          .isNotEqualTo(weights.get("layers.1.mlp.up.weight").toFloats());
    }
  }

  @ParameterizedTest
  @CsvSource({"scalar, false, 1.0", "scalar, true, 0", "vector, false, 1.0", "vector, true, 0.01"})
  void adamw_equals_its_definition_in_double_precision(
      String backend, boolean decayAll, double clip) {
    try (Kernels kernels = TinyRun.kernels(backend, 2)) {
      FlatParameters flat = new FlatParameters(DECODER, kernels);
      Initializer.SMALL.initialize(DECODER, flat.weightsByName(), 3);
      Optimizer optimizer =
          new Optimizer(
              flat, kernels, new Optimizer.Settings(0.9, 0.95, 1e-8, 0.1, decayAll, clip));
      Map<String, double[][]> plain = new LinkedHashMap<>();
      flat.weightsByName()
          .forEach(
              (name, t) ->
                  plain.put(
                      name,
                      new double[][] {
                        doubles(t.toFloats()),
                        new double[(int) t.elements()],
                        new double[(int) t.elements()]
                      }));
      for (int step = 1; step <= 4; step++) {
        double squares = 0;
        int n = 0;
        for (Tensor g : flat.gradientsByName().values()) {
          CounterRandom random = new CounterRandom(step, n++);
          for (long i = 0; i < g.elements(); i++) {
            g.set(i / g.columns(), i % g.columns(), (float) (0.05 * random.normal(i)));
          }
          for (float x : g.toFloats()) {
            squares += (double) x * x;
          }
        }
        double rate = 0.01 * step;

        assertThat(optimizer.step(rate, step))
            .isCloseTo(Math.sqrt(squares), within(1e-6 * Math.sqrt(squares)));

        double scale = clip == 0 ? 1 : Math.min(1, clip / (Math.sqrt(squares) + 1e-6));
        for (ParameterSpec p : DECODER.parameters()) {
          double decay = p.decays() || decayAll ? 0.1 : 0;
          adamW(
              plain.get(p.name()),
              flat.gradientsByName().get(p.name()).toFloats(),
              rate,
              decay,
              step,
              scale);
          float[] got = flat.weightsByName().get(p.name()).toFloats();
          for (int i = 0; i < got.length; i++) {
            assertThat((double) got[i])
                .as("%s[%d] after step %d", p.name(), i, step)
                .isCloseTo(plain.get(p.name())[0][i], within(3e-6));
          }
        }
      }
      assertThat(padding(flat)).as("what lies between parameters").containsOnly(0f);
    }
  }

  private static double[] doubles(float[] x) {
    double[] d = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      d[i] = x[i];
    }
    return d;
  }

  /** Loshchilov and Hutter's AdamW, decoupled decay times the rate. */
  private static void adamW(
      double[][] state, float[] gradient, double rate, double decay, int step, double scale) {
    for (int i = 0; i < gradient.length; i++) {
      double g = gradient[i] * scale;
      state[1][i] = 0.9 * state[1][i] + 0.1 * g;
      state[2][i] = 0.95 * state[2][i] + 0.05 * g * g;
      double m = state[1][i] / (1 - Math.pow(0.9, step));
      double v = state[2][i] / (1 - Math.pow(0.95, step));
      state[0][i] -= rate * decay * state[0][i];
      state[0][i] -= rate * m / (Math.sqrt(v) + 1e-8);
    }
  }

  private static float[] padding(FlatParameters flat) {
    float[] all = flat.weights().toFloats();
    long start = flat.weights().address();
    flat.weightsByName()
        .values()
        .forEach(
            t -> {
              int from = (int) ((t.address() - start) / 4);
              java.util.Arrays.fill(all, from, from + (int) t.elements(), 0);
            });
    return all;
  }

  @Test
  void checkpoint_weights_of_any_storage_type_are_taken_over() {
    try (Kernels kernels = TinyRun.kernels("scalar", 1)) {
      FlatParameters flat = new FlatParameters(DECODER, kernels);
      Map<String, Tensor> half = new LinkedHashMap<>();
      java.lang.foreign.Arena arena = java.lang.foreign.Arena.ofAuto();
      for (ParameterSpec p : DECODER.parameters()) {
        Tensor t = Tensor.allocate(arena, dev.gamelan.tensor.DType.BF16, p.shape().extents());
        t.set(0, 1, 1.5f);
        half.put(p.name(), t);
      }
      flat.load(kernels, half);

      flat.weightsByName().values().forEach(t -> assertThat(t.get(0, 1)).isEqualTo(1.5f));
      assertThat(Optional.of(flat.weights().get(0, 1))).contains(1.5f);
    }
  }
}
