package dev.gamelan.kernels.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Sweeps of plain arithmetic; each is a {@link Pass}. */
final class Arithmetic {
  private Arithmetic() {}

  /** a = p. */
  static void fill(long a, long b, long c, long d, long e, int n, float p) {
    long y = a & Memory.ADDRESS;
    FloatVector value = FloatVector.broadcast(Lanes.SPECIES, p);
    for (int i = 0; i < n; i += Lanes.COUNT) {
      Lanes.store(value, y + 4L * i);
    }
  }

  /** b += a. */
  static void addTo(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long y = b & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      Lanes.store(Lanes.load(y + o).add(Lanes.load(x + o)), y + o);
    }
  }

  /** c = a + b. */
  static void add(long a, long b, long c, long d, long e, int n, float p) {
    long x1 = a & Memory.ADDRESS;
    long x2 = b & Memory.ADDRESS;
    long y = c & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      Lanes.store(Lanes.load(x1 + o).add(Lanes.load(x2 + o)), y + o);
    }
  }

  /** b = p·a. */
  static void scale(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long y = b & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      Lanes.store(Lanes.load(x + o).mul(p), y + o);
    }
  }

  /** b += p·a. */
  static void addScaled(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long y = b & Memory.ADDRESS;
    FloatVector factor = FloatVector.broadcast(Lanes.SPECIES, p);
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      Lanes.store(Lanes.load(x + o).fma(factor, Lanes.load(y + o)), y + o);
    }
  }

  /** b = min(max(a, −p), p). */
  static void clamp(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long y = b & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      Lanes.store(Lanes.load(x + o).max(-p).min(p), y + o);
    }
  }

  /** c = b where −p ≤ a ≤ p, else 0. */
  static void clampBackward(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long dy = b & Memory.ADDRESS;
    long dx = c & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      Lanes.store(Lanes.load(dy + o).blend(0, outside(Lanes.load(x + o), p)), dx + o);
    }
  }

  /** NaN is outside. */
  private static VectorMask<Float> outside(FloatVector x, float bound) {
    return x.abs().compare(VectorOperators.LE, bound).not();
  }
}
