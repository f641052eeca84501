package dev.gamelan.kernels.vector;

import java.lang.foreign.Arena;

/**
 * For every worker a few cache lines, for the padded ends of rows and the lanes of sums, and a
 * block.
 */
final class Scratch implements AutoCloseable {
  static final int LINES = 8;

  /** Floats of {@link #block}. */
  static final int BLOCK = 1024;

  private static final long WORKER = LINES * Memory.LINE + 4 * BLOCK;

  private final Arena arena = Arena.ofShared();
  private final long base;
  private final float[][] lanes;

  Scratch(int threads) {
    base = Memory.allocate(arena, threads * WORKER);
    // Longer than any vector, so that no two workers' lanes share a cache line.
    lanes = new float[threads][4 * Lanes.COUNT + 32];
  }

  /** The address of line {@code k} of a worker: 64 bytes, one vector of the widest kind. */
  long line(int worker, int k) {
    return base + worker * WORKER + k * Memory.LINE;
  }

  /** Room for the lanes of a worker's sum. */
  float[] lanes(int worker) {
    return lanes[worker];
  }

  /** The address of {@link #BLOCK} floats of a worker. */
  long block(int worker) {
    return base + worker * WORKER + LINES * Memory.LINE;
  }

  @Override
  public void close() {
    arena.close();
  }
}
