package dev.gamelan.kernels.vector;

import java.lang.foreign.Arena;

/**
 * Sums over rows, in parts: rows are cut into at most {@link #MOST} chunks whose borders depend on
 * their number only, every chunk is summed by itself and the chunks are added in their order. So
 * the number of threads changes nothing.
 */
final class Partials implements AutoCloseable {
  private static final int MOST = 32;
  private static final long LEAST = 16;

  private Arena arena = Arena.ofShared();
  private long capacity;
  private long base;
  private long pitch;
  private long rows;
  private long share;
  private int chunks;

  /** Prepares zeroed sums of {@code width} floats for every chunk of {@code rows} rows. */
  void begin(long rows, long width) {
    this.rows = rows;
    share = Math.max(LEAST, (rows + MOST - 1) / MOST);
    chunks = (int) ((rows + share - 1) / share);
    pitch = Memory.roundUp(4 * width, Memory.LINE);
    long bytes = pitch * chunks;
    if (bytes > capacity) {
      arena.close();
      arena = Arena.ofShared();
      capacity = bytes;
      base = Memory.allocate(arena, bytes);
    }
    for (int chunk = 0; chunk < chunks; chunk++) {
      Arithmetic.fill(of(chunk), 0, 0, 0, 0, (int) (pitch / 4), 0);
    }
  }

  int chunks() {
    return chunks;
  }

  long from(int chunk) {
    return chunk * share;
  }

  long to(int chunk) {
    return Math.min(rows, (chunk + 1) * share);
  }

  /** Where a chunk's sums are. */
  long of(int chunk) {
    return base + chunk * pitch;
  }

  /** sum[0 … n) += the chunks' sums from {@code offset} floats on. */
  void addTo(long sum, long offset, int n) {
    for (int chunk = 0; chunk < chunks; chunk++) {
      Rows.add(of(chunk) + 4 * offset, sum, n);
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
