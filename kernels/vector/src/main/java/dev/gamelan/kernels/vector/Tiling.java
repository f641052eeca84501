package dev.gamelan.kernels.vector;

/**
 * How products are cut into tiles: a pure function of the machine. It decides speed, never bits.
 *
 * @param rows rows of the main kernel, 6 or 12
 * @param depth the most steps along k between two visits of an accumulator's memory
 * @param rowBlock rows of A whose block of {@code depth} is meant to stay in the second-level cache
 * @param columnBlock columns of C a task covers, a multiple of {@link #columns()}
 * @param packedBytes how much of an unpacked B is packed at a time
 */
record Tiling(int rows, int depth, int rowBlock, int columnBlock, long packedBytes) {
  Tiling {
    if ((rows != 6 && rows != 12)
        || depth < 1
        || rowBlock < rows
        || rowBlock % rows != 0
        || columnBlock < columns()
        || columnBlock % columns() != 0
        || packedBytes < 0) {
      throw new IllegalArgumentException(
          "Tiling: rows %d, depth %d, rowBlock %d, columnBlock %d, packedBytes %d"
              .formatted(rows, depth, rowBlock, columnBlock, packedBytes));
    }
  }

  /** Columns of a panel: two vectors. */
  static int columns() {
    return 2 * Lanes.COUNT;
  }

  static Tiling of(Capabilities machine) {
    int rows = machine.vectorRegisters() >= 32 ? 12 : 6;
    // A panel of B and one of A share the first-level cache with a margin for C and the stack.
    int depth = Math.clamp(machine.l1() * 3 / 4 / (4L * (columns() + rows)), 64, 384);
    // Under half of the second level for the block of A: panels of B stream past it.
    int rowBlock = Math.clamp(machine.l2() * 2 / 5 / (4L * depth) / rows * rows, 4 * rows, 240);
    return new Tiling(rows, depth, rowBlock / rows * rows, 16 * columns(), machine.l3() / 4);
  }
}
