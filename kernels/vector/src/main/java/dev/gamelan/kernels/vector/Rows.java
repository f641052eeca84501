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

  /** Σ x. */
  static float sum(long address, int n, long lanes) {
    long x = address & Memory.ADDRESS;
    FloatVector s0 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s1 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s2 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s3 = FloatVector.zero(Lanes.SPECIES);
    int i = 0;
    for (; i <= n - 4 * Lanes.COUNT; i += 4 * Lanes.COUNT) {
      long o = x + 4L * i;
      s0 = s0.add(Lanes.load(o));
      s1 = s1.add(Lanes.load(o + Lanes.BYTES));
      s2 = s2.add(Lanes.load(o + 2 * Lanes.BYTES));
      s3 = s3.add(Lanes.load(o + 3 * Lanes.BYTES));
    }
    for (; i <= n - Lanes.COUNT; i += Lanes.COUNT) {
      s0 = s0.add(Lanes.load(x + 4L * i));
    }
    float sum = sum(s0.add(s1).add(s2.add(s3)), lanes);
    for (; i < n; i++) {
      sum += Memory.f32(x + 4L * i);
    }
    return sum;
  }

  /** Σ (x − centre)². */
  static float squares(long address, float centre, int n, long lanes) {
    long x = address & Memory.ADDRESS;
    FloatVector s0 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s1 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s2 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s3 = FloatVector.zero(Lanes.SPECIES);
    int i = 0;
    for (; i <= n - 4 * Lanes.COUNT; i += 4 * Lanes.COUNT) {
      long o = x + 4L * i;
      FloatVector d0 = Lanes.load(o).sub(centre);
      FloatVector d1 = Lanes.load(o + Lanes.BYTES).sub(centre);
      FloatVector d2 = Lanes.load(o + 2 * Lanes.BYTES).sub(centre);
      FloatVector d3 = Lanes.load(o + 3 * Lanes.BYTES).sub(centre);
      s0 = d0.fma(d0, s0);
      s1 = d1.fma(d1, s1);
      s2 = d2.fma(d2, s2);
      s3 = d3.fma(d3, s3);
    }
    for (; i <= n - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector d = Lanes.load(x + 4L * i).sub(centre);
      s0 = d.fma(d, s0);
    }
    float sum = sum(s0.add(s1).add(s2.add(s3)), lanes);
    for (; i < n; i++) {
      float d = Memory.f32(x + 4L * i) - centre;
      sum = Math.fma(d, d, sum);
    }
    return sum;
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
