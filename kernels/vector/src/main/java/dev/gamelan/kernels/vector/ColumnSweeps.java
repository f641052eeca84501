package dev.gamelan.kernels.vector;

import static dev.gamelan.kernels.vector.Lanes.load;
import static dev.gamelan.kernels.vector.Lanes.store;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Sweeps down the columns of a matrix with rows {@code row} bytes apart, one vector of columns a
 * call: softmax without horizontal steps. With rows one vector apart a sweep goes along a row.
 *
 * <p>Every sweep is called through one place that sees many of them. C2 inlines none of them there;
 * if it did, into loops that hold other sweeps and products, it would run out of its node budget
 * within an exponential, and a vector that crosses a call is boxed, at twenty times the cost.
 */
final class ColumnSweeps {
  private interface Sweep {
    void run(long at, long row, int n, long p, long q);
  }

  private static final int MAX = 0;
  private static final int EXP = 1;
  private static final int SCALED_EXP = 2;
  private static final int DOT = 3;
  private static final int SCALE = 4;
  private static final int FILL = 5;

  // An array, because C2 takes its elements for variable.
  private static final Sweep[] SWEEPS = {
    ColumnSweeps::sweepMax,
    ColumnSweeps::sweepExp,
    ColumnSweeps::sweepScaledExp,
    ColumnSweeps::sweepDot,
    ColumnSweeps::sweepScale,
    ColumnSweeps::sweepFill
  };

  private ColumnSweeps() {}

  private static void sweep(int which, long at, long row, int n, long p, long q) {
    SWEEPS[which].run(at, row, n, p, q);
  }

  /** max = the largest of max and the column; NaN is passed over. */
  static void max(long at, long row, int n, long max) {
    sweep(MAX, at, row, n, max, 0);
  }

  /** column = exp(column − base), sum = Σ of the results. */
  static void exp(long at, long row, int n, long base, long sum) {
    sweep(EXP, at, row, n, base, sum);
  }

  /** column = factor·exp(column − base). */
  static void scaledExp(long at, long row, int n, long base, long factor) {
    sweep(SCALED_EXP, at, row, n, base, factor);
  }

  /** sum = Σ column·weights, compensated (Kahan). */
  static void dot(long at, long weights, long row, int n, long sum) {
    sweep(DOT, at, row, n, weights, sum);
  }

  /** column = column·factor. */
  static void scale(long at, long row, int n, long factor) {
    sweep(SCALE, at, row, n, factor, 0);
  }

  /** column = the vector {@code value}. */
  static void fill(long at, long row, int n, long value) {
    sweep(FILL, at, row, n, value, 0);
  }

  private static void sweepMax(long at, long row, int n, long max, long unused) {
    at &= Memory.ADDRESS;
    row &= Memory.STRIDE;
    FloatVector m = load(max);
    for (int i = 0; i < n; i++) {
      FloatVector x = load(at + i * row);
      m = m.blend(x, x.compare(VectorOperators.GT, m));
    }
    store(m, max);
  }

  private static void sweepExp(long at, long row, int n, long base, long sum) {
    at &= Memory.ADDRESS;
    row &= Memory.STRIDE;
    FloatVector b = load(base);
    FloatVector s = FloatVector.zero(Lanes.SPECIES);
    for (int i = 0; i < n; i++) {
      FloatVector x = VectorMath.exp(load(at + i * row).sub(b));
      s = s.add(x);
      store(x, at + i * row);
    }
    store(s, sum);
  }

  private static void sweepScaledExp(long at, long row, int n, long base, long factor) {
    at &= Memory.ADDRESS;
    row &= Memory.STRIDE;
    FloatVector b = load(base);
    FloatVector f = load(factor);
    for (int i = 0; i < n; i++) {
      store(VectorMath.exp(load(at + i * row).sub(b)).mul(f), at + i * row);
    }
  }

  private static void sweepDot(long at, long row, int n, long weights, long sum) {
    at &= Memory.ADDRESS;
    weights &= Memory.ADDRESS;
    row &= Memory.STRIDE;
    FloatVector total = FloatVector.zero(Lanes.SPECIES);
    FloatVector lost = FloatVector.zero(Lanes.SPECIES);
    for (int i = 0; i < n; i++) {
      FloatVector term = load(at + i * row).fma(load(weights + i * row), lost.neg());
      FloatVector next = total.add(term);
      lost = next.sub(total).sub(term);
      total = next;
    }
    store(total, sum);
  }

  private static void sweepScale(long at, long row, int n, long factor, long unused) {
    at &= Memory.ADDRESS;
    row &= Memory.STRIDE;
    FloatVector f = load(factor);
    for (int i = 0; i < n; i++) {
      store(load(at + i * row).mul(f), at + i * row);
    }
  }

  private static void sweepFill(long at, long row, int n, long value, long unused) {
    at &= Memory.ADDRESS;
    row &= Memory.STRIDE;
    FloatVector v = load(value);
    for (int i = 0; i < n; i++) {
      store(v, at + i * row);
    }
  }
}
