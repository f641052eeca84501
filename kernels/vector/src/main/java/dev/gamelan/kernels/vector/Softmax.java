package dev.gamelan.kernels.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Softmax of one row of logits and what losses make of it, in sweeps: each is a {@link RowPass}. a
 * is the row of logits, which is padded with −∞, whose probability is 0.
 */
final class Softmax {
  private static final float PADDING = Float.NEGATIVE_INFINITY;

  private final RowSweeps sweeps;

  Softmax(RowSweeps sweeps) {
    this.sweeps = sweeps;
  }

  /** log Σ exp x. */
  double logSumExp(long x, int n, int worker) {
    float most = max(x, n, sweeps.lanes(worker));
    float sum = sweeps.run(Softmax::sumExp, 1, 0, x, 0, 0, 0, n, PADDING, most, 0, 0, 0, worker);
    return most + StrictMath.log(sum);
  }

  /** y = factor·exp(x − lse). */
  void probabilities(long x, float lse, float factor, int n, long y, int worker) {
    sweeps.run(Softmax::scaledExp, 2, 1, x, y, 0, 0, n, PADDING, lse, factor, 0, 0, worker);
  }

  /**
   * KL(softmax(x) ‖ softmax(r)).
   *
   * @param lse of x
   * @param difference lse of x − lse of r
   */
  float kl(long x, long r, float lse, float difference, int n, int worker) {
    return sweeps.run(
        Softmax::divergence, 2, 0, x, r, 0, 0, n, PADDING, lse, difference, 0, 0, worker);
  }

  /** y = factor·p·(log p − log q − kl). */
  void klSlopes(
      long x,
      long r,
      float lse,
      float difference,
      float kl,
      float factor,
      int n,
      long y,
      int worker) {
    sweeps.run(Softmax::slopes, 3, 1, x, r, y, 0, n, PADDING, lse, difference, kl, factor, worker);
  }

  /** The largest; NaN if one is. */
  private static float max(long address, int n, float[] lanes) {
    long x = address & Memory.ADDRESS;
    FloatVector most = FloatVector.broadcast(Lanes.SPECIES, Float.NEGATIVE_INFINITY);
    int i = 0;
    for (; i <= n - Lanes.COUNT; i += Lanes.COUNT) {
      most = most.max(Lanes.load(x + 4L * i));
    }
    most.intoArray(lanes, 0);
    float result = lanes[0];
    for (int lane = 1; lane < Lanes.COUNT; lane++) {
      result = Math.max(result, lanes[lane]);
    }
    for (; i < n; i++) {
      result = Math.max(result, Memory.f32(x + 4L * i));
    }
    return result;
  }

  /** Σ exp(a − p). */
  private static float sumExp(
      long a, long b, long c, long d, int n, float p, float q, float r, float s, float[] lanes) {
    long x = a & Memory.ADDRESS;
    FloatVector most = FloatVector.broadcast(Lanes.SPECIES, p);
    FloatVector sum = FloatVector.zero(Lanes.SPECIES);
    for (int i = 0; i < n; i += Lanes.COUNT) {
      sum = sum.add(Curves.exp(Lanes.load(x + 4L * i).sub(most)));
    }
    sum.intoArray(lanes, 0);
    return RowSweeps.sum(lanes);
  }

  /** b = q·exp(a − p). */
  private static float scaledExp(
      long a, long b, long c, long d, int n, float p, float q, float r, float s, float[] lanes) {
    long x = a & Memory.ADDRESS;
    long y = b & Memory.ADDRESS;
    FloatVector lse = FloatVector.broadcast(Lanes.SPECIES, p);
    FloatVector factor = FloatVector.broadcast(Lanes.SPECIES, q);
    for (int i = 0; i < n; i += Lanes.COUNT) {
      Lanes.store(Curves.exp(Lanes.load(x + 4L * i).sub(lse)).mul(factor), y + 4L * i);
    }
    return 0;
  }

  /** Σ exp(a − p)·(a − b − q). */
  private static float divergence(
      long a, long b, long c, long d, int n, float p, float q, float r, float s, float[] lanes) {
    long x = a & Memory.ADDRESS;
    long y = b & Memory.ADDRESS;
    FloatVector lse = FloatVector.broadcast(Lanes.SPECIES, p);
    FloatVector difference = FloatVector.broadcast(Lanes.SPECIES, q);
    FloatVector sum = FloatVector.zero(Lanes.SPECIES);
    for (int i = 0; i < n; i += Lanes.COUNT) {
      FloatVector v = Lanes.load(x + 4L * i);
      sum = sum.add(term(v, Lanes.load(y + 4L * i), lse, difference));
    }
    sum.intoArray(lanes, 0);
    return RowSweeps.sum(lanes);
  }

  /** c = s·exp(a − p)·(a − b − q − r). */
  private static float slopes(
      long a, long b, long c, long d, int n, float p, float q, float r, float s, float[] lanes) {
    long x = a & Memory.ADDRESS;
    long y = b & Memory.ADDRESS;
    long dx = c & Memory.ADDRESS;
    FloatVector lse = FloatVector.broadcast(Lanes.SPECIES, p);
    FloatVector shift = FloatVector.broadcast(Lanes.SPECIES, q + r);
    FloatVector factor = FloatVector.broadcast(Lanes.SPECIES, s);
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      FloatVector v = Lanes.load(x + o);
      Lanes.store(term(v, Lanes.load(y + o), lse, shift).mul(factor), dx + o);
    }
    return 0;
  }

  /** p·(x − r − shift), 0 where p is 0. The logits' difference comes first: it may be small. */
  private static FloatVector term(
      FloatVector x, FloatVector r, FloatVector lse, FloatVector shift) {
    FloatVector p = Curves.exp(x.sub(lse));
    return p.mul(x.sub(r).sub(shift)).blend(p, p.compare(VectorOperators.EQ, 0));
  }
}
