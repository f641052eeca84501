package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.random.CounterRandom;
import java.lang.foreign.Arena;

/** A strided matrix off the heap, with canaries in every float that is not an element. */
final class Operand {
  private static final int CANARY = 0x7fc0dead;
  private static final int MARGIN = 37;

  final int rows;
  final int cols;
  final long rowStride;
  final long colStride;
  private final long start;
  private final long floats;
  private final boolean[] isElement;

  private Operand(Arena arena, int rows, int cols, long rowStride, long colStride, int offset) {
    this.rows = rows;
    this.cols = cols;
    this.rowStride = rowStride;
    this.colStride = colStride;
    long span = rows == 0 || cols == 0 ? 0 : (rows - 1) * rowStride + (cols - 1) * colStride + 1;
    floats = span + 2L * MARGIN;
    start = arena.allocate((floats + offset) * 4, 64).address() + offset * 4L;
    isElement = new boolean[Math.toIntExact(floats)];
    for (long f = 0; f < floats; f++) {
      Memory.f32(start + f * 4, Float.intBitsToFloat(CANARY));
    }
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < cols; j++) {
        isElement[Math.toIntExact(MARGIN + i * rowStride + j * colStride)] = true;
      }
    }
  }

  /** Rows contiguous, {@code gap} floats between them, {@code offset} floats off a cache line. */
  static Operand rowMajor(Arena arena, int rows, int cols, int gap, int offset) {
    return new Operand(arena, rows, cols, cols + gap, 1, offset);
  }

  /** Columns contiguous. */
  static Operand columnMajor(Arena arena, int rows, int cols, int gap, int offset) {
    return new Operand(arena, rows, cols, 1, rows + gap, offset);
  }

  /** Neither contiguous. */
  static Operand sparse(Arena arena, int rows, int cols, int gap, int offset) {
    return new Operand(arena, rows, cols, 2L * cols + gap, 2, offset);
  }

  /** Values in [-1, 1) that depend on the seed and the place alone. */
  Operand random(long seed) {
    CounterRandom random = new CounterRandom(seed, 0);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < cols; j++) {
        set(i, j, (float) (2 * random.uniform((long) i * cols + j) - 1));
      }
    }
    return this;
  }

  long address() {
    return start + MARGIN * 4L;
  }

  float at(int i, int j) {
    return Memory.f32(address() + (i * rowStride + j * colStride) * 4);
  }

  void set(int i, int j, float value) {
    Memory.f32(address() + (i * rowStride + j * colStride) * 4, value);
  }

  /** Elements in rows, NaNs made equal, zeros told apart by sign. */
  int[] bits() {
    int[] bits = new int[rows * cols];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < cols; j++) {
        bits[i * cols + j] = Float.floatToIntBits(at(i, j));
      }
    }
    return bits;
  }

  boolean canariesLive() {
    for (int f = 0; f < floats; f++) {
      if (!isElement[f] && Float.floatToRawIntBits(Memory.f32(start + f * 4L)) != CANARY) {
        return false;
      }
    }
    return true;
  }
}
