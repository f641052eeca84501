package dev.gamelan.kernels.vector;

import java.lang.foreign.Arena;

/**
 * Computes one block of C a task. Its fields describe the product under way; they change only
 * between runs. Strides and addresses are in bytes.
 */
final class TileTask implements Workers.Task {
  private static final int COLUMNS = Tiling.columns();
  private static final long ROW = COLUMNS * 4L;

  /**
   * Rows of a transposed A packed at a time: whole cache lines of it, and a multiple of every
   * kernel.
   */
  private static final int PACKED_ROWS = 48;

  /** With more blocks a thread than this, one left over costs too little to matter. */
  private static final long MANY = 16;

  private final Tiling tiling;
  private final PanelKernel kernel;
  private final long zeros;
  private final long scratch;
  private final long scratchBytes;
  private final long packedOffset;

  private int m;
  private int k;
  private long a;
  private long aRow;
  private long aCol;
  private long c;
  private long cRow;
  private boolean accumulate;
  private long bias;
  private long addend;
  private long addendRow;

  private int firstColumn;
  private int columns;
  private long panels;
  private long panelStep;
  private long panelRow;
  private long tailPanel;

  private int rowBlock;
  private int columnBlock;
  private int rowBlocks;
  private int depth;

  TileTask(Tiling tiling, PanelKernel kernel, long zeros, int threads, Arena arena) {
    this.tiling = tiling;
    this.kernel = kernel;
    this.zeros = zeros;
    packedOffset = Memory.roundUp(tiling.sumBytes(), Memory.LINE);
    int groups = PACKED_ROWS / tiling.rows();
    long packed = groups * Packing.groupBytes(tiling.transposedDepth(), tiling.rows());
    scratchBytes = Memory.roundUp(packedOffset + packed, 4096);
    scratch = Memory.allocate(arena, scratchBytes * threads);
  }

  void operands(
      int m,
      int k,
      long a,
      long aRow,
      long aCol,
      long c,
      long cRow,
      boolean accumulate,
      long bias,
      long addend,
      long addendRow) {
    this.m = m;
    this.k = k;
    this.a = a;
    this.aRow = aRow;
    this.aCol = aCol;
    this.c = c;
    this.cRow = cRow;
    this.accumulate = accumulate;
    this.bias = bias;
    this.addend = addend;
    this.addendRow = addendRow;
  }

  /** Columns of C from {@code first} on come from packed panels. */
  void packedPanels(int first, int count, long packed) {
    long step = k * ROW;
    panels(first, count, packed, step, ROW, packed + count / COLUMNS * step);
  }

  /**
   * Columns of C from {@code first} on come from full panels that lie {@code step} apart, with
   * {@code row} between steps along k, and a last, narrower one that is packed at {@code tail}.
   */
  void panels(int first, int count, long at, long step, long row, long tail) {
    firstColumn = first;
    columns = count;
    panels = at;
    panelStep = step;
    panelRow = row;
    tailPanel = tail;
  }

  /** Cuts the product into blocks, enough for every thread, and returns their number. */
  int plan(int threads, long inlineWork) {
    boolean alone = threads == 1 || (long) m * columns * Math.max(1, k) <= inlineWork;
    int wanted = alone ? 1 : 4 * threads;
    int most =
        m <= tiling.rows()
            ? Math.max(1, k)
            : transposed() ? tiling.transposedDepth() : tiling.depth();
    depth = Math.max(1, ceil(k, Math.max(1, ceil(k, most))));
    rowBlock = even(m, tiling.rowBlock(), tiling.rows());
    columnBlock = even(columns, tiling.columnBlock(depth), COLUMNS);
    while (blocks() < wanted && (rowBlock > 8 * tiling.rows() || columnBlock > 4 * COLUMNS)) {
      if (rowBlock > 8 * tiling.rows()) {
        rowBlock = even(m, rowBlock / 2, tiling.rows());
      } else {
        columnBlock = even(columns, columnBlock / 2, COLUMNS);
      }
    }
    if (!alone && blocks() % threads != 0 && blocks() < MANY * threads) {
      // Nine equal blocks on two threads take as long as ten.
      int parts = ceil(ceil(m, rowBlock), threads) * threads;
      rowBlock = ceil(ceil(m, parts), tiling.rows()) * tiling.rows();
    }
    rowBlocks = ceil(m, rowBlock);
    return Math.toIntExact(blocks());
  }

  /** Whether rows of A must be packed because it is their elements that lie far apart. */
  private boolean transposed() {
    return aRow == 4 && aCol != 4 && m > tiling.rows();
  }

  private long blocks() {
    return (long) ceil(m, rowBlock) * ceil(columns, columnBlock);
  }

