package dev.gamelan.tensor.spi;

import dev.gamelan.tensor.Tensor;

/**
 * Matrix products. Every output element is a sum over k in one order that depends on neither the
 * number of rows nor the tiling nor the threads, so a row computed alone and among 512 others has
 * the same bits.
 */
public interface ProductKernels {
  /** What a packed weight is needed for. */
  enum Use {
    /** Forward only, the weight never changes: spend memory and time on the best layout. */
    INFERENCE,
    /** Forward and backward, and the weight changes every step. */
    TRAINING
  }

  /**
   * A weight in the layout that this backend's products like best.
   *
   * @param weight f32, f16, bf16 or quantized matrix; must stay alive and, for training, in place
   */
  Packed pack(Tensor weight, WeightLayout layout, Use use);

  /** Brings a packed weight up to date after its source changed. */
  void refresh(Packed weight);

  /** y[n, out] = x[n, in]·Wᵀ + epilogue. */
  void linear(Tensor x, Packed weight, Epilogue epilogue, Tensor y);

  /** dx[n, in] (+)= dy[n, out]·W. */
  void linearBackwardInput(Tensor dy, Packed weight, boolean accumulate, Tensor dx);

  /**
   * dW (+)= dyᵀ·x, in the layout of the weight: [out, in] or [in, out]. The sum runs over the rows
   * in their order.
   */
  void linearBackwardWeight(
      Tensor dy, Tensor x, WeightLayout layout, boolean accumulate, Tensor dweight);

  /** sum[columns] (+)= Σ over the rows of x: the gradient of a bias. */
  void sumRows(Tensor x, boolean accumulate, Tensor sum);
}
