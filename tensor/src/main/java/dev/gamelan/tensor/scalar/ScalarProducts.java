package dev.gamelan.tensor.scalar;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Epilogue;
import dev.gamelan.tensor.spi.Packed;
import dev.gamelan.tensor.spi.ProductKernels;
import dev.gamelan.tensor.spi.WeightLayout;

/** Matrix products: every element is one sum over k from 0 upwards. */
interface ScalarProducts extends ProductKernels {
  /** What operands are rounded to before they are multiplied. */
  ComputeMode mode();

  /** The weight itself. */
  record Plain(Tensor source, WeightLayout layout) implements Packed {
    /** Row {@code o} of the [out, in] matrix, as the mode multiplies it. */
    static double[] row(Packed weight, int o, ComputeMode mode) {
      return switch (weight.layout()) {
        case OUT_IN -> Rows.operand(weight.source(), o, mode);
        case IN_OUT -> Rows.round(Rows.readColumn(weight.source(), o), mode);
      };
    }
  }

  @Override
  default Packed pack(Tensor weight, WeightLayout layout, Use use) {
    if (weight.dtype() == DType.I32) {
      throw new IllegalArgumentException(
          "pack: the weight is %s; it must be F32, F16, BF16 or quantized".formatted(weight));
    }
    return new Plain(weight, layout);
  }

  @Override
  default void refresh(Packed weight) {}

  /** y[i, o] = Σₖ x[i, k]·W[o, k] + bias[o] + addend[i, o]. */
  @Override
  default void linear(Tensor x, Packed weight, Epilogue epilogue, Tensor y) {
    double[][] a = Rows.operand(x, mode());
    double[][] sums = new double[a.length][Math.toIntExact(weight.out())];
    for (int o = 0; o < weight.out(); o++) {
      double[] w = Plain.row(weight, o, mode());
      for (int i = 0; i < a.length; i++) {
        sums[i][o] = Rows.dot(a[i], w);
      }
    }
    for (int i = 0; i < a.length; i++) {
      if (epilogue.bias().isPresent()) {
        Rows.addScaled(sums[i], 1, Rows.readAll(epilogue.bias().get()));
      }
      if (epilogue.addend().isPresent()) {
        Rows.addScaled(sums[i], 1, Rows.read(epilogue.addend().get(), i));
      }
      Rows.write(y, i, sums[i]);
    }
  }

  /** dx[i, k] = Σₒ dy[i, o]·W[o, k]. */
  @Override
  default void linearBackwardInput(Tensor dy, Packed weight, boolean accumulate, Tensor dx) {
    double[][] a = Rows.operand(dy, mode());
    double[][] sums = new double[a.length][Math.toIntExact(weight.in())];
    for (int o = 0; o < weight.out(); o++) {
      double[] w = Plain.row(weight, o, mode());
      for (int i = 0; i < a.length; i++) {
        Rows.addScaled(sums[i], a[i][o], w);
      }
    }
    for (int i = 0; i < a.length; i++) {
      Rows.write(dx, i, sums[i], accumulate);
    }
  }

  /** dW[o, k] = Σᵢ dy[i, o]·x[i, k], or its transpose. */
  @Override
  default void linearBackwardWeight(
      Tensor dy, Tensor x, WeightLayout layout, boolean accumulate, Tensor dweight) {
    double[][] left = Rows.operand(layout == WeightLayout.OUT_IN ? dy : x, mode());
    double[][] right = Rows.operand(layout == WeightLayout.OUT_IN ? x : dy, mode());
    for (int r = 0; r < dweight.rows(); r++) {
      double[] sum = new double[Math.toIntExact(dweight.columns())];
      for (int i = 0; i < left.length; i++) {
        Rows.addScaled(sum, left[i][r], right[i]);
      }
      Rows.write(dweight, r, sum, accumulate);
    }
  }

  /** sum[c] = Σᵢ x[i, c]. */
  @Override
  default void sumRows(Tensor x, boolean accumulate, Tensor sum) {
    double[] total = new double[Math.toIntExact(x.columns())];
    for (long i = 0; i < x.rows(); i++) {
      Rows.addScaled(total, 1, Rows.read(x, i));
    }
    Rows.writeAll(sum, total, accumulate);
  }
}