  /** The size of equal parts of at most {@code most}, a multiple of {@code unit}. */
  private static int even(int size, int most, int unit) {
    int parts = ceil(size, Math.max(unit, most / unit * unit));
    return ceil(ceil(size, parts), unit) * unit;
  }

  private static int ceil(int size, int part) {
    return (int) ((size + (long) part - 1) / part);
  }

  @Override
  public void run(int task, int worker) {
    // Rows change fastest: neighbours share their columns of B in the last-level cache.
    int firstRow = task % rowBlocks * rowBlock;
    int firstPanel = task / rowBlocks * (columnBlock / COLUMNS);
    int rows = Math.min(rowBlock, m - firstRow);
    int lastPanel = Math.min(firstPanel + columnBlock / COLUMNS, ceil(columns, COLUMNS));
    long sums = scratch + worker * scratchBytes;
    int p = 0;
    do {
      slab(firstRow, rows, firstPanel, lastPanel, p, Math.min(depth, k - p), sums);
      p += depth;
    } while (p < k);
  }

  /**
   * Adds steps {@code p} to {@code p + steps - 1} along k to a block's sums.
   *
   * <p>It goes along a few rows of C at a time: these rows of A stay in the first-level cache, the
   * block of B in the second, and C is written in long runs.
   */
  private void slab(
      int firstRow, int rows, int firstPanel, int lastPanel, int p, int steps, long sums) {
    int tall = tiling.rows();
    long left = a + firstRow * aRow + p * aCol;
    boolean packing = transposed();
    long packed = sums + packedOffset;
    long group = Packing.groupBytes(steps, tall);
    for (int i = 0; i < rows; i += tall) {
      int count = Math.min(tall, rows - i);
      long at = left + i * aRow;
      if (packing) {
        if (i % PACKED_ROWS == 0) {
          int block = Math.min(PACKED_ROWS, rows - i);
          Packing.transposedRows(block, m - firstRow - i, steps, tall, at, aCol, packed);
        }
        at = packed + i % PACKED_ROWS / tall * group;
      }
      strip(
          count,
          steps,
          at,
          packing ? 4 : aRow,
          packing ? tall * 4L : aCol,
          firstRow + i,
          i,
          firstPanel,
          lastPanel,
          p,
          sums);
    }
  }

  /** Up to {@code tall} rows with the panels {@code from} to {@code to - 1}. */
  private void strip(
      int rows,
      int steps,
      long left,
      long leftRow,
      long leftCol,
      int row,
      int blockRow,
      int from,
      int to,
      int p,
      long sums) {
    boolean first = p == 0;
    boolean last = p + steps >= k;
    int end = Math.min(to, columns / COLUMNS);
    boolean inC = !accumulate && addend == 0;
    // Sums that are finished in one visit need their place only for the time of a strip.
    long sumsRow = columnBlock * 4L;
    long strip = first && last ? sums : sums + blockRow * sumsRow;
    if (from < end) {
      long placeRow = inC ? cRow : sumsRow;
      long place = inC ? inC(row, from) : strip;
      long right = panels + from * panelStep + p * panelRow;
      product(rows, end - from, steps, left, leftRow, leftCol, right, first, place, placeRow);
      if (last && (!inC || bias != 0)) {
        finish(row, rows, from, (end - from) * COLUMNS, place, placeRow);
      }
    }
    if (end < to) {
      long place = strip + (end - from) * ROW;
      kernel.run(
          rows,
          1,
          steps,
          left,
          leftRow,
          leftCol,
          tailPanel + p * ROW,
          ROW,
          0,
          first ? zeros : place,
          first ? 0 : sumsRow,
          0,
          place,
          sumsRow,
          0);
      if (last) {
        finish(row, rows, end, columns - end * COLUMNS, place, sumsRow);
      }
    }
  }

  private void product(
      int rows,
      int count,
      int steps,
      long left,
      long leftRow,
      long leftCol,
      long right,
      boolean first,
      long place,
      long placeRow) {
    kernel.run(
        rows,
        count,
        steps,
        left,
        leftRow,
        leftCol,
        right,
        panelRow,
        panelStep,
        first ? zeros : place,
        first ? 0 : placeRow,
        first ? 0 : ROW,
        place,
        placeRow,
        ROW);
  }

  /** Where C's element at the row and the panel's first column lies. */
  private long inC(int row, int panel) {
    return c + row * cRow + (firstColumn + (long) panel * COLUMNS) * 4;
  }

  private void finish(int row, int rows, int panel, int width, long place, long placeRow) {
    long offset = (firstColumn + (long) panel * COLUMNS) * 4;
    Epilogue.finish(
        rows,
        width,
        place,
        placeRow,
        c + row * cRow + offset,
        cRow,
        accumulate,
        bias == 0 ? 0 : bias + offset,
        addend == 0 ? 0 : addend + row * addendRow + offset,
        addendRow);
  }
}
