package dev.gamelan.kernels.vector;

/**
 * The innermost loops of all f32 products: rows with panels of {@link InnerLoops#columns()}
 * columns.
 *
 * <p>{@code out(i, j) = in(i, j) + Σ_p A(i, p)·B(p, j)}, adding in rising p with one rounding (FMA)
 * a step, so that an element's bits depend on nothing but its row, its column and where the sum
 * begins. {@code A(i, p)} lies at {@code a + i·aRow + p·aCol}; column j of panel q of B at {@code b
 * + q·bPanel + p·bRow + 4·j}; {@code in} and {@code out} likewise with their strides. All addresses
 * and strides are in bytes, strides from 0 to 2^31 - 1 (of panels to 2^58). {@code in} and {@code
 * out} may be the same place; {@code in} with strides of 0 may be one row of zeros. Exactly the
 * elements named are read and written. May be called from several threads at once.
 */
@FunctionalInterface
public interface PanelKernel {
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
      long outPanel);
}
