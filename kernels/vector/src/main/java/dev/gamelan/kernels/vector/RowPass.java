package dev.gamelan.kernels.vector;

/** One sweep along a row, a whole number of vectors long; see {@link RowSweeps}. */
@FunctionalInterface
interface RowPass {
  /**
   * @param n elements, a multiple of {@link Lanes#COUNT}
   * @param lanes room for the lanes of a sum
   * @return the sum, if the sweep makes one
   */
  float run(
      long a, long b, long c, long d, int n, float p, float q, float r, float s, float[] lanes);
}
