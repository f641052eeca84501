package dev.gamelan.tensor.quant;

import static dev.gamelan.tensor.quant.Blocks.put;
import static dev.gamelan.tensor.quant.Blocks.unsigned;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Blocks of 32. Where two values share a byte, its lower half is element i, its upper element i +
 * 16. {@code at} is where the values begin, after the scales.
 */
final class SmallBlocks {
  private static final int HALF = 16;

  /** The steps of IQ4_NL. */
  private static final int[] STEPS = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
  };

  private SmallBlocks() {}

  /** d·(q − zero). */
  static void q4(MemorySegment from, long at, float d, int zero, MemorySegment to, long y) {
    for (int i = 0; i < HALF; i++) {
      int both = unsigned(from, at + i);
      put(to, y, i, d * ((both & 0xF) - zero));
      put(to, y, i + HALF, d * ((both >> 4) - zero));
    }
  }

  /** d·q + m. */
  static void q4WithMinimum(
      MemorySegment from, long at, float d, float m, MemorySegment to, long y) {
    for (int i = 0; i < HALF; i++) {
      int both = unsigned(from, at + i);
      put(to, y, i, d * (both & 0xF) + m);
      put(to, y, i + HALF, d * (both >> 4) + m);
    }
  }

  /** d·(q − zero) + m (−0 for none); the fifth bits stand before the others, 32 in an int. */
  static void q5(
      MemorySegment from, long at, float d, int zero, float m, MemorySegment to, long y) {
    int fifth = from.get(Blocks.INT, at);
    for (int i = 0; i < HALF; i++) {
      int both = unsigned(from, at + 4 + i);
      int low = both & 0xF | (fifth >>> i & 1) << 4;
      int high = both >> 4 | (fifth >>> i + HALF & 1) << 4;
      put(to, y, i, d * (low - zero) + m);
      put(to, y, i + HALF, d * (high - zero) + m);
    }
  }

  /** d·q, q signed. */
  static void q8(MemorySegment from, long at, float d, MemorySegment to, long y) {
    for (int i = 0; i < 2 * HALF; i++) {
      put(to, y, i, d * from.get(ValueLayout.JAVA_BYTE, at + i));
    }
  }

  /** d·STEPS[q]. */
  static void steps(MemorySegment from, long at, float d, MemorySegment to, long y) {
    for (int i = 0; i < HALF; i++) {
      int both = unsigned(from, at + i);
      put(to, y, i, d * STEPS[both & 0xF]);
      put(to, y, i + HALF, d * STEPS[both >> 4]);
    }
  }
}
