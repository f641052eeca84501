package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.contract.CachedAttentionContract;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;

class VectorAttentionCacheTest extends CachedAttentionContract {
  @Override
  protected Kernels open(int threads, ComputeMode mode) {
    return new VectorProvider().open(threads, mode);
  }
}
