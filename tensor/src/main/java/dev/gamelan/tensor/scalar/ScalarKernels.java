package dev.gamelan.tensor.scalar;

import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;

/**
 * The definition of every operation, composed of one file a group. Each sum is accumulated in
 * double and rounded once; in mode {@link ComputeMode#BF16} the operands of the matrix products of
 * {@link ScalarProducts}, {@link ScalarExperts} and {@link ScalarHeads} are rounded to bfloat16
 * first.
 *
 * @param threads what the caller asked for; the caller's thread alone computes
 */
record ScalarKernels(int threads, ComputeMode mode)
    implements Kernels,
        ScalarProducts,
        ScalarElements,
        ScalarEmbeddings,
        ScalarNorms,
        ScalarAttention,
        ScalarExperts,
        ScalarHeads,
        ScalarLosses,
        ScalarOptimizer {
  static final String HARDWARE = "plain Java, sums in double, 1 thread";

  @Override
  public String name() {
    return ScalarProvider.NAME;
  }

  @Override
  public String hardware() {
    return HARDWARE;
  }

  @Override
  public void close() {}
}
