package dev.gamelan.tensor.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.spi.OptimizerKernels.AdamW;
import org.junit.jupiter.api.Test;

/** AdamW and the norm of gradients. */
public abstract class OptimizerContract extends BackendContract {
  private static final int[] LENGTHS = {0, 1, 2, 7, 13, 16, 17, 31, 33, 64, 207, 4098, 100_003};

  @Test
  void adamw_agrees_at_every_length_step_and_setting() {
    AdamW[] settings = {
      new AdamW(1e-3, 0.9, 0.999, 1e-8, 0.1, 1, 1),
      new AdamW(6e-4, 0.9, 0.95, 1e-8, 0, 2, 0.25),
      new AdamW(0.1, 0, 0, 1e-5, 0.01, 1000, 3),
      new AdamW(0, 0.9, 0.999, 1e-8, 0.1, 100_000, 1)
    };
    for (int n : LENGTHS) {
      for (AdamW setting : settings) {
        agrees("%s of %d".formatted(setting, n), Tolerance.of(1e-5, 1e-6), adamW(n, setting));
      }
    }
  }

  @Test
  void the_first_step_goes_a_learning_rate_against_the_gradient() {
    Tensor p = Tensor.copyOf(new float[] {1, 1, 1}, 3);
    Tensor g = Tensor.copyOf(new float[] {0.5f, -2, 0}, 3);
    kernels.adamW(
        p, g, Tensor.zeros(3), Tensor.zeros(3), new AdamW(0.01, 0.9, 0.999, 1e-8, 0.1, 1, 1));
    kernels.finish();
    // 1 − lr·decay − lr·sign(g)
    assertThat(p.get(0, 0)).isCloseTo(0.989f, within(1e-6f));
    assertThat(p.get(0, 1)).isCloseTo(1.009f, within(1e-6f));
    assertThat(p.get(0, 2)).isCloseTo(0.999f, within(1e-6f));
  }

  @Test
  void adamw_has_the_same_bits_with_any_number_of_threads() {
    sameBitsWithAnyThreads("adamW", adamW(100_003, new AdamW(1e-3, 0.9, 0.999, 1e-8, 0.1, 7, 0.5)));
  }

  @Test
  void an_element_steps_the_same_wherever_it_lies() {
    AdamW setting = new AdamW(1e-3, 0.9, 0.999, 1e-8, 0.1, 7, 0.5);
    Tensor[] whole = state(1000);
    Tensor[] parts = state(1000);
    kernels.adamW(whole[0], whole[1], whole[2], whole[3], setting);
    for (int[] range : new int[][] {{0, 13}, {13, 500}, {500, 501}, {501, 1000}}) {
      kernels.adamW(
          slice(parts[0], range[0], range[1]),
          slice(parts[1], range[0], range[1]),
          slice(parts[2], range[0], range[1]),
          slice(parts[3], range[0], range[1]),
          setting);
    }
    kernels.finish();
    for (int i = 0; i < 4; i++) {
      assertSameBits("state " + i, parts[i], whole[i]);
    }
  }

  @Test
  void the_sum_of_squares_is_summed_in_double_in_one_order() {
    for (int n : LENGTHS) {
      Tensor x = operands().input(1, n, 10).reshape(n);
      double expected = reference.sumOfSquares(x);
      assertThat(kernels.sumOfSquares(x)).isCloseTo(expected, within(1e-12 * expected));
      for (int threads : new int[] {1, 2, 3, 5}) {
        try (Kernels k = open(threads, ComputeMode.F32)) {
          assertThat(k.sumOfSquares(x)).isEqualTo(kernels.sumOfSquares(x));
        }
      }
    }
  }

  @Test
  void the_sum_of_squares_neither_overflows_nor_hides_infinity_and_nan() {
    Tensor x = Tensor.copyOf(new float[] {3e38f, 1, -3e38f}, 3);
    assertThat(kernels.sumOfSquares(x)).isCloseTo(1.8e77, within(1e71));
    x.set(0, 1, Float.NEGATIVE_INFINITY);
    assertThat(kernels.sumOfSquares(x)).isEqualTo(Double.POSITIVE_INFINITY);
    x.set(0, 2, Float.NaN);
    assertThat(kernels.sumOfSquares(x)).isNaN();
  }

  private static Call adamW(int n, AdamW setting) {
    return (k, o) -> {
      Tensor p = o.output(n);
      Tensor g = o.vector(n);
      Tensor m = o.output(n);
      Tensor v = o.positiveOutput(n);
      k.adamW(p, g, m, v, setting);
    };
  }

  private static Tensor[] state(int n) {
    Operands o = operands();
    Tensor[] state = {o.vector(n), o.vector(n), o.vector(n), o.vector(n)};
    for (int i = 0; i < n; i++) {
      state[3].set(0, i, Math.abs(state[3].get(0, i)));
    }
    return state;
  }
}
