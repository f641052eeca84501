package dev.gamelan.tensor.scalar;

import dev.gamelan.tensor.spi.Activation;

/** The nonlinearities and their derivatives, to double precision. */
final class ScalarActivations {
  private static final double SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);
  private static final double CUBE = 0.044715;
  private static final double QUICK = 1.702;

  private ScalarActivations() {}

  /** f(x). */
  static double value(Activation f, double x) {
    return switch (f) {
      case RELU -> Math.max(0, x);
      case GELU -> x * normalCdf(x);
      case GELU_TANH -> x / 2 * (1 + Math.tanh(SQRT_2_OVER_PI * (x + CUBE * x * x * x)));
      case QUICK_GELU -> x * sigmoid(QUICK * x);
      case SILU -> x * sigmoid(x);
    };
  }

  /** f'(x); 0 at the kink of ReLU, as everywhere. */
  static double derivative(Activation f, double x) {
    return switch (f) {
      case RELU -> x > 0 ? 1 : x <= 0 ? 0 : x;
      case GELU -> normalCdf(x) + x * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
      case GELU_TANH -> {
        double t = Math.tanh(SQRT_2_OVER_PI * (x + CUBE * x * x * x));
        double slope = SQRT_2_OVER_PI * (1 + 3 * CUBE * x * x);
        yield (1 + t) / 2 + x / 2 * (1 - t * t) * slope;
      }
      case QUICK_GELU -> swishDerivative(QUICK, x);
      case SILU -> swishDerivative(1, x);
    };
  }

  /** σ(x). */
  static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static double swishDerivative(double beta, double x) {
    double s = sigmoid(beta * x);
    return s + beta * x * s * (1 - s);
  }

  /** Φ(x) = erfc(−x/√2)/2. */
  private static double normalCdf(double x) {
    double t = -x / Math.sqrt(2);
    return t >= 0 ? erfc(t) / 2 : 1 - erfc(-t) / 2;
  }

  /**
   * 1 − erf(t) for t ≥ 0: the all-positive series of erf below 2.5, Laplace's continued fraction
   * above (Abramowitz and Stegun 7.1.6 and 7.1.14), both to about 1e-15.
   */
  private static double erfc(double t) {
    double gauss = Math.exp(-t * t) / Math.sqrt(Math.PI);
    if (t < 2.5) {
      double term = t;
      double sum = t;
      for (int n = 1; term > 1e-18 * sum; n++) {
        term *= 2 * t * t / (2 * n + 1);
        sum += term;
      }
      return 1 - 2 * gauss * sum;
    }
    double fraction = t;
    for (int n = 80; n > 0; n--) {
      fraction = t + n / 2.0 / fraction;
    }
    return gauss / fraction;
  }
}
