package dev.gamelan.kernels.vector;

import jdk.incubator.vector.FloatVector;

/**
 * The sweeps of norms; each is a {@link RowPass}. p is the row's centre (0 for RMS norm) and q its
 * factor rstd, so that x̂ = (x − p)·q.
 */
final class NormSweeps {
  private NormSweeps() {}

  /** Σ a. */
  static float sum(
      long a, long b, long c, long d, int n, float p, float q, float r, float s, float[] lanes) {
    long x = a & Memory.ADDRESS;
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
    for (; i < n; i += Lanes.COUNT) {
      s0 = s0.add(Lanes.load(x + 4L * i));
    }
    s0.add(s1).add(s2.add(s3)).intoArray(lanes, 0);
    return RowSweeps.sum(lanes);
  }

  /** Σ (a − p)². */
  static float squares(
      long a, long b, long c, long d, int n, float p, float q, float r, float s, float[] lanes) {
    long x = a & Memory.ADDRESS;
    FloatVector centre = FloatVector.broadcast(Lanes.SPECIES, p);
    FloatVector s0 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s1 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s2 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s3 = FloatVector.zero(Lanes.SPECIES);
    int i = 0;
    for (; i <= n - 4 * Lanes.COUNT; i += 4 * Lanes.COUNT) {
      long o = x + 4L * i;
      FloatVector v0 = Lanes.load(o).sub(centre);
      FloatVector v1 = Lanes.load(o + Lanes.BYTES).sub(centre);
      FloatVector v2 = Lanes.load(o + 2 * Lanes.BYTES).sub(centre);
      FloatVector v3 = Lanes.load(o + 3 * Lanes.BYTES).sub(centre);
      s0 = v0.fma(v0, s0);
      s1 = v1.fma(v1, s1);
      s2 = v2.fma(v2, s2);
      s3 = v3.fma(v3, s3);
    }
    for (; i < n; i += Lanes.COUNT) {
      FloatVector v = Lanes.load(x + 4L * i).sub(centre);
      s0 = v.fma(v, s0);
    }
    s0.add(s1).add(s2.add(s3)).intoArray(lanes, 0);
    return RowSweeps.sum(lanes);
  }

