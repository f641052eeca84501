package dev.gamelan.data.stats;

/** A compensated sum (Neumaier 1974): exact to a rounding or two, however many terms. */
final class Sum {
  private double sum;
  private double lost;

  void add(double x) {
    double t = sum + x;
    lost += Math.abs(sum) >= Math.abs(x) ? sum - t + x : x - t + sum;
    sum = t;
  }

  double value() {
    return sum + lost;
  }
}
