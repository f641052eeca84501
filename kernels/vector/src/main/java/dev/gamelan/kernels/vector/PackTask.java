package dev.gamelan.kernels.vector;

/** Packs a B in parallel, a few panels a task. Its fields describe the packing under way. */
final class PackTask implements Workers.Task {
  private static final int COLUMNS = Tiling.columns();
  private static final int PANELS = 8;
  private static final long INLINE_FLOATS = 8192;

  private int k;
  private int n;
  private int columns;
  private long b;
  private long bRow;
  private long bCol;
  private long to;

  /** Takes the operands, strides in bytes, and returns the number of tasks. */
  int plan(int k, int n, long b, long bRow, long bCol, long to, int threads) {
    this.k = k;
    this.n = n;
    this.b = b;
    this.bRow = bRow;
    this.bCol = bCol;
    this.to = to;
    int panels = (n + COLUMNS - 1) / COLUMNS;
    boolean inline = threads == 1 || (long) k * n < INLINE_FLOATS;
    int group = inline ? panels : Math.clamp(panels / (2L * threads), 1, PANELS);
    columns = Math.max(1, group) * COLUMNS;
    return (int) ((n + (long) columns - 1) / columns);
  }

  @Override
  public void run(int task, int worker) {
    int first = task * columns;
    int count = Math.min(columns, n - first);
    Packing.columns(k, count, b + first * bCol, bRow, bCol, to + (long) first * k * 4);
  }
}
