package dev.gamelan.kernels.vector;

/**
 * One sweep over the elements of up to five operands, inputs first. Every lane computes the same
 * formula, so the bits of an element don't depend on where in its tensor it lies.
 */
@FunctionalInterface
interface Pass {
  /**
   * @param n elements, a multiple of {@link Lanes#COUNT}
   * @param parameter what the operation's scalar is, if it has one
   */
  void run(long a, long b, long c, long d, long e, int n, float parameter);
}
