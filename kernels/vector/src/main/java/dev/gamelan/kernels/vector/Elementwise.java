package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.Tensor;

/**
 * Runs a {@link Pass} over tensors of one shape: {@code begin(pass).in(x).out(y).run()}. The ends
 * of rows that fill no vector are padded in scratch memory and go through the same pass.
 */
final class Elementwise implements Workers.Task {
  private static final int OPERANDS = 5;

  /** Fewer elements than this aren't worth another thread. */
  private static final long LEAST = 8192;

  private static final long MOST = 1 << 20;

  private final Workers workers;
  private final Scratch scratch;
  private final long[] base = new long[OPERANDS];
  private final long[] stride = new long[OPERANDS];
  private final long[] size = new long[OPERANDS];

  private Pass pass;
  private float parameter;
  private int operands;
  private int outputs;
  private boolean adding;
  private long rows;
  private long columns;
  private long elements;
  private boolean contiguous;
  private long share;

  Elementwise(Workers workers, Scratch scratch) {
    this.workers = workers;
    this.scratch = scratch;
  }

  Elementwise begin(Pass pass, float parameter) {
    this.pass = pass;
    this.parameter = parameter;
    operands = 0;
    outputs = 0;
    adding = false;
    contiguous = true;
    return this;
  }

  Elementwise begin(Pass pass) {
    return begin(pass, 0);
  }

  Elementwise in(Tensor x) {
    int bytes = x.dtype().bytesPerBlock();
    base[operands] = x.address();
    size[operands] = bytes;
    stride[operands] = x.isContiguous() ? -1 : x.rowStride() * bytes;
    if (operands == 0 || (contiguous && !x.isContiguous())) {
      rows = x.rows();
      columns = x.columns();
      elements = rows * columns;
    }
    contiguous &= x.isContiguous();
    operands++;
    return this;
  }

  /** An output, which the pass may read too; after all inputs. */
  Elementwise out(Tensor y) {
    outputs++;
    return in(y);
  }

  /** An f32 output that the pass's result replaces or is added to. */
  Elementwise out(Tensor y, boolean accumulate) {
    adding = accumulate;
    return out(y);
  }

  void run() {
    if (elements == 0) {
      return;
    }
    if (contiguous) {
      share = Math.clamp(Memory.roundUp(elements / 64, 64), LEAST, MOST);
      workers.run((int) ((elements + share - 1) / share), this);
    } else {
      for (int k = 0; k < operands; k++) {
        stride[k] = stride[k] < 0 ? columns * size[k] : stride[k];
      }
      share = Math.max(Math.max(1, LEAST / columns), rows >> 20);
      workers.run((int) ((rows + share - 1) / share), this);
    }
  }

  @Override
  public void run(int task, int worker) {
    long from = task * share;
    if (contiguous) {
      span(0, from, Math.min(share, elements - from), worker);
    } else {
      long to = Math.min(rows, from + share);
      for (long row = from; row < to; row++) {
        for (long column = 0; column < columns; column += MOST) {
          span(row, column, Math.min(MOST, columns - column), worker);
        }
      }
    }
  }

  private long address(int k, long row, long column) {
    return base[k] + row * stride[k] + column * size[k];
  }

  private void span(long row, long column, long n, int worker) {
    int full = (int) n / Lanes.COUNT * Lanes.COUNT;
    if (adding) {
      add(row, column, full, worker);
    } else if (full > 0) {
      pass.run(
          address(0, row, column),
          address(1, row, column),
          address(2, row, column),
          address(3, row, column),
          address(4, row, column),
          full,
          parameter);
    }
    if (full < n) {
      end(row, column + full, n - full, worker);
    }
  }

  /** Through a block that stays in the first cache; the output is the last operand. */
  private void add(long row, long column, int n, int worker) {
    long block = scratch.block(worker);
    int last = operands - 1;
    for (int done = 0; done < n; done += Scratch.BLOCK) {
      int count = Math.min(Scratch.BLOCK, n - done);
      long at = column + done;
      pass.run(
          last == 0 ? block : address(0, row, at),
          last == 1 ? block : address(1, row, at),
          last == 2 ? block : address(2, row, at),
          last == 3 ? block : address(3, row, at),
          last == 4 ? block : address(4, row, at),
          count,
          parameter);
      Arithmetic.addTo(block, address(last, row, at), 0, 0, 0, count, 0);
    }
  }

  private void end(long row, long column, long n, int worker) {
    int inputs = adding ? operands - 1 : operands;
    for (int k = 0; k < inputs; k++) {
      Memory.copy(address(k, row, column), scratch.line(worker, k), n * size[k]);
    }
    pass.run(
        scratch.line(worker, 0),
        scratch.line(worker, 1),
        scratch.line(worker, 2),
        scratch.line(worker, 3),
        scratch.line(worker, 4),
        Lanes.COUNT,
        parameter);
    if (adding) {
      Rows.add(scratch.line(worker, inputs), address(inputs, row, column), (int) n);
      return;
    }
    for (int k = operands - outputs; k < operands; k++) {
      Memory.copy(scratch.line(worker, k), address(k, row, column), n * size[k]);
    }
  }
}
