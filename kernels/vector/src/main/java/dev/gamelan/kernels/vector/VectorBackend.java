package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.spi.Kernels;

/** Opens backends made of this module's orchestration and somebody else's innermost loops. */
public final class VectorBackend {
  private VectorBackend() {}

  /**
   * A backend in mode f32.
   *
   * @param threads how many compute, the caller's included
   */
  public static Kernels open(int threads, InnerLoops loops) {
    return new VectorKernels(threads, loops);
  }
}
