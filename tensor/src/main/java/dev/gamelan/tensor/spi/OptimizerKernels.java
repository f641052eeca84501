package dev.gamelan.tensor.spi;

import dev.gamelan.tensor.Tensor;

/** Single passes over flat ranges of parameters, gradients and optimizer state. */
public interface OptimizerKernels {
  /**
   * One step of AdamW.
   *
   * @param learningRate of this step
   * @param beta1 decay of the first moment
   * @param beta2 decay of the second moment
   * @param eps added to √v̂
   * @param weightDecay decoupled: p −= learningRate·weightDecay·p
   * @param step from 1, for the bias correction
   * @param gradientScale what gradients are multiplied with first: the clip
   */
  record AdamW(
      double learningRate,
      double beta1,
      double beta2,
      double eps,
      double weightDecay,
      long step,
      double gradientScale) {}

  /**
   * Σ x² in double, in an order that is the same for any number of threads.
   *
   * @param x f32, contiguous
   */
  double sumOfSquares(Tensor x);

  /**
   * AdamW (Loshchilov and Hutter, 2019, as PyTorch orders it): decay, then m = β₁m + (1−β₁)g, v =
   * β₂v + (1−β₂)g², p −= lr/(1−β₁ᵗ)·m / (√v/√(1−β₂ᵗ) + eps). All four are contiguous and as long.
   */
  void adamW(Tensor parameters, Tensor gradients, Tensor m, Tensor v, AdamW settings);
}
