package dev.gamelan.kernels.vector;

/**
 * The product by its definition: the order of {@link Gemm}, element by element, without vectors.
 */
final class Reference {
  private Reference() {}

  /** The bits C must have, computed from C's present content. */
  static int[] bits(Operand a, Operand b, Operand c, Epilogues.Choice epilogue) {
    int[] bits = new int[c.rows * c.cols];
    for (int i = 0; i < c.rows; i++) {
      for (int j = 0; j < c.cols; j++) {
        float sum = 0;
        for (int p = 0; p < a.cols; p++) {
          sum = Math.fma(a.at(i, p), b.at(p, j), sum);
        }
        bits[i * c.cols + j] = Float.floatToIntBits(epilogue.apply(sum, c, i, j));
      }
    }
    return bits;
  }
}
