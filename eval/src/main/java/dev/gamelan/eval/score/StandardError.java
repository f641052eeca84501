package dev.gamelan.eval.score;

import dev.gamelan.eval.python.PythonRandom;
import dev.gamelan.eval.task.Measure;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * Standard errors as the reference has them: of means the sample's deviation over √n; of some
 * others by bootstrap, a thousand resamples a seed, seeds from 0; of the rest none.
 */
public final class StandardError {
  private static final int CHUNK = 1000;

  private StandardError() {}

  /**
   * The standard error of an aggregate.
   *
   * @param iterations resamples of a bootstrap; 0 = no standard errors at all
   */
  public static OptionalDouble of(Aggregation aggregation, List<Measure> measures, int iterations) {
    if (iterations <= 0 || measures.size() < 2) {
      return OptionalDouble.empty();
    }
    if (aggregation == Aggregation.Named.MEAN) {
      double[] values = measures.stream().mapToDouble(Measure::number).toArray();
      return OptionalDouble.of(deviation(values) / Math.sqrt(values.length));
    }
    return aggregation.bootstrapped()
        ? OptionalDouble.of(bootstrap(aggregation, measures, iterations))
        : OptionalDouble.empty();
  }

  private static double bootstrap(Aggregation aggregation, List<Measure> measures, int iterations) {
    int chunk = Math.min(CHUNK, iterations);
    double[][] chunks =
        IntStream.range(0, iterations / chunk)
            .parallel()
            .mapToObj(seed -> resamples(aggregation, measures, seed, chunk))
            .toArray(double[][]::new);
    return deviation(
        java.util.Arrays.stream(chunks).flatMapToDouble(java.util.Arrays::stream).toArray());
  }

  private static double[] resamples(
      Aggregation aggregation, List<Measure> measures, int seed, int count) {
    PythonRandom random = new PythonRandom(seed);
    int n = measures.size();
    int[] chosen = new int[n];
    double[] values = new double[count];
    List<Measure> sample = new ArrayList<>(measures);
    for (int i = 0; i < count; i++) {
      random.choices(n, chosen);
      for (int j = 0; j < n; j++) {
        sample.set(j, measures.get(chosen[j]));
      }
      values[i] = aggregation.of(sample);
    }
    return values;
  }

  /** The deviation of a sample, its sums in order. */
  static double deviation(double[] values) {
    double mean = Aggregation.mean(values);
    double sum = 0;
    for (double v : values) {
      sum += (v - mean) * (v - mean);
    }
    return Math.sqrt(sum / (values.length - 1));
  }

  /** Of a mean over tasks weighted by their sizes: the pooled variance. */
  public static double pooled(double[] errors, int[] sizes) {
    double sum = 0;
    long total = 0;
    for (int i = 0; i < errors.length; i++) {
      sum += (sizes[i] - 1) * (errors[i] * errors[i]) * sizes[i];
      total += sizes[i];
    }
    return Math.sqrt(sum / (total - errors.length) / total);
  }

  /** Of a mean over tasks that count alike. */
  public static double unweighted(double[] errors) {
    double sum = 0;
    for (double e : errors) {
      sum += e * e;
    }
    return Math.sqrt(sum) / errors.length;
  }
}
