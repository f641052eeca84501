package dev.gamelan.tensor.spi;

import dev.gamelan.tensor.Tensor;
import java.util.Optional;

/**
 * Normalisation of rows. RMS norm can also normalise each of {@code groups} equal parts of a row by
 * itself with one weight for all of them: Qwen 3's norm of every head.
 */
public interface NormKernels {
  /**
   * y = (x − mean)·rstd·weight + bias, rstd = 1/√(variance + eps), variance of the population (Ba
   * et al., 2016).
   *
   * @param weight [d], absent = 1
   * @param bias [d], absent = 0
   * @param mean [n], written for the backward pass
   * @param rstd [n], written for the backward pass
   */
  void layerNorm(
      Tensor x,
      Optional<Tensor> weight,
      Optional<Tensor> bias,
      float eps,
      Tensor y,
      Tensor mean,
      Tensor rstd);

  /** dx (+)= …; dweight += Σ dy·x̂ and dbias += Σ dy, where present. */
  void layerNormBackward(
      Tensor dy,
      Tensor x,
      Optional<Tensor> weight,
      Tensor mean,
      Tensor rstd,
      boolean accumulate,
      Tensor dx,
      Optional<Tensor> dweight,
      Optional<Tensor> dbias);

  /**
   * y = x·rstd·weight, rstd = 1/√(mean(x²) + eps) (Zhang and Sennrich, 2019), for each of the
   * groups of d = columns/groups columns.
   *
   * @param weight [d], absent = 1
   * @param rstd [n, groups], written for the backward pass
   */
  void rmsNorm(Tensor x, Optional<Tensor> weight, int groups, float eps, Tensor y, Tensor rstd);

  /** dx (+)= …; dweight += Σ dy·x·rstd, where present. */
  void rmsNormBackward(
      Tensor dy,
      Tensor x,
      Optional<Tensor> weight,
      int groups,
      Tensor rstd,
      boolean accumulate,
      Tensor dx,
      Optional<Tensor> dweight);
}
