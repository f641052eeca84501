package dev.gamelan.tensor.scalar;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.OptimizerKernels;

/** Passes over flat parameters; moments are kept as the f32 that they are stored in. */
interface ScalarOptimizer extends OptimizerKernels {
  @Override
  default double sumOfSquares(Tensor x) {
    double sum = 0;
    for (long r = 0; r < x.rows(); r++) {
      double[] row = Rows.read(x, r);
      for (double v : row) {
        sum += v * v;
      }
    }
    return sum;
  }

  @Override
  default void adamW(Tensor parameters, Tensor gradients, Tensor m, Tensor v, AdamW settings) {
    double stepSize = settings.learningRate() / (1 - Math.pow(settings.beta1(), settings.step()));
    double correction = Math.sqrt(1 - Math.pow(settings.beta2(), settings.step()));
    for (long r = 0; r < parameters.rows(); r++) {
      double[] p = Rows.read(parameters, r);
      double[] g = Rows.read(gradients, r);
      double[] first = Rows.read(m, r);
      double[] second = Rows.read(v, r);
      for (int i = 0; i < p.length; i++) {
        double gradient = settings.gradientScale() * g[i];
        first[i] = settings.beta1() * first[i] + (1 - settings.beta1()) * gradient;
        second[i] = settings.beta2() * second[i] + (1 - settings.beta2()) * gradient * gradient;
        p[i] -= settings.learningRate() * settings.weightDecay() * p[i];
        p[i] -= stepSize * first[i] / (Math.sqrt(second[i]) / correction + settings.eps());
      }
      Rows.write(parameters, r, p);
      Rows.write(m, r, first);
      Rows.write(v, r, second);
    }
  }
}
