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
    Lanes.store(most, lanes);
    float result = Memory.f32(lanes);
    for (int lane = 1; lane < Lanes.COUNT; lane++) {
      result = Math.max(result, Memory.f32(lanes + 4L * lane));
    }
    for (; i < n; i++) {
      result = Math.max(result, Memory.f32(x + 4L * i));
    }
    return result;
  }

  /** The last {@code n} logits of a row, −∞ in the other lanes. */
  private static void pad(long x, int n, long line) {
    Lanes.store(FloatVector.broadcast(Lanes.SPECIES, Float.NEGATIVE_INFINITY), line);
    Memory.copy(x, line, 4L * n);
  }

  private static int full(int n) {
    return n / Lanes.COUNT * Lanes.COUNT;
  }

  private static float sumExp(long x, float most, int n, long lanes) {
    int full = full(n);
    float sum = sumExpOfVectors(x, most, full, lanes);
    if (full < n) {
      pad(x + 4L * full, n - full, lanes);
      sum += sumExpOfVectors(lanes, most, Lanes.COUNT, lanes);
    }
    return sum;
  }

  private static float sumExpOfVectors(long address, float most, int n, long lanes) {
    long x = address & Memory.ADDRESS;
    FloatVector sum = FloatVector.zero(Lanes.SPECIES);
    for (int i = 0; i < n; i += Lanes.COUNT) {
      sum = sum.add(Curves.exp(Lanes.load(x + 4L * i).sub(most)));
    }
    return Rows.sum(sum, lanes);
  }

  /**
   * y = factor·exp(x − lse).
   *
   * @param lanes a line of scratch memory
   */
  static void probabilities(long x, float lse, float factor, int n, long y, long lanes) {
    int full = full(n);
    probabilitiesOfVectors(x, lse, factor, full, y);
    if (full < n) {
      pad(x + 4L * full, n - full, lanes);
      probabilitiesOfVectors(lanes, lse, factor, Lanes.COUNT, lanes);
      Memory.copy(lanes, y + 4L * full, 4L * (n - full));
    }
  }

  private static void probabilitiesOfVectors(long from, float lse, float factor, int n, long to) {
    long x = from & Memory.ADDRESS;
    long y = to & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      Lanes.store(Curves.exp(Lanes.load(x + 4L * i).sub(lse)).mul(factor), y + 4L * i);
    }
  }

  /**
   * KL(softmax(x) ‖ softmax(r)).
   *
   * @param lse of x
   * @param difference lse of x − lse of r
   * @param lanes two lines of scratch memory
   */
  static float kl(long x, long r, float lse, float difference, int n, long lanes) {
    int full = full(n);
    float sum = klOfVectors(x, r, lse, difference, full, lanes);
    if (full < n) {
      pad(x + 4L * full, n - full, lanes);
      pad(r + 4L * full, n - full, lanes + Memory.LINE);
      sum += klOfVectors(lanes, lanes + Memory.LINE, lse, difference, Lanes.COUNT, lanes);
    }
    return sum;
  }

  private static float klOfVectors(
      long logits, long reference, float lse, float difference, int n, long lanes) {
    long x = logits & Memory.ADDRESS;
    long r = reference & Memory.ADDRESS;
    FloatVector sum = FloatVector.zero(Lanes.SPECIES);
    for (int i = 0; i < n; i += Lanes.COUNT) {
      sum = sum.add(klTerm(Lanes.load(x + 4L * i), Lanes.load(r + 4L * i), lse, difference, 0));
    }
    return Rows.sum(sum, lanes);
  }

  /**
   * y = factor·p·(log p − log q − kl).
   *
   * @param lanes two lines of scratch memory
   */
  static void klSlopes(
      long x,
      long r,
      float lse,
      float difference,
      float kl,
      float factor,
      int n,
      long y,
      long lanes) {
    int full = full(n);
    klSlopesOfVectors(x, r, lse, difference, kl, factor, full, y);
    if (full < n) {
      pad(x + 4L * full, n - full, lanes);
      pad(r + 4L * full, n - full, lanes + Memory.LINE);
      klSlopesOfVectors(
          lanes, lanes + Memory.LINE, lse, difference, kl, factor, Lanes.COUNT, lanes);
      Memory.copy(lanes, y + 4L * full, 4L * (n - full));
    }
  }

  private static void klSlopesOfVectors(
      long logits,
      long reference,
      float lse,
      float difference,
      float kl,
      float factor,
      int n,
      long to) {
    long x = logits & Memory.ADDRESS;
    long r = reference & Memory.ADDRESS;
    long y = to & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      Lanes.store(
          klTerm(Lanes.load(x + o), Lanes.load(r + o), lse, difference, kl).mul(factor), y + o);
    }
  }

  /** p·(log p − log q − shift), 0 where p is 0. The logits' difference first: it may be small. */
  private static FloatVector klTerm(
      FloatVector x, FloatVector r, float lse, float difference, float shift) {
    FloatVector p = Curves.exp(x.sub(lse));
    VectorMask<Float> none = p.compare(VectorOperators.EQ, 0);
    return p.mul(x.sub(r).sub(difference).sub(shift)).blend(0, none);
  }
}
