package dev.gamelan.kernels.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Softmax of one row of logits and what losses make of it. The row's end is padded in scratch
 * memory with logits of −∞, whose probability is 0.
 */
final class Softmax {
  private Softmax() {}

  /**
   * log Σ exp x.
   *
   * @param lanes a line of scratch memory
   */
  static double logSumExp(long address, int n, long lanes) {
    float most = max(address, n, lanes);
    return most + StrictMath.log(sumExp(address, most, n, lanes));
  }

  /** The largest; NaN if one is. */
  static float max(long address, int n, long lanes) {
    long x = address & Memory.ADDRESS;
    FloatVector most = FloatVector.broadcast(Lanes.SPECIES, Float.NEGATIVE_INFINITY);
    int i = 0;
    for (; i <= n - Lanes.COUNT; i += Lanes.COUNT) {
      most = most.max(Lanes.load(x + 4L * i));
    }
    if (i < n) {
      most = most.max(padded(x + 4L * i, n - i, lanes));
    }
    Lanes.store(most, lanes);
    float result = Memory.f32(lanes);
    for (int lane = 1; lane < Lanes.COUNT; lane++) {
      result = Math.max(result, Memory.f32(lanes + 4L * lane));
    }
    return result;
  }

  /** The last {@code n} logits of a row, −∞ in the other lanes. */
  private static FloatVector padded(long x, int n, long line) {
    Lanes.store(FloatVector.broadcast(Lanes.SPECIES, Float.NEGATIVE_INFINITY), line);
    Memory.copy(x, line, 4L * n);
    return Lanes.load(line);
  }

  private static float sumExp(long address, float most, int n, long lanes) {
    long x = address & Memory.ADDRESS;
    FloatVector s0 = FloatVector.zero(Lanes.SPECIES);
    FloatVector s1 = FloatVector.zero(Lanes.SPECIES);
    int i = 0;
    for (; i <= n - 2 * Lanes.COUNT; i += 2 * Lanes.COUNT) {
      long o = x + 4L * i;
      s0 = s0.add(VectorMath.exp(Lanes.load(o).sub(most)));
      s1 = s1.add(VectorMath.exp(Lanes.load(o + Lanes.BYTES).sub(most)));
    }
    if (i <= n - Lanes.COUNT) {
      s0 = s0.add(VectorMath.exp(Lanes.load(x + 4L * i).sub(most)));
      i += Lanes.COUNT;
    }
    if (i < n) {
      s1 = s1.add(VectorMath.exp(padded(x + 4L * i, n - i, lanes).sub(most)));
    }
    return Rows.sum(s0.add(s1), lanes);
  }

  /** dx (+)= factor·exp(x − lse). */
  static void addProbabilities(
      long address, float lse, float factor, int n, boolean accumulate, long out, long lanes) {
    long x = address & Memory.ADDRESS;
    long dx = out & Memory.ADDRESS;
    int i = 0;
    for (; i <= n - Lanes.COUNT; i += Lanes.COUNT) {
      long o = 4L * i;
      FloatVector p = VectorMath.exp(Lanes.load(x + o).sub(lse)).mul(factor);
      Lanes.store(accumulate ? Lanes.load(dx + o).add(p) : p, dx + o);
    }
    if (i < n) {
      Lanes.store(VectorMath.exp(padded(x + 4L * i, n - i, lanes).sub(lse)).mul(factor), lanes);
      end(lanes, dx + 4L * i, n - i, accumulate);
    }
  }

  private static void end(long line, long dx, int n, boolean accumulate) {
    for (int k = 0; k < n; k++) {
      float value = Memory.f32(line + 4L * k);
      Memory.f32(dx + 4L * k, accumulate ? Memory.f32(dx + 4L * k) + value : value);
    }
  }

  /**
   * KL(softmax(x) ‖ softmax(r)).
   *
   * @param lse of x
   * @param difference lse of x − lse of r
   * @param lanes two lines of scratch memory
   */
  static float kl(long address, long reference, float lse, float difference, int n, long lanes) {
    long x = address & Memory.ADDRESS;
    long r = reference & Memory.ADDRESS;
    FloatVector sum = FloatVector.zero(Lanes.SPECIES);
    int i = 0;
    for (; i <= n - Lanes.COUNT; i += Lanes.COUNT) {
      sum = sum.add(klTerm(Lanes.load(x + 4L * i), Lanes.load(r + 4L * i), lse, difference, 0));
    }
    if (i < n) {
      FloatVector last = padded(x + 4L * i, n - i, lanes);
      FloatVector other = padded(r + 4L * i, n - i, lanes + Memory.LINE);
      sum = sum.add(klTerm(last, other, lse, difference, 0));
    }
    return Rows.sum(sum, lanes);
  }

  /** dx (+)= factor·p·(log p − log q − kl). */
  static void klBackward(
      long address,
      long reference,
      float lse,
      float difference,
      float kl,
      float factor,
      int n,
      boolean accumulate,
      long out,
      long lanes) {
    long x = address & Memory.ADDRESS;
    long r = reference & Memory.ADDRESS;
    long dx = out & Memory.ADDRESS;
    int i = 0;
    for (; i <= n - Lanes.COUNT; i += Lanes.COUNT) {
      long o = 4L * i;
      FloatVector slope =
          klTerm(Lanes.load(x + o), Lanes.load(r + o), lse, difference, kl).mul(factor);
      Lanes.store(accumulate ? Lanes.load(dx + o).add(slope) : slope, dx + o);
    }
    if (i < n) {
      FloatVector last = padded(x + 4L * i, n - i, lanes);
      FloatVector other = padded(r + 4L * i, n - i, lanes + Memory.LINE);
      Lanes.store(klTerm(last, other, lse, difference, kl).mul(factor), lanes);
      end(lanes, dx + 4L * i, n - i, accumulate);
    }
  }

  /** p·(log p − log q − shift), 0 where p is 0. The logits' difference first: it may be small. */
  private static FloatVector klTerm(
      FloatVector x, FloatVector r, float lse, float difference, float shift) {
    FloatVector p = VectorMath.exp(x.sub(lse));
    VectorMask<Float> none = p.compare(VectorOperators.EQ, 0);
    return p.mul(x.sub(r).sub(difference).sub(shift)).blend(0, none);
  }
}
