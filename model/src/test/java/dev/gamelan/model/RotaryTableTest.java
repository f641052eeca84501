package dev.gamelan.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.RotaryStyle;
import org.junit.jupiter.api.Test;

/**
 * Frequencies against values that the formulas of transformers' {@code modeling_rope_utils} give in
 * double precision (Python, 16 dims).
 */
class RotaryTableTest {
  private static void assertFrequencies(
      double base, RopeScaling scaling, int length, double... expected) {
    float[] f =
        RotaryTable.frequencies(
            new DecoderSpec.Rotary(RotaryStyle.HALF_SPLIT, 16, base, scaling), length);
    assertThat(f).hasSize(expected.length);
    for (int i = 0; i < f.length; i++) {
      assertThat((double) f[i])
          .as("frequency %d", i)
          .isCloseTo(expected[i], within(1e-6 * expected[i]));
    }
  }

  @Test
  void unscaled_frequencies_fall_geometrically() {
    assertFrequencies(
        10000,
        new RopeScaling.None(),
        64,
        1,
        0.316227766,
        0.1,
        0.0316227766,
        0.01,
        0.00316227766,
        0.001,
        0.000316227766);
  }

  @Test
  void linear_scaling_divides_all() {
    assertFrequencies(
        10000,
        new RopeScaling.Linear(4),
        64,
        0.25,
        0.0790569415,
        0.025,
        0.00790569415,
        0.0025,
        0.000790569415,
        0.00025,
        7.90569415e-05);
  }

  @Test
  void dynamic_scaling_changes_nothing_up_to_the_original_length() {
    assertFrequencies(
        10000,
        new RopeScaling.Dynamic(2, 64),
        64,
        1,
        0.316227766,
        0.1,
        0.0316227766,
        0.01,
        0.00316227766,
        0.001,
        0.000316227766);
  }

  @Test
  void dynamic_scaling_raises_the_base_beyond_the_original_length() {
    assertFrequencies(
        10000,
        new RopeScaling.Dynamic(2, 64),
        256,
        1,
        0.239481356,
        0.0573513199,
        0.0137345719,
        0.00328917389,
        0.000787695824,
        0.000188638464,
        4.51753951e-05);
  }

  @Test
  void llama_3_keeps_the_high_divides_the_low_and_blends_between() {
    assertFrequencies(
        500000,
        new RopeScaling.Llama3(8, 1, 4, 8192),
        131072,
        1,
        0.193922745,
        0.0376060309,
        0.00729266474,
        0.000524846161,
        3.4281022e-05,
        6.64786987e-06,
        1.28917317e-06);
    assertFrequencies(
        10000,
        new RopeScaling.Llama3(8, 1, 4, 64),
        512,
        1,
        0.244384599,
        0.013042256,
        0.00395284708,
        0.00125,
        0.000395284708,
        0.000125,
        3.95284708e-05);
  }

  @Test
  void yarn_interpolates_by_parts() {
    assertFrequencies(
        10000,
        new RopeScaling.Yarn(4, 64, 32, 1, 1, true),
        256,
        1,
        0.237170825,
        0.05,
        0.00790569415,
        0.0025,
        0.000790569415,
        0.00025,
        7.90569415e-05);
    assertFrequencies(
        10000,
        new RopeScaling.Yarn(4, 2048, 32, 1, 1, true),
        8192,
        1,
        0.316227766,
        0.1,
        0.025693506,
        0.00625,
        0.00138349648,
        0.00025,
        7.90569415e-05);
    assertFrequencies(
        10000,
        new RopeScaling.Yarn(4, 2048, 32, 1, 1, false),
        8192,
        1,
        0.316227766,
        0.1,
        0.0238701923,
        0.00505697152,
        0.000811290382,
        0.00025,
        7.90569415e-05);
  }

  @Test
  void a_row_holds_cosines_and_sines_of_position_times_frequency_times_yarn_s_factor() {
    DecoderSpec.Rotary rotary =
        new DecoderSpec.Rotary(
            RotaryStyle.HALF_SPLIT, 16, 10000, new RopeScaling.Yarn(4, 64, 32, 1, 1.25, true));
    float[] f = RotaryTable.frequencies(rotary, 256);
    Tensor cos = Tensor.zeros(256, 8);
    Tensor sin = Tensor.zeros(256, 8);

    for (int p : new int[] {0, 1, 63, 255}) {
      RotaryTable.fill(f, RotaryTable.factor(rotary), p, p, cos, sin);
      for (int i = 0; i < 8; i++) {
        double angle = (double) p * f[i];
        assertThat((double) cos.get(p, i)).isCloseTo(1.25 * Math.cos(angle), within(3e-5));
        assertThat((double) sin.get(p, i)).isCloseTo(1.25 * Math.sin(angle), within(3e-5));
      }
    }
  }
}
