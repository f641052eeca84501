package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.quant.Blocks;

/** Quantized matrices to f32, the rows shared out among the threads. */
final class Unquantizing implements Workers.Task {
  /** Elements of a task, roughly. */
  private static final long SHARE = 1 << 16;

  private final Workers workers;
  private DType dtype = DType.Q8_0;
  private long from;
  private long fromRow;
  private long to;
  private long toRow;
  private long rows;
  private long columns;
  private long share;

  Unquantizing(Workers workers) {
    this.workers = workers;
  }

  /** {@code y}, f32 of the same shape, becomes {@code x}. */
  void run(Tensor x, Tensor y) {
    dtype = x.dtype();
    from = x.address();
    fromRow = dtype.bytes(x.rowStride());
    to = y.address();
    toRow = 4 * y.rowStride();
    rows = x.rows();
    columns = x.columns();
    share = Math.max(Math.max(1, SHARE / Math.max(1, columns)), rows >> 20);
    workers.run((int) ((rows + share - 1) / share), this);
  }

  @Override
  public void run(int task, int worker) {
    long last = Math.min(rows, (task + 1) * share);
    for (long r = task * share; r < last; r++) {
      Blocks.decode(dtype, Memory.ALL, from + r * fromRow, Memory.ALL, to + r * toRow, columns);
    }
  }
}
