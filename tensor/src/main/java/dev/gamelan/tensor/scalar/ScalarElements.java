package dev.gamelan.tensor.scalar;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Activation;
import dev.gamelan.tensor.spi.ElementKernels;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/** Elementwise operations. */
interface ScalarElements extends ElementKernels {
  @Override
  default void fill(Tensor x, float value) {
    map(x, false, x, ignored -> value);
  }

  @Override
  default void copy(Tensor x, Tensor y) {
    map(x, false, y, v -> v);
  }

  @Override
  default void addTo(Tensor x, Tensor y) {
    map(x, true, y, v -> v);
  }

  @Override
  default void add(Tensor a, Tensor b, Tensor y) {
    zip(a, b, false, y, Double::sum);
  }

  @Override
  default void scale(Tensor x, float scale, Tensor y) {
    map(x, false, y, v -> scale * v);
  }

  @Override
  default void clamp(Tensor x, float bound, Tensor y) {
    map(x, false, y, v -> Math.min(Math.max(v, -bound), bound));
  }

  @Override
  default void clampBackward(Tensor x, float bound, Tensor dy, boolean accumulate, Tensor dx) {
    zip(x, dy, accumulate, dx, (v, d) -> -bound <= v && v <= bound ? d : 0);
  }

  @Override
  default void activation(Activation f, Tensor x, Tensor y) {
    map(x, false, y, v -> ScalarActivations.value(f, v));
  }

  @Override
  default void activationBackward(
      Activation f, Tensor x, Tensor dy, boolean accumulate, Tensor dx) {
    zip(x, dy, accumulate, dx, (v, d) -> ScalarActivations.derivative(f, v) * d);
  }

  @Override
  default void gated(Activation f, Tensor gate, Tensor up, Tensor y) {
    zip(gate, up, false, y, (g, u) -> ScalarActivations.value(f, g) * u);
  }

  @Override
  default void gatedBackward(
      Activation f, Tensor gate, Tensor up, Tensor dy, Tensor dgate, Tensor dup) {
    for (long r = 0; r < gate.rows(); r++) {
      double[] g = Rows.read(gate, r);
      double[] u = Rows.read(up, r);
      double[] d = Rows.read(dy, r);
      for (int c = 0; c < g.length; c++) {
        u[c] *= ScalarActivations.derivative(f, g[c]) * d[c];
        g[c] = ScalarActivations.value(f, g[c]) * d[c];
      }
      Rows.write(dgate, r, u);
      Rows.write(dup, r, g);
    }
  }

  /** y (+)= f(x). */
  private static void map(Tensor x, boolean accumulate, Tensor y, DoubleUnaryOperator f) {
    for (long r = 0; r < x.rows(); r++) {
      double[] row = Rows.read(x, r);
      for (int c = 0; c < row.length; c++) {
        row[c] = f.applyAsDouble(row[c]);
      }
      Rows.write(y, r, row, accumulate);
    }
  }

  /** y (+)= f(a, b). */
  private static void zip(
      Tensor a, Tensor b, boolean accumulate, Tensor y, DoubleBinaryOperator f) {
    for (long r = 0; r < a.rows(); r++) {
      double[] left = Rows.read(a, r);
      double[] right = Rows.read(b, r);
      for (int c = 0; c < left.length; c++) {
        left[c] = f.applyAsDouble(left[c], right[c]);
      }
      Rows.write(y, r, left, accumulate);
    }
  }
}
