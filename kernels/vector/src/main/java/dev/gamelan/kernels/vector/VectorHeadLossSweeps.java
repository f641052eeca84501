package dev.gamelan.kernels.vector;

import static dev.gamelan.kernels.vector.Lanes.load;
import static dev.gamelan.kernels.vector.Lanes.store;

import jdk.incubator.vector.FloatVector;

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
    for (long lane = 0; lane < PanelProduct.ROW; lane += Lanes.BYTES) {
      ColumnSweeps.fill(max + lane, 0, 1, logits + lane);
      ColumnSweeps.max(logits + lane, row, words, max + lane);
      ColumnSweeps.exp(logits + lane, row, words, max + lane, sum + lane);
    }
  }

  /**
   * Merges the blocks' maxima and sums: the maximum of all, Σ exp(logit − maximum), and in place of
   * each block's maximum the factor exp(its maximum − the maximum of all).
   *
   * @param step bytes from a block's maxima to the next block's, and from sums to sums
   */
  static void merge(int blocks, long maxima, long sums, long step, long max, long sum) {
    for (long lane = 0; lane < PanelProduct.ROW; lane += Lanes.BYTES) {
      ColumnSweeps.fill(max + lane, 0, 1, maxima + lane);
      ColumnSweeps.max(maxima + lane, step, blocks, max + lane);
      ColumnSweeps.exp(maxima + lane, step, blocks, max + lane, sum + lane);
      ColumnSweeps.dot(sums + lane, maxima + lane, step, blocks, sum + lane);
    }
  }

  /** Every block's factors times {@code by}. */
  static void scaleFactors(int blocks, long factors, long step, long by) {
    for (long lane = 0; lane < PanelProduct.ROW; lane += Lanes.BYTES) {
      ColumnSweeps.scale(factors + lane, step, blocks, by + lane);
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

  /** logits = factor·exp(logits − lse). */
  static void probabilities(long logits, long row, int words, long lse, long factor) {
    for (long lane = 0; lane < PanelProduct.ROW; lane += Lanes.BYTES) {
      ColumnSweeps.scaledExp(logits + lane, row, words, lse + lane, factor + lane);
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
