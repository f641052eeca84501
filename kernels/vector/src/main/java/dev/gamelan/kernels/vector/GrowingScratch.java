package dev.gamelan.kernels.vector;

import java.lang.foreign.Arena;

/**
 * Memory between calls of one operation: allocated when a call needs more than any before, so that
 * calls of the same shapes allocate nothing. Its content doesn't survive growing.
 */
final class GrowingScratch implements AutoCloseable {
  private Arena arena = Arena.ofShared();
  private long address;
  private long bytes;

  /** At least {@code wanted} bytes, aligned to a cache line. */
  long reserve(long wanted) {
    if (wanted > bytes) {
      arena.close();
      bytes = 0;
      arena = Arena.ofShared();
      address = Memory.allocate(arena, wanted);
      bytes = wanted;
    }
    return address;
  }

  /** Where the memory lies that {@link #reserve} gave last. */
  long address() {
    return address;
  }

  @Override
  public void close() {
    arena.close();
  }
}
