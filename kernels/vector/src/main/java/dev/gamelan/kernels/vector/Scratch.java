package dev.gamelan.kernels.vector;

import java.lang.foreign.Arena;

/** A few cache lines for every worker: the padded ends of rows, and the lanes of a sum. */
final class Scratch implements AutoCloseable {
  static final int LINES = 8;
  private static final long WORKER = (LINES + 2) * Memory.LINE;

  private final Arena arena = Arena.ofShared();
  private final long base;

  Scratch(int threads) {
    base = Memory.allocate(arena, threads * WORKER);
  }

  /** The address of line {@code k} of a worker: 64 bytes, one vector of the widest kind. */
  long line(int worker, int k) {
    return base + worker * WORKER + k * Memory.LINE;
  }

  @Override
  public void close() {
    arena.close();
  }
}
