package dev.gamelan.kernels.vector;

import static dev.gamelan.kernels.vector.Lanes.load;
import static dev.gamelan.kernels.vector.Lanes.store;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Sweeps over scores that lie [keys][queries]: a lane is a query. One call sees a panel of {@link
 * Tiling#columns()} queries.
 */
final class VectorAttentionSweeps {
  static final int COLUMNS = Tiling.columns();

  /** 0, 1, 2, …: a lane's place in its vector. */
  private static final FloatVector LANE = FloatVector.zero(Lanes.SPECIES).addIndex(1);

  private VectorAttentionSweeps() {}

  /**
   * Adds slope·(key position − query position).
   *
   * @param distance position of the first key less that of the panel's first query
   */
  static void alibi(long scores, long row, int keys, int distance, float slope) {
    scores &= Memory.ADDRESS;
    row &= Memory.STRIDE;
    FloatVector dx = LANE.neg().add(distance);
    FloatVector dy = dx.sub(Lanes.COUNT);
    for (int j = 0; j < keys; j++) {
      long at = scores + j * row;
      store(dx.add(j).mul(slope).add(load(at)), at);
      store(dy.add(j).mul(slope).add(load(at + Lanes.BYTES)), at + Lanes.BYTES);
    }
  }

  /**
   * Sets scores of keys that a query doesn't see to −∞: those after it and, with a window, those
   * that the window has left behind.
   */
  static void mask(long scores, long row, int keys, int distance, int window) {
    // Query lane i sees key j iff 0 ≤ i − (distance + j) and, with a window, that is below it.
    for (int j = Math.max(0, 1 - distance); j < keys; j++) {
      hide(scores + j * row, 0, Math.min(COLUMNS, distance + j));
    }
    int left = window > 0 ? Math.min(keys, COLUMNS - window - distance) : 0;
    for (int j = 0; j < left; j++) {
      hide(scores + j * row, Math.max(0, distance + j + window), COLUMNS);
    }
  }

  private static void hide(long scores, int from, int to) {
    for (int i = from; i < to; i++) {
      Memory.f32(scores + i * 4L, Float.NEGATIVE_INFINITY);
    }
  }

  /**
   * One block of keys of an online softmax (Milakov and Gimelshein, 2018): scores become exp(score
   * − the new maximum), the maximum and the sum are carried on, and the factor for what has been
   * summed before is written. Queries that have seen no key yet keep a maximum of −∞ and zeros.
   */
  static void online(long scores, long row, int keys, long max, long sum, long factor, long base) {
    for (long lane = 0; lane < PanelProduct.ROW; lane += Lanes.BYTES) {
      // The factor begins as the maximum before, base as the new one.
      store(load(max + lane), factor + lane);
      ColumnSweeps.max(scores + lane, row, keys, max + lane);
      FloatVector m = load(max + lane);
      // −∞ − −∞ would be NaN; with nothing seen, any other base gives the zeros that are due.
      store(m.blend(0f, m.compare(VectorOperators.EQ, Float.NEGATIVE_INFINITY)), base + lane);
      ColumnSweeps.exp(factor + lane, row, 1, base + lane, factor + lane);
      FloatVector before = load(sum + lane).mul(load(factor + lane));
      ColumnSweeps.exp(scores + lane, row, keys, base + lane, sum + lane);
      store(before.add(load(sum + lane)), sum + lane);
    }
  }

  /** scores = exp(scores − lse). */
  static void probabilities(long scores, long row, int keys, long lse, long sum) {
    for (long lane = 0; lane < PanelProduct.ROW; lane += Lanes.BYTES) {
      ColumnSweeps.exp(scores + lane, row, keys, lse + lane, sum + lane);
    }
  }

  /** dprobabilities = scale·probabilities·(dprobabilities − delta): the scores' gradient. */
  static void dscores(
      long dprobabilities, long probabilities, long row, int keys, long delta, float scale) {
    dprobabilities &= Memory.ADDRESS;
    probabilities &= Memory.ADDRESS;
    row &= Memory.STRIDE;
    FloatVector ex = load(delta);
    FloatVector ey = load(delta + Lanes.BYTES);
    for (int j = 0; j < keys; j++) {
      long at = j * row;
      FloatVector x = load(dprobabilities + at).sub(ex).mul(load(probabilities + at)).mul(scale);
      FloatVector y =
          load(dprobabilities + at + Lanes.BYTES)
              .sub(ey)
              .mul(load(probabilities + at + Lanes.BYTES))
              .mul(scale);
      store(x, dprobabilities + at);
      store(y, dprobabilities + at + Lanes.BYTES);
    }
  }

  /** {@code n} floats (whole vectors) times {@code factor}. */
  static void scale(long values, int n, float factor) {
    values &= Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      store(load(values + i * 4L).mul(factor), values + i * 4L);
    }
  }

  /** Whether {@code n} floats (whole vectors) are all finite. */
  static boolean finite(long values, int n) {
    values &= Memory.ADDRESS;
    FloatVector sum = FloatVector.zero(Lanes.SPECIES);
    for (int i = 0; i < n; i += Lanes.COUNT) {
      // 0·x is 0 for the finite ones and NaN for the others.
      sum = load(values + i * 4L).fma(FloatVector.zero(Lanes.SPECIES), sum);
    }
    return !sum.test(VectorOperators.IS_NAN).anyTrue();
  }

  /** to = from·factor for n floats, of which only n are touched. */
  static void scaled(long from, long to, int n, float factor) {
    from &= Memory.ADDRESS;
    to &= Memory.ADDRESS;
    int i = 0;
    for (; i <= n - Lanes.COUNT; i += Lanes.COUNT) {
      store(load(from + i * 4L).mul(factor), to + i * 4L);
    }
    for (; i < n; i++) {
      Memory.f32(to + i * 4L, Memory.f32(from + i * 4L) * factor);
    }
  }

  /** Σ a·b over n floats, in the order of the index. */
  static float dot(long a, long b, int n) {
    float sum = 0;
    for (int i = 0; i < n; i++) {
      sum = Math.fma(Memory.f32(a + i * 4L), Memory.f32(b + i * 4L), sum);
    }
    return sum;
  }
}
