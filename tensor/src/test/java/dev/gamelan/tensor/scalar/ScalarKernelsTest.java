package dev.gamelan.tensor.scalar;

import dev.gamelan.tensor.contract.KernelsContract;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;
import java.util.Set;

/** The scalar backend keeps the contract: bits, frames, canaries, gradients. */
class ScalarKernelsTest extends KernelsContract {
  @Override
  protected Kernels open(int threads, ComputeMode mode) {
    return new ScalarProvider().open(threads, mode);
  }

  @Override
  protected Set<ComputeMode> modes() {
    return Set.of(ComputeMode.F32, ComputeMode.BF16);
  }
}