  /** d = x̂·b + c for x = a. */
  static float normalise(
      long a, long b, long c, long d, int n, float p, float q, float r, float s, float[] lanes) {
    long x = a & Memory.ADDRESS;
    long weight = b & Memory.ADDRESS;
    long bias = c & Memory.ADDRESS;
    long y = d & Memory.ADDRESS;
    FloatVector centre = FloatVector.broadcast(Lanes.SPECIES, p);
    FloatVector factor = FloatVector.broadcast(Lanes.SPECIES, q);
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      FloatVector normal = Lanes.load(x + o).sub(centre).mul(factor);
      Lanes.store(normal.fma(Lanes.load(weight + o), Lanes.load(bias + o)), y + o);
    }
    return 0;
  }

  /** c = a·q·b: RMS norm of a. */
  static float rescale(
      long a, long b, long c, long d, int n, float p, float q, float r, float s, float[] lanes) {
    long x = a & Memory.ADDRESS;
    long weight = b & Memory.ADDRESS;
    long y = c & Memory.ADDRESS;
    FloatVector factor = FloatVector.broadcast(Lanes.SPECIES, q);
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      Lanes.store(Lanes.load(x + o).mul(factor).mul(Lanes.load(weight + o)), y + o);
    }
    return 0;
  }

  /** Σ a·b. */
  static float dot(
      long a, long b, long c, long d, int n, float p, float q, float r, float s, float[] lanes) {
    long x = a & Memory.ADDRESS;
    long y = b & Memory.ADDRESS;
    FloatVector even = FloatVector.zero(Lanes.SPECIES);
    FloatVector odd = FloatVector.zero(Lanes.SPECIES);
    int i = 0;
    for (; i <= n - 2 * Lanes.COUNT; i += 2 * Lanes.COUNT) {
      long o = 4L * i;
      even = Lanes.load(x + o).fma(Lanes.load(y + o), even);
      odd = Lanes.load(x + o + Lanes.BYTES).fma(Lanes.load(y + o + Lanes.BYTES), odd);
    }
    if (i < n) {
      even = Lanes.load(x + 4L * i).fma(Lanes.load(y + 4L * i), even);
    }
    even.add(odd).intoArray(lanes, 0);
    return RowSweeps.sum(lanes);
  }

  /** Σ a·b·x̂ for x = c. */
  static float dotNormal(
      long a, long b, long c, long d, int n, float p, float q, float r, float s, float[] lanes) {
    long dy = a & Memory.ADDRESS;
    long weight = b & Memory.ADDRESS;
    long x = c & Memory.ADDRESS;
    FloatVector centre = FloatVector.broadcast(Lanes.SPECIES, p);
    FloatVector factor = FloatVector.broadcast(Lanes.SPECIES, q);
    FloatVector even = FloatVector.zero(Lanes.SPECIES);
    FloatVector odd = FloatVector.zero(Lanes.SPECIES);
    int i = 0;
    for (; i <= n - 2 * Lanes.COUNT; i += 2 * Lanes.COUNT) {
      long o = 4L * i;
      long o1 = o + Lanes.BYTES;
      FloatVector normal = Lanes.load(x + o).sub(centre).mul(factor);
      even = Lanes.load(dy + o).mul(Lanes.load(weight + o)).fma(normal, even);
      FloatVector normal1 = Lanes.load(x + o1).sub(centre).mul(factor);
      odd = Lanes.load(dy + o1).mul(Lanes.load(weight + o1)).fma(normal1, odd);
    }
    if (i < n) {
      long o = 4L * i;
      FloatVector normal = Lanes.load(x + o).sub(centre).mul(factor);
      even = Lanes.load(dy + o).mul(Lanes.load(weight + o)).fma(normal, even);
    }
    even.add(odd).intoArray(lanes, 0);
    return RowSweeps.sum(lanes);
  }

  /** d = q·(a·b + r + s·x̂) for x = c. */
  static float input(
      long a, long b, long c, long d, int n, float p, float q, float r, float s, float[] lanes) {
    long dy = a & Memory.ADDRESS;
    long weight = b & Memory.ADDRESS;
    long x = c & Memory.ADDRESS;
    long dx = d & Memory.ADDRESS;
    FloatVector centre = FloatVector.broadcast(Lanes.SPECIES, p);
    FloatVector factor = FloatVector.broadcast(Lanes.SPECIES, q);
    FloatVector shift = FloatVector.broadcast(Lanes.SPECIES, r);
    FloatVector slope = FloatVector.broadcast(Lanes.SPECIES, s);
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      FloatVector normal = Lanes.load(x + o).sub(centre).mul(factor);
      FloatVector moved = Lanes.load(dy + o).fma(Lanes.load(weight + o), shift);
      Lanes.store(normal.fma(slope, moved).mul(factor), dx + o);
    }
    return 0;
  }

  /** c += a·x̂ for x = b: the gradient of the weight. */
  static float weight(
      long a, long b, long c, long d, int n, float p, float q, float r, float s, float[] lanes) {
    long dy = a & Memory.ADDRESS;
    long x = b & Memory.ADDRESS;
    long dweight = c & Memory.ADDRESS;
    FloatVector centre = FloatVector.broadcast(Lanes.SPECIES, p);
    FloatVector factor = FloatVector.broadcast(Lanes.SPECIES, q);
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      FloatVector normal = Lanes.load(x + o).sub(centre).mul(factor);
      Lanes.store(Lanes.load(dy + o).fma(normal, Lanes.load(dweight + o)), dweight + o);
    }
    return 0;
  }

  /** b += a. */
  static float add(
      long a, long b, long c, long d, int n, float p, float q, float r, float s, float[] lanes) {
    Arithmetic.addTo(a, b, 0, 0, 0, n, 0);
    return 0;
  }
}
