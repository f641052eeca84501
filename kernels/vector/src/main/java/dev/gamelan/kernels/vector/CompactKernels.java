package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.DType;

/**
 * Inner loops over inference weights that stay as compact in memory as their file has them, in
 * panels of {@link InnerLoops#columns()} columns of the product. A weight stands for the floats
 * that {@link dev.gamelan.tensor.quant.Blocks} says, and every sum is over k in rising order from
 * 0, one FMA a step: so {@link #direct} and {@link #unpack} followed by {@link PanelKernel} give
 * the same bits.
 *
 * <p>Addresses and strides are in bytes. May be called from several threads at once.
 */
public interface CompactKernels {
  /** Whether weights of this type are kept compact. */
  boolean takes(DType dtype);

  /** The columns of a panel by k steps, as f32 would be, in this many bytes; a multiple of 64. */
  long panelBytes(DType dtype, int k);

  /**
   * Fills a panel.
   *
   * @param columns how many there are, 1 to a panel's; the others stand for zeros
   * @param from the weight's first element of the panel's first column
   * @param row from a column of the panel to the next: quantized weights lie [out][in]
   * @param step from an element of a column to the next along k; not used for quantized weights
   * @param to 64-byte aligned, {@link #panelBytes}
   */
  void pack(DType dtype, int columns, int k, long from, long row, long step, long to);

  /** The most rows that {@link #direct} takes. */
  int directRows(DType dtype);

  /**
   * {@code out(i, j) = Σ_p x(i, p)·W(p, j)} for 1 to {@link #directRows} rows and whole panels.
   *
   * @param outPanel from a panel's columns of the result to the next panel's
   */
  void direct(
      DType dtype,
      int m,
      int panels,
      int k,
      long x,
      long xRow,
      long weight,
      long weightPanel,
      long out,
      long outRow,
      long outPanel);

  /** Steps along k of which {@link #unpack} must begin at a multiple, and take one unless last. */
  int unit(DType dtype);

  /**
   * Steps {@code first} to {@code first + steps - 1} of a panel as f32 {@code [steps][columns]}.
   */
  void unpack(DType dtype, long panel, int first, int steps, long to);
}
