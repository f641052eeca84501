package dev.gamelan.tensor.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gamelan.tensor.Tensor;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Layer norm and RMS norm. */
public abstract class NormContract extends BackendContract {
  /** Large enough that close values in short rows don't amplify roundings. */
  private static final float EPS = 1e-2f;

  @Test
  void layer_norm_and_its_gradients_agree_for_every_size() {
    forPlanes(
        (n, d, variant) ->
            agrees(
                "layerNorm %d×%d, variant %d".formatted(n, d, variant),
                Tolerance.of(1e-5, 3e-5 * (1 + n / 200)),
                layerNorm(n, d, variant, EPS)));
  }

  @Test
  void rms_norm_and_its_gradients_agree_for_every_size_and_grouping() {
    forPlanes(
        (n, d, variant) ->
            agrees(
                "rmsNorm %d×%d, variant %d".formatted(n, d, variant),
                Tolerance.of(1e-5, 3e-5 * (1 + n / 200)),
                rmsNorm(n, d, variant % 3 == 0 ? 3 : 1, variant, EPS)));
  }

  @Test
  void norms_of_no_rows_leave_the_gradients_of_weights_as_they_are() {
    agrees("layerNorm 0×7", Tolerance.EXACT, layerNorm(0, 7, 2, EPS));
    agrees("rmsNorm 0×7", Tolerance.EXACT, rmsNorm(0, 7, 1, 2, EPS));
  }

  @Test
  void the_variance_survives_a_mean_a_thousand_times_as_large() {
    agrees(
        "layerNorm of 1000 + x",
        Tolerance.of(1e-3, 2e-3),
        (k, o) -> {
          Tensor x = o.given(3, 64, shifted(1000));
          k.layerNorm(
              x,
              Optional.empty(),
              Optional.empty(),
              1e-5f,
              o.output(3, 64),
              o.output(3),
              o.output(3));
        });
  }

  @Test
  void rows_of_zeros_and_of_large_values_stay_finite() {
    for (double scale : new double[] {0, 3000, 1e15}) {
      agrees(
          "rmsNorm scaled by " + scale,
          Tolerance.of(1e-5, 1e-5),
          (k, o) ->
              k.rmsNorm(
                  o.input(3, 207, scale),
                  Optional.empty(),
                  1,
                  1e-6f,
                  o.output(3, 207),
                  o.output(3, 1)));
      agrees(
          "layerNorm scaled by " + scale,
          Tolerance.of(1e-5, 1e-5 * Math.max(1, scale)),
          (k, o) ->
              k.layerNorm(
                  o.input(3, 207, scale),
                  Optional.empty(),
                  Optional.empty(),
                  1e-6f,
                  o.output(3, 207),
                  o.output(3),
                  o.output(3)));
    }
  }

  @Test
  void nan_in_a_row_spoils_that_row_alone() {
    Operands o = operands();
    Tensor x = o.input(5, 33);
    Tensor clean = o.output(5, 33);
    Tensor spoilt = o.output(5, 33);
    Tensor rstd = o.output(5, 1);
    kernels.rmsNorm(x, Optional.empty(), 1, EPS, clean, rstd);
    kernels.finish();
    x.set(2, 32, Float.NaN);
    kernels.rmsNorm(x, Optional.empty(), 1, EPS, spoilt, rstd);
    kernels.finish();
    for (int c = 0; c < 33; c++) {
      assertThat(spoilt.get(2, c)).isNaN();
    }
    assertSameBits("rows before", spoilt.rows(0, 2), clean.rows(0, 2));
    assertSameBits("rows after", spoilt.rows(3, 5), clean.rows(3, 5));
    kernels.layerNorm(x, Optional.empty(), Optional.empty(), EPS, spoilt, o.output(5), o.output(5));
    kernels.finish();
    for (int c = 0; c < 33; c++) {
      assertThat(spoilt.get(2, c)).isNaN();
      assertThat(spoilt.get(3, c)).isFinite();
    }
  }

  @Test
  void norms_have_the_same_bits_with_any_number_of_threads() {
    for (int[] size : new int[][] {{300, 207}, {1, 4098}, {1000, 64}}) {
      sameBitsWithAnyThreads("layerNorm", layerNorm(size[0], size[1], 2, EPS));
      sameBitsWithAnyThreads("rmsNorm", rmsNorm(size[0], size[1], 1, 2, EPS));
    }
    sameBitsWithAnyThreads("rmsNorm, 6 groups", rmsNorm(207, 16, 6, 2, EPS));
  }

