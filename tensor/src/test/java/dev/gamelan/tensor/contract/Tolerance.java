package dev.gamelan.tensor.contract;

/**
 * How far a result may lie from the reference: {@code relative·|expected| + absolute +
 * terms·2⁻²³·Σ|a||b|}.
 *
 * @param terms how many products are summed, or 0 where the result is no sum of products
 */
record Tolerance(double relative, double absolute, double terms) {
  /** Equal, but for the sign of zero. */
  static final Tolerance EXACT = new Tolerance(0, 0, 0);

  private static final double EPSILON = 0x1p-23;

  /** The bound of a sum of {@code terms} products in f32, however it is ordered. */
  static Tolerance ofSum(long terms) {
    return new Tolerance(0, 1e-30, terms + 2);
  }

  static Tolerance of(double relative, double absolute) {
    return new Tolerance(relative, absolute, 0);
  }

  /** Compares; {@code magnitudes} is Σ|a||b| of every element and is read only if terms > 0. */
  void check(String what, float[] actual, float[] expected, float[] magnitudes) {
    if (actual.length != expected.length) {
      throw new AssertionError(what + ": " + actual.length + " elements of " + expected.length);
    }
    for (int i = 0; i < actual.length; i++) {
      double e = expected[i];
      double bound = relative * Math.abs(e) + absolute;
      if (terms > 0) {
        bound += terms * EPSILON * magnitudes[i];
      }
      boolean same = Float.compare(actual[i], expected[i]) == 0 || actual[i] == expected[i];
      if (!same && !(Math.abs(actual[i] - e) <= bound && Float.isFinite(actual[i]))) {
        throw new AssertionError(
            "%s: element %d is %s, the reference says %s, the bound is %s"
                .formatted(what, i, actual[i], expected[i], bound));
      }
    }
  }
}
