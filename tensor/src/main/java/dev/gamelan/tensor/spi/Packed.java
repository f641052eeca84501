package dev.gamelan.tensor.spi;

import dev.gamelan.tensor.Tensor;

/**
 * A weight as the backend that made it likes it best: the tensor itself, or panels, or bf16 tiles.
 * Made once by {@link ProductKernels#pack} and reused by every product with that weight.
 */
public interface Packed {
  /** The weight it was made from. */
  Tensor source();

  WeightLayout layout();

  /** Columns of x. */
  default long in() {
    return layout() == WeightLayout.OUT_IN ? source().columns() : source().rows();
  }

  /** Columns of y. */
  default long out() {
    return layout() == WeightLayout.OUT_IN ? source().rows() : source().columns();
  }
}
