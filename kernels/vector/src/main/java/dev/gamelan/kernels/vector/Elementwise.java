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

  private Pass pass = Arithmetic::addTo;
  private Pass second = Arithmetic::addTo;
  private boolean twice;
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
    twice = false;
    contiguous = true;
    return this;
  }

  /** A second pass over every block that the first has finished. */
  Elementwise then(Pass second) {
    this.second = second;
    twice = true;
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
    int step = twice || adding ? Scratch.BLOCK : full;
    for (int done = 0; done < full; done += step) {
      block(row, column + done, Math.min(step, full - done), worker);
    }
    if (full < n) {
      end(row, column + full, n - full, worker);
    }
  }

  private void block(long row, long column, int n, int worker) {
    long block = scratch.block(worker);
    int added = adding ? operands - 1 : OPERANDS;
    long a = added == 0 ? block : address(0, row, column);
    long b = added == 1 ? block : address(1, row, column);
    long c = added == 2 ? block : address(2, row, column);
    long d = added == 3 ? block : address(3, row, column);
    long e = added == 4 ? block : address(4, row, column);
    call(pass, a, b, c, d, e, n);
    if (twice) {
      call(second, a, b, c, d, e, n);
    }
    if (adding) {
      call(Arithmetic::addTo, block, address(added, row, column), 0, 0, 0, n);
    }
  }

  private void end(long row, long column, long n, int worker) {
    long a = scratch.line(worker, 0);
    long b = scratch.line(worker, 1);
    long c = scratch.line(worker, 2);
    long d = scratch.line(worker, 3);
    long e = scratch.line(worker, 4);
    for (int k = 0; k < operands; k++) {
      Memory.copy(address(k, row, column), scratch.line(worker, k), n * size[k]);
    }
    call(pass, a, b, c, d, e, Lanes.COUNT);
    if (twice) {
      call(second, a, b, c, d, e, Lanes.COUNT);
    }
    if (adding) {
      Rows.add(scratch.line(worker, operands - 1), address(operands - 1, row, column), (int) n);
      return;
    }
    for (int k = operands - outputs; k < operands; k++) {
      Memory.copy(scratch.line(worker, k), address(k, row, column), n * size[k]);
    }
  }

  /** The one place that calls passes, so that it sees many and inlines none; see RowSweeps. */
  private void call(Pass sweep, long a, long b, long c, long d, long e, int n) {
    sweep.run(a, b, c, d, e, n, parameter);
  }
}
