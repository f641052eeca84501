package dev.gamelan.kernels.vector;

/**
 * Runs sweeps along rows of any length: the end that fills no vector is padded in scratch memory
 * and goes through the same sweep.
 *
 * <p>All sweeps are called from one place on purpose. That call sees many receivers, so it stays a
 * call: were the sweeps of an operation inlined into one method, C2 would run out of its budget of
 * nodes and box the vectors of the last ones.
 */
final class RowSweeps {
  private final Scratch scratch;

  RowSweeps(Scratch scratch) {
    this.scratch = scratch;
  }

  /** Room for the lanes of a worker's sum. */
  float[] lanes(int worker) {
    return scratch.lanes(worker);
  }

  /**
   * @param operands how many of a to d are used
   * @param outputs how many of them, the last ones, are written
   * @param fill what a is padded with, so that the padding adds nothing; the others get 0
   */
  float run(
      RowPass pass,
      int operands,
      int outputs,
      long a,
      long b,
      long c,
      long d,
      int n,
      float fill,
      float p,
      float q,
      float r,
      float s,
      int worker) {
    int full = n / Lanes.COUNT * Lanes.COUNT;
    int rest = n - full;
    float[] lanes = scratch.lanes(worker);
    float sum = 0;
    if (full > 0) {
      sum = call(pass, a, b, c, d, full, p, q, r, s, lanes);
    }
    if (rest > 0) {
      long la = pad(a + 4L * full, rest, fill, scratch.line(worker, 0));
      long lb = operands > 1 ? pad(b + 4L * full, rest, 0, scratch.line(worker, 1)) : 0;
      long lc = operands > 2 ? pad(c + 4L * full, rest, 0, scratch.line(worker, 2)) : 0;
      long ld = operands > 3 ? pad(d + 4L * full, rest, 0, scratch.line(worker, 3)) : 0;
      sum += call(pass, la, lb, lc, ld, Lanes.COUNT, p, q, r, s, lanes);
      for (int k = operands - outputs; k < operands; k++) {
        long to = k == 0 ? a : k == 1 ? b : k == 2 ? c : d;
        Memory.copy(scratch.line(worker, k), to + 4L * full, 4L * rest);
      }
    }
    return sum;
  }

  private static float call(
      RowPass pass,
      long a,
      long b,
      long c,
      long d,
      int n,
      float p,
      float q,
      float r,
      float s,
      float[] lanes) {
    return pass.run(a, b, c, d, n, p, q, r, s, lanes);
  }

  private static long pad(long from, int n, float fill, long line) {
    for (int lane = n; lane < Lanes.COUNT; lane++) {
      Memory.f32(line + 4L * lane, fill);
    }
    Memory.copy(from, line, 4L * n);
    return line;
  }

  /**
   * The sum of the first {@link Lanes#COUNT} of {@code lanes}, halves added to halves. {@code
   * FloatVector.reduceLanes} adds in another order compiled than interpreted, so that the same run
   * could give other bits.
   */
  static float sum(float[] lanes) {
    for (int half = Lanes.COUNT / 2; half > 0; half /= 2) {
      for (int i = 0; i < half; i++) {
        lanes[i] += lanes[i + half];
      }
    }
    return lanes[0];
  }
}
