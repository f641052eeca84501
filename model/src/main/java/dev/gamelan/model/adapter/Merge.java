package dev.gamelan.model.adapter;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.stream.IntStream;

/** W + scale·B·A. */
final class Merge {
  private Merge() {}

  /**
   * @param a [rank, in]
   * @param b [out, rank]
   * @param outIn whether w is [out, in]; else [in, out]
   */
  static Tensor of(Tensor w, Tensor a, Tensor b, double scale, boolean outIn) {
    DType dtype = w.dtype().isQuantized() ? DType.F32 : w.dtype();
    Tensor merged = Tensor.allocate(Arena.ofAuto(), dtype, w.shape().extents());
    float[][] right = rows(outIn ? a : transposed(b));
    float[][] left = rows(outIn ? b : transposed(a));
    IntStream.range(0, Math.toIntExact(w.rows()))
        .parallel()
        .forEach(r -> row(w, merged, r, left[r], right, (float) scale));
    return merged;
  }

  private static void row(
      Tensor w, Tensor merged, int r, float[] left, float[][] right, float scale) {
    float[] sum = w.rows(r, r + 1).toFloats();
    for (int k = 0; k < left.length; k++) {
      float factor = scale * left[k];
      float[] x = right[k];
      for (int c = 0; c < sum.length; c++) {
        sum[c] += factor * x[c];
      }
    }
    for (int c = 0; c < sum.length; c++) {
      merged.set(r, c, sum[c]);
    }
  }

  private static float[][] rows(Tensor t) {
    float[][] rows = new float[Math.toIntExact(t.rows())][];
    for (int r = 0; r < rows.length; r++) {
      rows[r] = t.rows(r, r + 1).toFloats();
    }
    return rows;
  }

  private static Tensor transposed(Tensor t) {
    Tensor turned = Tensor.zeros(t.columns(), t.rows());
    for (long r = 0; r < t.rows(); r++) {
      for (long c = 0; c < t.columns(); c++) {
        turned.set(c, r, t.get(r, c));
      }
    }
    return turned;
  }
}
