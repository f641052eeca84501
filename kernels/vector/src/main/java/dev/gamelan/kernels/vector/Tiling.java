package dev.gamelan.kernels.vector;

/**
 * How products are cut into tiles: a pure function of the machine. It decides speed, never bits.
 *
 * @param rows rows of the main kernel, 6 or 12
 * @param depth the most steps along k between two visits of a sum's memory
 * @param rowBlock the most rows of C in a task
 * @param panelBytes how much of B is meant to stay in the second-level cache
 * @param packedBytes how much of an unpacked B is packed at a time
 */
record Tiling(int rows, int depth, int rowBlock, long panelBytes, long packedBytes) {
  private static final int MOST_COLUMNS = 1024;

  Tiling {
    if ((rows != 6 && rows != 12)
        || depth < 2
        || rowBlock < rows
        || rowBlock % rows != 0
        || panelBytes < 0
        || packedBytes < 0) {
      throw new IllegalArgumentException(
          "Tiling: rows %d, depth %d, rowBlock %d, panelBytes %d, packedBytes %d"
              .formatted(rows, depth, rowBlock, panelBytes, packedBytes));
    }
  }

  /** Columns of a panel: two vectors. */
  static int columns() {
    return 2 * Lanes.COUNT;
  }

  /**
   * The depth when A is packed on the way: shallower, so that a block of B is wider and A's copy is
   * used more often.
   */
  int transposedDepth() {
    return depth / 2;
  }

  /** Columns of C that a task covers at this depth, a multiple of {@link #columns()}. */
  int columnBlock(int steps) {
    long columns = panelBytes / (4L * Math.max(1, steps)) / columns() * columns();
    return Math.clamp(columns, columns(), MOST_COLUMNS);
  }

  /** The most memory that a task's unfinished sums take. */
  long sumBytes() {
    long strip = 4L * rows * MOST_COLUMNS;
    return Math.max(strip, 4L * rowBlock * columnBlock(transposedDepth() / 2));
  }

  static Tiling of(Capabilities machine) {
    return of(machine, machine.vectorRegisters() >= 32 ? 12 : 6);
  }

  /** For a main kernel of so many rows. */
  static Tiling of(Capabilities machine, int rows) {
    // The kernel's rows of A take three quarters of the first-level cache; B streams through the
    // rest.
    int depth = Math.clamp(machine.l1() * 3 / 4 / (4L * rows), 128, 1024);
    return new Tiling(rows, depth, 192, machine.l2() * 3 / 4, machine.l3() / 4);
  }
}
