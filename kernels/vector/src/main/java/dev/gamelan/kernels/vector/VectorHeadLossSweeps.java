package dev.gamelan.kernels.vector;

import static dev.gamelan.kernels.vector.Lanes.load;
import static dev.gamelan.kernels.vector.Lanes.store;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Sweeps over logits that lie [words][rows]: a lane is a row, so that sums over words need no
 * horizontal steps. One call sees a panel of {@link Tiling#columns()} rows unless it says
 * otherwise.
 */
final class VectorHeadLossSweeps {
  private VectorHeadLossSweeps() {}

  /**
   * logits = exp(logits − max over the words), with the maxima and the sums of the exponentials.
   *
   * @param row bytes from a word to the next
   */
  static void exponentials(long logits, long row, int words, long max, long sum) {
    logits &= Memory.ADDRESS;
    row &= Memory.STRIDE;
    FloatVector mx = load(logits);
    FloatVector my = load(logits + Lanes.BYTES);
    for (int v = 1; v < words; v++) {
      long at = logits + v * row;
      FloatVector x = load(at);
      FloatVector y = load(at + Lanes.BYTES);
      // A NaN is passed over here and shows in the sum.
      mx = mx.blend(x, x.compare(VectorOperators.GT, mx));
      my = my.blend(y, y.compare(VectorOperators.GT, my));
    }
    FloatVector sx = FloatVector.zero(Lanes.SPECIES);
    FloatVector sy = FloatVector.zero(Lanes.SPECIES);
    for (int v = 0; v < words; v++) {
      long at = logits + v * row;
      FloatVector x = VectorMath.exp(load(at).sub(mx));
      FloatVector y = VectorMath.exp(load(at + Lanes.BYTES).sub(my));
      sx = sx.add(x);
      sy = sy.add(y);
      store(x, at);
      store(y, at + Lanes.BYTES);
    }
    store(mx, max);
    store(my, max + Lanes.BYTES);
    store(sx, sum);
    store(sy, sum + Lanes.BYTES);
  }

  /**
   * Merges the blocks' maxima and sums: the maximum of all, Σ exp(logit − maximum), and in place of
   * each block's maximum the factor exp(its maximum − the maximum of all).
   *
   * @param step bytes from a block's maxima to the next block's, and from sums to sums
   */
  static void merge(int blocks, long maxima, long sums, long step, long max, long sum) {
    maxima &= Memory.ADDRESS;
    sums &= Memory.ADDRESS;
    step &= Memory.STRIDE;
    for (long lane = 0; lane < PanelProduct.ROW; lane += Lanes.BYTES) {
      FloatVector m = load(maxima + lane);
      for (int b = 1; b < blocks; b++) {
        FloatVector x = load(maxima + lane + b * step);
        m = m.blend(x, x.compare(VectorOperators.GT, m));
      }
      FloatVector total = FloatVector.zero(Lanes.SPECIES);
      FloatVector lost = FloatVector.zero(Lanes.SPECIES);
      for (int b = 0; b < blocks; b++) {
        long at = lane + b * step;
        FloatVector factor = VectorMath.exp(load(maxima + at).sub(m));
        store(factor, maxima + at);
        // Kahan: there are hundreds of blocks.
        FloatVector term = factor.fma(load(sums + at), lost.neg());
        FloatVector next = total.add(term);
        lost = next.sub(total).sub(term);
        total = next;
      }
      store(m, max + lane);
      store(total, sum + lane);
    }
  }

  /** Every block's factors times {@code by}. */
  static void scaleFactors(int blocks, long factors, long step, long by) {
    factors &= Memory.ADDRESS;
    step &= Memory.STRIDE;
    for (long lane = 0; lane < PanelProduct.ROW; lane += Lanes.BYTES) {
      FloatVector scale = load(by + lane);
      for (int b = 0; b < blocks; b++) {
        long at = factors + lane + b * step;
        store(load(at).mul(scale), at);
      }
    }
  }

  /** logits(v, r) = logits(v, r)·factors(r) for {@code panels} panels of rows. */
  static void scale(long logits, long row, int words, int panels, long factors) {
    logits &= Memory.ADDRESS;
    factors &= Memory.ADDRESS;
    row &= Memory.STRIDE;
    int vectors = panels * 2;
    for (int v = 0; v < words; v++) {
      long at = logits + v * row;
      for (int i = 0; i < vectors; i++) {
        long lane = i * Lanes.BYTES;
        store(load(at + lane).mul(load(factors + lane)), at + lane);
      }
    }
  }

  /** logits = −factor·exp(logits − lse). */
  static void negatedProbabilities(long logits, long row, int words, long lse, long factor) {
    logits &= Memory.ADDRESS;
    row &= Memory.STRIDE;
    FloatVector lx = load(lse);
    FloatVector ly = load(lse + Lanes.BYTES);
    FloatVector fx = load(factor).neg();
    FloatVector fy = load(factor + Lanes.BYTES).neg();
    for (int v = 0; v < words; v++) {
      long at = logits + v * row;
      store(VectorMath.exp(load(at).sub(lx)).mul(fx), at);
      store(VectorMath.exp(load(at + Lanes.BYTES).sub(ly)).mul(fy), at + Lanes.BYTES);
    }
  }

  /** to (+)= Σ of {@code parts} rows of {@code count} floats, {@code step} bytes apart. */
  static void sum(int parts, long from, long step, int count, boolean accumulate, long to) {
    from &= Memory.ADDRESS;
    step &= Memory.OFFSET;
    to &= Memory.ADDRESS;
    int c = 0;
    for (; c <= count - Lanes.COUNT; c += Lanes.COUNT) {
      FloatVector total = load(from + c * 4L);
      for (int p = 1; p < parts; p++) {
        total = total.add(load(from + p * step + c * 4L));
      }
      store(accumulate ? load(to + c * 4L).add(total) : total, to + c * 4L);
    }
    for (; c < count; c++) {
      float total = Memory.f32(from + c * 4L);
      for (int p = 1; p < parts; p++) {
        total += Memory.f32(from + p * step + c * 4L);
      }
      Memory.f32(to + c * 4L, accumulate ? Memory.f32(to + c * 4L) + total : total);
    }
  }
}