  @Test
  void a_row_normalised_alone_has_the_bits_that_it_has_among_others() {
    Operands o = operands();
    int n = 64;
    int d = 207;
    Tensor x = o.input(n, d);
    Tensor dy = o.input(n, d);
    Optional<Tensor> w = Optional.of(o.vector(d));
    Optional<Tensor> b = Optional.of(o.vector(d));
    Optional<Tensor> none = Optional.empty();
    Tensor y = o.output(n, d);
    Tensor mean = o.output(n);
    Tensor rstd = o.output(n);
    Tensor dx = o.output(n, d);
    Tensor yRms = o.output(n, d);
    Tensor rstdRms = o.output(n, 1);
    Tensor dxRms = o.output(n, d);
    kernels.layerNorm(x, w, b, EPS, y, mean, rstd);
    kernels.layerNormBackward(dy, x, w, mean, rstd, false, dx, none, none);
    kernels.rmsNorm(x, w, 1, EPS, yRms, rstdRms);
    kernels.rmsNormBackward(dy, x, w, 1, rstdRms, false, dxRms, none);
    for (int[] range : new int[][] {{0, 1}, {7, 8}, {63, 64}, {9, 14}}) {
      int from = range[0];
      int to = range[1];
      Tensor some = o.output(to - from, d);
      Tensor someMean = o.output(to - from);
      Tensor someRstd = o.output(to - from);
      kernels.layerNorm(x.rows(from, to), w, b, EPS, some, someMean, someRstd);
      kernels.finish();
      assertSameBits("layerNorm", some, y.rows(from, to));
      assertSameBits("mean", someMean, slice(mean, from, to));
      assertSameBits("rstd", someRstd, slice(rstd, from, to));
      kernels.layerNormBackward(
          dy.rows(from, to), x.rows(from, to), w, someMean, someRstd, false, some, none, none);
      kernels.finish();
      assertSameBits("layerNormBackward", some, dx.rows(from, to));
      Tensor someRms = o.output(to - from, 1);
      kernels.rmsNorm(x.rows(from, to), w, 1, EPS, some, someRms);
      kernels.finish();
      assertSameBits("rmsNorm", some, yRms.rows(from, to));
      kernels.rmsNormBackward(
          dy.rows(from, to), x.rows(from, to), w, 1, someRms, false, some, none);
      kernels.finish();
      assertSameBits("rmsNormBackward", some, dxRms.rows(from, to));
    }
  }

  @Test
  void the_gradients_of_norms_are_those_of_finite_differences() {
    for (int variant = 0; variant < 4; variant++) {
      gradientsAgree("layerNorm, variant " + variant, layerNorm(3, 9, variant, 1e-1f));
      gradientsAgree("rmsNorm, variant " + variant, rmsNorm(3, 9, 1, variant, 1e-1f));
      gradientsAgree("rmsNorm, 2 groups, variant " + variant, rmsNorm(3, 5, 2, variant, 1e-1f));
    }
  }

  /** Even variants have a weight, the first two of four no bias; gradients accumulate in odd. */
  private static Call layerNorm(int n, int d, int variant, float eps) {
    return (k, o) -> {
      Tensor x = o.input(n, d);
      Optional<Tensor> w = variant % 2 == 0 ? Optional.of(o.vector(d)) : Optional.empty();
      Optional<Tensor> b = variant / 2 % 2 == 1 ? Optional.of(o.vector(d)) : Optional.empty();
      Tensor y = o.output(n, d);
      Tensor mean = o.output(n);
      Tensor rstd = o.output(n);
      k.layerNorm(x, w, b, eps, y, mean, rstd);
      k.layerNormBackward(
          o.cotangent(y),
          x,
          w,
          mean,
          rstd,
          variant / 3 % 2 == 1,
          o.gradientOf(x),
          w.map(o::gradientOf),
          b.map(o::gradientOf));
    };
  }

  /** {@code groups} parts of {@code d} columns each; even variants have a weight. */
  private static Call rmsNorm(int n, int d, int groups, int variant, float eps) {
    return (k, o) -> {
      Tensor x = o.input(n, (long) groups * d);
      Optional<Tensor> w = variant % 2 == 0 ? Optional.of(o.vector(d)) : Optional.empty();
      Tensor y = o.output(n, (long) groups * d);
      Tensor rstd = o.output(n, groups);
      k.rmsNorm(x, w, groups, eps, y, rstd);
      k.rmsNormBackward(
          o.cotangent(y),
          x,
          w,
          groups,
          rstd,
          variant / 3 % 2 == 1,
          o.gradientOf(x),
          w.map(o::gradientOf));
    };
  }

  private static double[] shifted(double by) {
    double[] values = new double[191];
    for (int i = 0; i < values.length; i++) {
      values[i] = by + Math.sin(i);
    }
    return values;
  }
}
