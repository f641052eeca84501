package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.quant.Blocks;
import java.lang.foreign.ValueLayout;

/**
 * Rows picked by index, and gradients added back to them in the order of the indices. A negative
 * index stands for a row of zeros.
 */
final class Gather {
  private static final long LEAST = 8192;

  /** Columns that one task of a scatter takes of every row. */
  private static final long STRIP = 128;

  private final Workers workers;
  private final Scratch scratch;
  private final Pick pick = new Pick();
  private final Put put = new Put();

  Gather(Workers workers, Scratch scratch) {
    this.workers = workers;
    this.scratch = scratch;
  }

  /** y[i] (+)= table[ids[i] + offset]. */
  void pick(Tensor ids, int offset, Tensor table, boolean accumulate, Tensor y) {
    pick.take(ids, offset, table, accumulate, y);
  }

  /** table[ids[i] + offset] += x[i], in the order of i. */
  void put(Tensor x, Tensor ids, int offset, Tensor table) {
    put.take(x, ids, offset, table);
  }

  /** Bytes from one index to the next, whether they lie in a row or in a column. */
  static long step(Tensor vector) {
    return 4 * (vector.columns() == 1 ? vector.rowStride() : 1);
  }

  static int index(long address) {
    return Memory.ALL.get(ValueLayout.JAVA_INT_UNALIGNED, address);
  }

  private static Pass sweep(DType from, boolean accumulate) {
    if (!accumulate) {
      // Blocks are decoded straight to where they go.
      return from.isQuantized() ? Conversions::copyWords : Conversions.of(from, DType.F32);
    }
    return switch (from) {
      case F32 -> Arithmetic::addTo;
      case F16 -> Conversions::addF16;
      case BF16 -> Conversions::addBf16;
      case I32 -> throw new IllegalArgumentException("embedding: the table holds i32, not floats");
      case Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL -> Arithmetic::addTo;
    };
  }

  /** {@code n} elements from {@code x} to {@code y} through {@code pass}, any n. */
  private void span(Pass pass, long x, long xBytes, long y, long n, int worker) {
    int full = (int) n / Lanes.COUNT * Lanes.COUNT;
    if (full > 0) {
      pass.run(x, y, 0, 0, 0, full, 0);
    }
    long rest = n - full;
    if (rest > 0) {
      long from = scratch.line(worker, 0);
      long to = scratch.line(worker, 1);
      Memory.copy(x + full * xBytes, from, rest * xBytes);
      Memory.copy(y + full * 4L, to, rest * 4);
      pass.run(from, to, 0, 0, 0, Lanes.COUNT, 0);
      Memory.copy(to, y + full * 4L, rest * 4);
    }
  }

  private final class Pick implements Workers.Task {
    private Pass pass;
    private DType dtype = DType.F32;
    private boolean adding;
    private long ids;
    private long idStep;
    private int offset;
    private long table;
    private long tableStride;
    private long tableBytes;
    private long y;
    private long yStride;
    private long rows;
    private long columns;
    private long share;

    void take(Tensor ids, int offset, Tensor table, boolean accumulate, Tensor y) {
      dtype = table.dtype();
      adding = accumulate;
      pass = sweep(dtype, accumulate);
      this.ids = ids.address();
      idStep = step(ids);
      this.offset = offset;
      this.table = table.address();
      tableBytes = dtype.bytesPerBlock();
      tableStride = dtype.bytes(table.rowStride());
      this.y = y.address();
      yStride = y.rowStride() * 4;
      rows = ids.elements();
      columns = table.columns();
      share = Math.max(1, LEAST / Math.max(1, columns));
      workers.run((int) ((rows + share - 1) / share), this);
    }

    @Override
    public void run(int task, int worker) {
      long last = Math.min(rows, (task + 1) * share);
      for (long i = task * share; i < last; i++) {
        long row = index(ids + i * idStep) + offset;
        if (row < 0) {
          if (!adding) {
            Memory.zero(y + i * yStride, columns * 4);
          }
          continue;
        }
        long from = table + row * tableStride;
        if (dtype.isQuantized()) {
          decode(from, y + i * yStride, worker);
        } else {
          span(pass, from, tableBytes, y + i * yStride, columns, worker);
        }
      }
    }

    private void decode(long from, long to, int worker) {
      if (!adding) {
        Blocks.decode(dtype, Memory.ALL, from, Memory.ALL, to, columns);
        return;
      }
      long block = scratch.block(worker);
      for (long c = 0; c < columns; c += Scratch.BLOCK) {
        long n = Math.min(Scratch.BLOCK, columns - c);
        Blocks.decode(dtype, Memory.ALL, from + dtype.bytes(c), Memory.ALL, block, n);
        span(pass, block, 4, to + 4 * c, n, worker);
      }
    }
  }

  private final class Put implements Workers.Task {
    private long x;
    private long xStride;
    private long ids;
    private long idStep;
    private int offset;
    private long table;
    private long tableStride;
    private long rows;
    private long columns;
    private long strip;

    void take(Tensor x, Tensor ids, int offset, Tensor table) {
      this.x = x.address();
      xStride = x.rowStride() * 4;
      this.ids = ids.address();
      idStep = step(ids);
      this.offset = offset;
      this.table = table.address();
      tableStride = table.rowStride() * 4;
      rows = ids.elements();
      columns = table.columns();
      // Rows may name one target twice, so tasks share out columns.
      strip = rows * columns < 2 * LEAST ? Math.max(1, columns) : STRIP;
      workers.run((int) ((columns + strip - 1) / strip), this);
    }

    @Override
    public void run(int task, int worker) {
      long column = task * strip;
      long n = Math.min(strip, columns - column);
      for (long i = 0; i < rows; i++) {
        long row = index(ids + i * idStep) + offset;
        if (row < 0) {
          continue;
        }
        span(
            Arithmetic::addTo,
            x + i * xStride + 4 * column,
            4,
            table + row * tableStride + 4 * column,
            n,
            worker);
      }
    }
  }
}
