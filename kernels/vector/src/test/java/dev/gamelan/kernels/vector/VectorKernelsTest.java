package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.contract.KernelsContract;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;

class VectorKernelsTest extends KernelsContract {
  @Override
  protected Kernels open(int threads, ComputeMode mode) {
    return new VectorProvider().open(threads, mode);
  }
}
