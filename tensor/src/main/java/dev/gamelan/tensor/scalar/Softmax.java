package dev.gamelan.tensor.scalar;

/** Softmax of rows of doubles, without overflow. */
final class Softmax {
  private Softmax() {}

  /** log Σ exp(x); −∞ if all are. */
  static double logSumExp(double[] x) {
    double max = Double.NEGATIVE_INFINITY;
    for (double v : x) {
      max = Math.max(max, v);
    }
    if (max == Double.NEGATIVE_INFINITY) {
      return max;
    }
    double sum = 0;
    for (double v : x) {
      sum += Math.exp(v - max);
    }
    return max + Math.log(sum);
  }

  /** log softmax(x). */
  static double[] logs(double[] x) {
    double lse = logSumExp(x);
    double[] logs = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      logs[i] = x[i] - lse;
    }
    return logs;
  }

  /** softmax(x). */
  static double[] of(double[] x) {
    double[] p = logs(x);
    for (int i = 0; i < p.length; i++) {
      p[i] = Math.exp(p[i]);
    }
    return p;
  }

  /** log Σ exp of values that come one at a time. */
  static final class Running {
    private double max = Double.NEGATIVE_INFINITY;
    private double sum;

    void add(double x) {
      if (x > max) {
        sum = sum * Math.exp(max - x) + 1;
        max = x;
      } else if (x != Double.NEGATIVE_INFINITY) {
        sum += Math.exp(x - max);
      }
    }

    double logSumExp() {
      return max + Math.log(sum);
    }
  }
}
