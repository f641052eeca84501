package dev.gamelan.kernels.vector;

import java.lang.foreign.Arena;

/**
 * The right operand B[k, n] of a product in the order in which kernels read it: panels of two
 * vectors' columns, {@code [⌈n / columns⌉][k][columns]}, the last filled up with zeros. Made and
 * filled by {@link Gemm}, off the heap, aligned to a cache line; freed with its arena.
 */
final class PackedB {
  private final int k;
  private final int n;
  private final long address;

  private PackedB(int k, int n, long address) {
    this.k = k;
    this.n = n;
    this.address = address;
  }

  /** Room for B[k, n], all zeros. */
  static PackedB allocate(Arena arena, int k, int n) {
    return new PackedB(k, n, Memory.allocate(arena, bytes(k, n)));
  }

  /** Bytes that B[k, n] takes when packed. */
  static long bytes(int k, int n) {
    if (k < 0 || n < 0) {
      throw new IllegalArgumentException(
          "PackedB: B[%d, %d], but sizes cannot be negative".formatted(k, n));
    }
    return Memory.roundUp(n, Tiling.columns()) * k * 4;
  }

  int k() {
    return k;
  }

  int n() {
    return n;
  }

  long address() {
    return address;
  }
}
