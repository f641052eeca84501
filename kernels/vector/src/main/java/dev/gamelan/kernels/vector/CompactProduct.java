package dev.gamelan.kernels.vector;

/**
 * y = x·W (+ bias) (+ addend) for a weight in compact panels.
 *
 * <p>A few rows stream the weight once and turn it into floats in registers; more rows share panels
 * that a task turns into floats in its second-level cache. Both add along k in the same order, one
 * FMA a step, so a row's bits don't depend on which it is.
 */
final class CompactProduct implements Workers.Task, AutoCloseable {
  private static final int COLUMNS = Tiling.columns();
  private static final long ROW = COLUMNS * 4L;

  /** Rows between two visits of a panel: enough to make up for unpacking it. */
  private static final int ROWS = 192;

  /** The most pairs of panels of a task with few rows. */
  private static final int MOST_PAIRS = 32;

  /** The most panels of a task with many rows. */
  private static final int MOST_PANELS = 16;

  /** Below this many multiplications a fork costs more than it gains. */
  private static final long INLINE_WORK = 50_000;

  private final Workers workers;
  private final CompactKernels kernels;
  private final PanelKernel panelKernel;
  private final int tall;
  private final long cacheBytes;
  private final GrowingScratch scratch = new GrowingScratch();
  private final GrowingScratch zeroRow = new GrowingScratch();
  private final long zeros;

  private CompactWeight weight;
  private boolean direct;
  private int rows;
  private long x;
  private long xRow;
  private long bias;
  private long addend;
  private long addendRow;
  private long y;
  private long yRow;
  private int group;
  private int depth;
  private long perWorker;

  /**
   * @param cacheBytes what unpacked panels may take of the second-level cache
   */
  CompactProduct(Workers workers, CompactKernels kernels, InnerLoops loops, long cacheBytes) {
    this.workers = workers;
    this.kernels = kernels;
    this.panelKernel = loops.products();
    this.tall = loops.rows();
    this.cacheBytes = cacheBytes;
    zeros = zeroRow.reserve(ROW);
  }

  void run(
      CompactWeight weight,
      int rows,
      long x,
      long xRow,
      long bias,
      long addend,
      long addendRow,
      long y,
      long yRow) {
    if (rows == 0 || weight.n() == 0) {
      return;
    }
    this.weight = weight;
    this.rows = rows;
    this.x = x;
    this.xRow = xRow;
    this.bias = bias;
    this.addend = addend;
    this.addendRow = addendRow;
    this.y = y;
    this.yRow = yRow;
    direct = rows <= kernels.directRows(weight.dtype());
    int k = weight.k();
    int panels = weight.panels();
    boolean alone = (long) rows * weight.n() * k <= INLINE_WORK;
    if (direct) {
      // Pairs: the kernel of one row takes two panels at once, and asks memory for the next two. So
      // a thread's panels lie together; but at most some megabytes a call.
      int pairs = (panels + 1) / 2;
      int most = Math.clamp((1L << 20) / Math.max(1, weight.panelBytes()), 1, MOST_PAIRS);
      group = 2 * (alone ? most : balanced(pairs, most, workers.threads()));
      perWorker = rows * group * ROW;
    } else {
      int unit = kernels.unit(weight.dtype());
      depth = Math.clamp(1024 / unit * unit, unit, Math.max(unit, k));
      long most = Math.clamp(cacheBytes / (depth * ROW), 1, MOST_PANELS);
      group = alone ? (int) most : balanced(panels, (int) most, workers.threads());
      perWorker = Memory.roundUp(group * depth * ROW + ROWS * group * ROW, 4096) + 128;
    }
    scratch.reserve(perWorker * workers.threads());
    workers.run((panels + group - 1) / group, this);
  }

  /** Panels a task, at most so many, for which the busiest thread has the least to do. */
  static int balanced(int panels, int most, int threads) {
    int best = 1;
    int least = Integer.MAX_VALUE;
    for (int group = 1; group <= most; group++) {
      int tasks = (panels + group - 1) / group;
      int busiest = (tasks + threads - 1) / threads * group;
      if (busiest <= least) {
        least = busiest;
        best = group;
      }
    }
    return best;
  }

  @Override
  public void run(int task, int worker) {
    int first = task * group;
    int count = Math.min(group, weight.panels() - first);
    long mine = scratch.address() + worker * perWorker;
    if (direct) {
      few(first, count, mine);
    } else {
      for (int i = 0; i < rows; i += ROWS) {
        many(first, count, i, Math.min(ROWS, rows - i), mine);
      }
    }
  }

  /** How many of some panels are whole: only these may be written in place. */
  private int whole(int first, int count) {
    return Math.min(count, weight.n() / COLUMNS - first);
  }

  private void few(int first, int count, long sums) {
    boolean inPlace = addend == 0 && whole(first, count) == count;
    long out = inPlace ? y + first * ROW : sums;
    long outRow = inPlace ? yRow : count * ROW;
    kernels.direct(
        weight.dtype(),
        rows,
        count,
        weight.k(),
        x,
        xRow,
        weight.panel(first),
        weight.panelBytes(),
        out,
        outRow,
        ROW);
    if (!inPlace || bias != 0) {
      finish(first, count, 0, rows, out, outRow);
    }
  }

  private void many(int first, int count, int row, int block, long mine) {
    int k = weight.k();
    long sums = mine + group * depth * ROW;
    boolean inPlace = addend == 0 && whole(first, count) == count;
    int p = 0;
    do {
      int steps = Math.min(depth, k - p);
      for (int q = 0; q < count; q++) {
        kernels.unpack(weight.dtype(), weight.panel(first + q), p, steps, mine + q * steps * ROW);
      }
      boolean opens = p == 0;
      boolean last = p + steps == k;
      for (int i = 0; i < block; i += tall) {
        int strip = Math.min(tall, block - i);
        long out = inPlace ? y + (row + i) * yRow + first * ROW : sums + i * count * ROW;
        long outRow = inPlace ? yRow : count * ROW;
        panelKernel.run(
            strip,
            count,
            steps,
            x + (row + i) * xRow + p * 4L,
            xRow,
            4,
            mine,
            ROW,
            steps * ROW,
            opens ? zeros : out,
            opens ? 0 : outRow,
            opens ? 0 : ROW,
            out,
            outRow,
            ROW);
        if (last && (!inPlace || bias != 0)) {
          finish(first, count, row + i, strip, out, outRow);
        }
      }
      p += steps;
    } while (p < k);
  }

  private void finish(int first, int count, int row, int n, long out, long outRow) {
    long offset = first * ROW;
    Epilogue.finish(
        n,
        Math.min(count * COLUMNS, weight.n() - first * COLUMNS),
        out,
        outRow,
        y + row * yRow + offset,
        yRow,
        false,
        bias == 0 ? 0 : bias + offset,
        addend == 0 ? 0 : addend + row * addendRow + offset,
        addendRow);
  }

  @Override
  public void close() {
    scratch.close();
    zeroRow.close();
  }
}
