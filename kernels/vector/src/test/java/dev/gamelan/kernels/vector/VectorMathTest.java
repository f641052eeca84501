package dev.gamelan.kernels.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

class VectorMathTest {
  private static final float SMALLEST_NORMAL = Float.MIN_NORMAL;

  @Test
  void exp_errs_by_at_most_1_1_ulp_where_normal() {
    assertThat(worst(VectorMath::exp, StrictMath::exp, -87.33f, 88.7228f)).isLessThan(1.1);
  }

  @Test
  void sigmoid_errs_by_at_most_2_5_ulp_where_normal() {
    assertThat(worst(VectorMath::sigmoid, x -> 1 / (1 + StrictMath.exp(-x)), -87.33f, 100))
        .isLessThan(2.5);
  }

  @Test
  void tanh_errs_by_at_most_1_5_ulp() {
    assertThat(worst(VectorMath::tanh, StrictMath::tanh, -100, 100)).isLessThan(1.5);
  }

  @Test
  void erf_errs_by_at_most_6_ulp() {
    assertThat(worst(VectorMath::erf, VectorMathTest::erf, -100, 100)).isLessThan(6);
  }

  @Test
  void exp_is_exact_at_its_ends() {
    assertThat(at(VectorMath::exp, 0)).isEqualTo(1);
    assertThat(at(VectorMath::exp, -0f)).isEqualTo(1);
    assertThat(at(VectorMath::exp, -104.01f)).isEqualTo(0);
    assertThat(at(VectorMath::exp, -1e30f)).isEqualTo(0);
    assertThat(at(VectorMath::exp, Float.NEGATIVE_INFINITY)).isEqualTo(0);
    assertThat(at(VectorMath::exp, 0x1.62e42ep6f)).isFinite();
    assertThat(at(VectorMath::exp, 0x1.62e43p6f)).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(at(VectorMath::exp, 1e30f)).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(at(VectorMath::exp, Float.POSITIVE_INFINITY)).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(at(VectorMath::exp, -100f)).isCloseTo((float) StrictMath.exp(-100), within(1e-45f));
  }

  @Test
  void the_others_are_exact_at_their_ends() {
    for (float big : new float[] {100, 1e30f, Float.POSITIVE_INFINITY}) {
      assertThat(at(VectorMath::tanh, big)).isEqualTo(1);
      assertThat(at(VectorMath::tanh, -big)).isEqualTo(-1);
      assertThat(at(VectorMath::erf, big)).isEqualTo(1);
      assertThat(at(VectorMath::erf, -big)).isEqualTo(-1);
      assertThat(at(VectorMath::sigmoid, big)).isEqualTo(1);
      assertThat(at(VectorMath::sigmoid, -big)).isBetween(0f, Float.MIN_NORMAL);
    }
    assertThat(at(VectorMath::sigmoid, 0)).isEqualTo(0.5f);
    assertThat(Float.floatToRawIntBits(at(VectorMath::tanh, -0f))).isEqualTo(0x80000000);
    assertThat(Float.floatToRawIntBits(at(VectorMath::erf, -0f))).isEqualTo(0x80000000);
    assertThat(at(VectorMath::tanh, Float.MIN_VALUE)).isEqualTo(Float.MIN_VALUE);
  }

  @Test
  void nan_gives_nan_in_its_lane_alone() {
    FloatVector x = Lanes.all(0.25f).withLane(1, Float.NaN);
    for (UnaryOperator<FloatVector> f : functions()) {
      float[] y = f.apply(x).toArray();
      assertThat(y[1]).isNaN();
      assertThat(y[0]).isFinite();
      assertThat(y[2]).isEqualTo(y[0]);
    }
  }

  @Test
  void tails_are_loaded_and_stored_without_touching_their_neighbours() {
    try (Arena arena = Arena.ofConfined()) {
      for (int count = 0; count <= Lanes.COUNT; count++) {
        Operand from = Operand.rowMajor(arena, 1, Lanes.COUNT, 0, 1).random(5);
        Operand to = Operand.rowMajor(arena, 1, Lanes.COUNT, 0, 3).random(6);
        float[] before = new float[Lanes.COUNT];
        for (int i = 0; i < Lanes.COUNT; i++) {
          before[i] = to.at(0, i);
        }
        FloatVector x = Lanes.loadFirst(from.address(), count);
        Lanes.storeFirst(x, to.address(), count);
        for (int i = 0; i < Lanes.COUNT; i++) {
          assertThat(x.lane(i)).isEqualTo(i < count ? from.at(0, i) : 0);
          assertThat(to.at(0, i)).isEqualTo(i < count ? from.at(0, i) : before[i]);
        }
        assertThat(to.canariesLive()).isTrue();
      }
    }
  }

  private static Iterable<UnaryOperator<FloatVector>> functions() {
    return java.util.List.of(
        VectorMath::exp, VectorMath::sigmoid, VectorMath::tanh, VectorMath::erf);
  }

  private static org.assertj.core.data.Offset<Float> within(float offset) {
    return org.assertj.core.data.Offset.offset(offset);
  }

  private static float at(UnaryOperator<FloatVector> f, float x) {
    return f.apply(Lanes.all(x)).lane(Lanes.COUNT - 1);
  }

  /** The largest error in ulps over floats of both signs and all magnitudes in the range. */
  private static double worst(
      UnaryOperator<FloatVector> f, DoubleUnaryOperator truth, float from, float to) {
    double worst = 0;
    int count = 0;
    float[] x = new float[Lanes.COUNT];
    // A prime step through the bit patterns: every exponent, mantissas without a pattern.
    for (long bits = 0; bits < 1L << 32; bits += 7919) {
      float candidate = Float.intBitsToFloat((int) bits);
      if (candidate >= from && candidate <= to) {
        x[count++] = candidate;
      }
      if (count == Lanes.COUNT) {
        worst = Math.max(worst, worstOf(f, truth, x));
        count = 0;
      }
    }
    for (float dense = Math.max(from, -20); dense < Math.min(to, 20); dense += 1e-4f) {
      x[count++] = dense;
      if (count == Lanes.COUNT) {
        worst = Math.max(worst, worstOf(f, truth, x));
        count = 0;
      }
    }
    return worst;
  }

  private static double worstOf(
      UnaryOperator<FloatVector> f, DoubleUnaryOperator truth, float[] x) {
    float[] y = f.apply(FloatVector.fromArray(Lanes.SPECIES, x, 0)).toArray();
    double worst = 0;
    for (int i = 0; i < x.length; i++) {
      double exact = truth.applyAsDouble(x[i]);
      double ulp = Math.ulp((float) exact);
      if (Math.abs(exact) >= SMALLEST_NORMAL) {
        worst = Math.max(worst, Math.abs(y[i] - exact) / ulp);
      }
      if (Float.isNaN(y[i])) {
        return Double.POSITIVE_INFINITY;
      }
    }
    return worst;
  }

  /** 2/√π · e^(-x²) · Σ 2^n x^(2n+1) / (2n+1)!!, whose terms are all of one sign. */
  private static double erf(double x) {
    if (Math.abs(x) > 6) {
      return Math.signum(x);
    }
    double term = x;
    double sum = x;
    for (int n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return 2 / StrictMath.sqrt(Math.PI) * StrictMath.exp(-x * x) * sum;
  }
}
