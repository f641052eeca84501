package dev.gamelan.kernels.vector;

/**
 * Products with a B of whole panels of {@link Tiling#columns()} columns, packed by {@link Packing}
 * or where it is, on the calling thread, for operands in the first two levels of cache. All strides
 * in bytes. Sums run over k in rising order, one FMA a step, whatever m is.
 */
final class PanelProduct {
  /** Bytes of a row of a panel. */
  static final long ROW = Tiling.columns() * 4L;

  /** Steps along k that keep a panel of B in half of the first-level cache. */
  private static final int DEPTH = 256;

  private final PanelKernel kernel;

  PanelProduct(PanelKernel kernel) {
    this.kernel = kernel;
  }

  /**
   * out(i, j) = in(i, j) + Σ A(i, p)·B(p, j) for m rows and every column of the panels.
   *
   * @param bRow from a row of a panel to the next, {@link #ROW} if packed
   * @param bPanel from a panel of B to the next
   * @param in where sums begin; strides of 0 repeat one panel's row, e.g. of zeros
   * @param outPanel from a panel's columns of the result to the next panel's
   */
  void run(
      int m,
      int panels,
      int k,
      long a,
      long aRow,
      long aCol,
      long b,
      long bRow,
      long bPanel,
      long in,
      long inRow,
      long inPanel,
      long out,
      long outRow,
      long outPanel) {
    for (int p = 0; p < k; p += DEPTH) {
      boolean first = p == 0;
      kernel.run(
          m,
          panels,
          Math.min(DEPTH, k - p),
          a + p * aCol,
          aRow,
          aCol,
          b + p * bRow,
          bRow,
          bPanel,
          first ? in : out,
          first ? inRow : outRow,
          first ? inPanel : outPanel,
          out,
          outRow,
          outPanel);
    }
  }
}
