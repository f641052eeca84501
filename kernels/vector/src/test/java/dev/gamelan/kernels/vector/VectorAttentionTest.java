package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.contract.AttentionContract;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;

class VectorAttentionTest extends AttentionContract {
  @Override
  protected Kernels open(int threads, ComputeMode mode) {
    return new VectorProvider().open(threads, mode);
  }
}
