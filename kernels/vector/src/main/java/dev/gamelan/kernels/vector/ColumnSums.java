package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.Tensor;

/** Sums over the rows of a matrix: the gradient of a bias. */
final class ColumnSums implements Workers.Task {
  private static final long LEAST = 8192;

  /** Columns a task, whose sums stay in the first cache. */
  private static final long STRIP = 1024;

  private final Workers workers;
  private final Partials partials;
  private long x;
  private long stride;
  private long columns;
  private int strips;

  ColumnSums(Workers workers, Partials partials) {
    this.workers = workers;
    this.partials = partials;
  }

  /** sum[columns] (+)= Σ over the rows of x. */
  void sumRows(Tensor matrix, boolean accumulate, Tensor sum) {
    x = matrix.address();
    stride = 4 * matrix.rowStride();
    columns = matrix.columns();
    strips = (int) ((columns + STRIP - 1) / STRIP);
    if (!accumulate && columns > 0) {
      Memory.zero(sum.address(), 4 * columns);
    }
    if (matrix.elements() == 0) {
      return;
    }
    partials.begin(matrix.rows(), columns);
    int tasks = Math.multiplyExact(partials.chunks(), strips);
    if (matrix.elements() < 2 * LEAST) {
      for (int task = 0; task < tasks; task++) {
        run(task, 0);
      }
    } else {
      workers.run(tasks, this);
    }
    partials.addTo(sum.address(), 0, Math.toIntExact(columns));
  }

  @Override
  public void run(int task, int worker) {
    int chunk = task / strips;
    long column = task % strips * STRIP;
    int n = (int) Math.min(STRIP, columns - column);
    long sum = partials.of(chunk) + 4 * column & Memory.ADDRESS;
    long row = partials.from(chunk);
    long to = partials.to(chunk);
    for (; row + 4 <= to; row += 4) {
      four(x + row * stride + 4 * column & Memory.ADDRESS, sum, n);
    }
    for (; row < to; row++) {
      Rows.add(x + row * stride + 4 * column, sum, n);
    }
  }

  private void four(long in, long sum, int n) {
    long step = stride & Memory.STRIDE;
    int i = 0;
    for (; i <= n - Lanes.COUNT; i += Lanes.COUNT) {
      long o = in + 4L * i;
      Lanes.store(
          Lanes.load(sum + 4L * i)
              .add(Lanes.load(o))
              .add(Lanes.load(o + step))
              .add(Lanes.load(o + 2 * step))
              .add(Lanes.load(o + 3 * step)),
          sum + 4L * i);
    }
    for (; i < n; i++) {
      long o = in + 4L * i;
      float s = Memory.f32(sum + 4L * i) + Memory.f32(o) + Memory.f32(o + step);
      Memory.f32(sum + 4L * i, s + Memory.f32(o + 2 * step) + Memory.f32(o + 3 * step));
    }
  }
}
