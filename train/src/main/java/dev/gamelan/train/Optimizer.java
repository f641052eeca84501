package dev.gamelan.train;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.spi.OptimizerKernels;

/**
 * AdamW over flat parameters, with the gradient's norm clipped (Loshchilov and Hutter, 2019;
 * Pascanu et al., 2013).
 */
public final class Optimizer {
  /**
   * @param beta1 decay of the first moment
   * @param beta2 decay of the second moment
   * @param eps added to √v̂
   * @param weightDecay decoupled
   * @param decayAll whether norms and biases decay, too (as a bare torch AdamW does)
   * @param clip the largest norm of the gradient; 0 = any
   */
  public record Settings(
      double beta1, double beta2, double eps, double weightDecay, boolean decayAll, double clip) {}

  private final FlatParameters parameters;
  private final Kernels kernels;
  private final Settings settings;

  public Optimizer(FlatParameters parameters, Kernels kernels, Settings settings) {
    this.parameters = parameters;
    this.kernels = kernels;
    this.settings = settings;
  }

  /**
   * One step with the gradients that have been added up.
   *
   * @param step from 1
   * @return the gradient's norm before clipping
   */
  public double step(double learningRate, long step) {
    double norm = Math.sqrt(kernels.sumOfSquares(parameters.gradients()));
    double scale = settings.clip() > 0 ? Math.min(1, settings.clip() / (norm + 1e-6)) : 1;
    long border = parameters.decaying();
    long end = parameters.weights().columns();
    update(0, border, learningRate, settings.weightDecay(), step, scale);
    update(
        border, end, learningRate, settings.decayAll() ? settings.weightDecay() : 0, step, scale);
    return norm;
  }

  private void update(
      long from, long to, double learningRate, double decay, long step, double scale) {
    kernels.adamW(
        range(parameters.weights(), from, to),
        range(parameters.gradients(), from, to),
        range(parameters.m(), from, to),
        range(parameters.v(), from, to),
        new OptimizerKernels.AdamW(
            learningRate, settings.beta1(), settings.beta2(), settings.eps(), decay, step, scale));
  }

  private static Tensor range(Tensor flat, long from, long to) {
    return flat.columns(from, to);
  }
}
