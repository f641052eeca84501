package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.contract.LossContract;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;

class VectorHeadLossTest extends LossContract {
  @Override
  protected Kernels open(int threads, ComputeMode mode) {
    return new VectorProvider().open(threads, mode);
  }
}
