package dev.gamelan.kernels.vector;

import jdk.incubator.vector.FloatVector;

/** Sums along one row, in an order that depends on its length only. */
final class Rows {
  private Rows() {}

  /**
   * The sum of the lanes as a balanced tree. {@link FloatVector#reduceLanes} adds in another order
   * compiled than interpreted, so the same run could give other bits.
   *
   * @param lanes a line of scratch memory
   */
  static float sum(FloatVector v, long lanes) {
    Lanes.store(v, lanes);
    return tree(lanes);
  }

  private static float tree(long lanes) {
    float low = four(lanes);
    if (Lanes.COUNT == 4) {
      return low;
    }
    float middle = low + four(lanes + 16);
    if (Lanes.COUNT == 8) {
      return middle;
    }
    return middle + (four(lanes + 32) + four(lanes + 48));
  }

  private static float four(long lanes) {
    return (Memory.f32(lanes) + Memory.f32(lanes + 4))
        + (Memory.f32(lanes + 8) + Memory.f32(lanes + 12));
  }

  /** Σ x·y. */
  static float dot(long first, long second, int n, long lanes) {
    long x = first & Memory.ADDRESS;
    long y = second & Memory.ADDRESS;
    FloatVector s0 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s1 = FloatVector.zero(Lanes.SPECIES);
    int i = 0;
    for (; i <= n - 2 * Lanes.COUNT; i += 2 * Lanes.COUNT) {
      long o = 4L * i;
      s0 = Lanes.load(x + o).fma(Lanes.load(y + o), s0);
      s1 = Lanes.load(x + o + Lanes.BYTES).fma(Lanes.load(y + o + Lanes.BYTES), s1);
    }
    for (; i <= n - Lanes.COUNT; i += Lanes.COUNT) {
      s0 = Lanes.load(x + 4L * i).fma(Lanes.load(y + 4L * i), s0);
    }
    float sum = sum(s0.add(s1), lanes);
    for (; i < n; i++) {
      sum = Math.fma(Memory.f32(x + 4L * i), Memory.f32(y + 4L * i), sum);
    }
    return sum;
  }

  /** y += factor·x. */
  static void addScaled(long from, float factor, long to, int n) {
    long x = from & Memory.ADDRESS;
    long y = to & Memory.ADDRESS;
    int full = n / Lanes.COUNT * Lanes.COUNT;
    Arithmetic.addScaled(x, y, 0, 0, 0, full, factor);
    for (int i = full; i < n; i++) {
      Memory.f32(y + 4L * i, Math.fma(Memory.f32(x + 4L * i), factor, Memory.f32(y + 4L * i)));
    }
  }

  /** y = factor·x. */
  static void scaled(long from, float factor, long to, int n) {
    long x = from & Memory.ADDRESS;
    long y = to & Memory.ADDRESS;
    int full = n / Lanes.COUNT * Lanes.COUNT;
    Arithmetic.scale(x, y, 0, 0, 0, full, factor);
    for (int i = full; i < n; i++) {
      Memory.f32(y + 4L * i, Memory.f32(x + 4L * i) * factor);
    }
  }

  /** y += x. */
  static void add(long from, long to, int n) {
    long x = from & Memory.ADDRESS;
    long y = to & Memory.ADDRESS;
    int full = n / Lanes.COUNT * Lanes.COUNT;
    Arithmetic.addTo(x, y, 0, 0, 0, full, 0);
    for (int i = full; i < n; i++) {
      Memory.f32(y + 4L * i, Memory.f32(y + 4L * i) + Memory.f32(x + 4L * i));
    }
  }
}
