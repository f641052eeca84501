package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.WeightLayout;
import java.lang.foreign.Arena;

/** A weight in compact panels: the right operand B[k, n] of a product. */
final class CompactWeight implements Workers.Task {
  private static final int COLUMNS = Tiling.columns();

  private final CompactKernels kernels;
  private final Tensor source;
  private final boolean rowsOut;
  private final int k;
  private final int n;
  private final long panelBytes;
  private final long address;

  private CompactWeight(CompactKernels kernels, Tensor source, boolean rowsOut, Arena arena) {
    this.kernels = kernels;
    this.source = source;
    this.rowsOut = rowsOut;
    k = Math.toIntExact(rowsOut ? source.columns() : source.rows());
    n = Math.toIntExact(rowsOut ? source.rows() : source.columns());
    panelBytes = kernels.panelBytes(source.dtype(), k);
    address = Memory.allocate(arena, panels() * panelBytes);
  }

  static boolean suits(CompactKernels kernels, Tensor source, WeightLayout layout) {
    DType dtype = source.dtype();
    return kernels.takes(dtype) && (!dtype.isQuantized() || layout == WeightLayout.OUT_IN);
  }

  /** Room for the panels; {@link #fill} fills them. */
  static CompactWeight allocate(
      CompactKernels kernels, Tensor source, WeightLayout layout, Arena arena) {
    return new CompactWeight(kernels, source, layout == WeightLayout.OUT_IN, arena);
  }

  void fill(Workers workers) {
    int panels = panels();
    int share = Math.max(1, panels >> 20);
    workers.run((panels + share - 1) / share, this);
  }

  @Override
  public void run(int task, int worker) {
    int share = Math.max(1, panels() >> 20);
    int last = Math.min(panels(), (task + 1) * share);
    DType dtype = source.dtype();
    for (int panel = task * share; panel < last; panel++) {
      long first = (long) panel * COLUMNS;
      long row = dtype.bytes(source.rowStride());
      long from = source.address() + (rowsOut ? first * row : dtype.bytes(first));
      kernels.pack(
          dtype,
          Math.min(COLUMNS, n - panel * COLUMNS),
          k,
          from,
          rowsOut ? row : dtype.bytes(1),
          rowsOut ? dtype.isQuantized() ? 0 : dtype.bytes(1) : row,
          address + panel * panelBytes);
    }
  }

  DType dtype() {
    return source.dtype();
  }

  int k() {
    return k;
  }

  int n() {
    return n;
  }

  int panels() {
    return (n + COLUMNS - 1) / COLUMNS;
  }

  long panelBytes() {
    return panelBytes;
  }

  long panel(int index) {
    return address + index * panelBytes;
  }
}
