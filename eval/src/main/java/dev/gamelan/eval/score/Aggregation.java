package dev.gamelan.eval.score;

import dev.gamelan.eval.task.Hooks;
import dev.gamelan.eval.task.Measure;
import dev.gamelan.eval.task.TaskException;
import java.util.Arrays;
import java.util.List;

/** Makes one figure of the measures of all documents. */
public sealed interface Aggregation {
  /** The aggregations that tasks know by name. */
  enum Named implements Aggregation {
    MEAN,
    MEDIAN,
    NANMEAN,
    PERPLEXITY,
    WEIGHTED_PERPLEXITY,
    BITS_PER_BYTE,
    F1,
    MATTHEWS_CORRCOEF,
    BRIER_SCORE,
    BYPASS;

    @Override
    public double of(List<Measure> measures) {
      return switch (this) {
        case MEAN -> mean(numbers(measures));
        case MEDIAN -> median(numbers(measures));
        case NANMEAN -> nanMean(numbers(measures));
        case PERPLEXITY -> Math.exp(-mean(numbers(measures)));
        case WEIGHTED_PERPLEXITY -> Math.exp(-weightedMean(measures));
        case BITS_PER_BYTE -> -weightedMean(measures) / Math.log(2);
        case F1 -> f1(measures);
        case MATTHEWS_CORRCOEF -> matthews(measures);
        case BRIER_SCORE -> brier(measures);
        case BYPASS -> 999;
      };
    }

    /** Whether the reference bootstraps its standard error. */
    @Override
    public boolean bootstrapped() {
      return switch (this) {
        case MEDIAN, NANMEAN, PERPLEXITY, F1, MATTHEWS_CORRCOEF -> true;
        case MEAN, WEIGHTED_PERPLEXITY, BITS_PER_BYTE, BRIER_SCORE, BYPASS -> false;
      };
    }
  }

  /** A function of a task. */
  record Custom(Hooks.Aggregation function) implements Aggregation {
    @Override
    public double of(List<Measure> measures) {
      return function.apply(measures);
    }

    @Override
    public boolean bootstrapped() {
      return false;
    }
  }

  double of(List<Measure> measures);

  boolean bootstrapped();

  /**
   * By the name a task gives it.
   *
   * @throws TaskException there is none of the name
   */
  static Aggregation named(String name) {
    for (Named known : Named.values()) {
      if (known.name().equalsIgnoreCase(name)) {
        return known;
      }
    }
    throw new TaskException(
        "there is no aggregation '%s'; known are %s"
            .formatted(name, Arrays.toString(Named.values()).toLowerCase(java.util.Locale.ROOT)));
  }

  private static double[] numbers(List<Measure> measures) {
    double[] values = new double[measures.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = measures.get(i).number();
    }
    return values;
  }

  /** The sum in order, over the count. */
  static double mean(double[] values) {
    double sum = 0;
    for (double v : values) {
      sum += v;
    }
    return sum / values.length;
  }

  private static double nanMean(double[] values) {
    double sum = 0;
    int n = 0;
    for (double v : values) {
      if (!Double.isNaN(v)) {
        sum += v;
        n++;
      }
    }
    return n == 0 ? Double.NaN : sum / n;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static double weightedMean(List<Measure> measures) {
    double values = 0;
    double weights = 0;
    for (Measure m : measures) {
      Measure.Weighted w = (Measure.Weighted) m;
      values += w.value();
      weights += w.weight();
    }
    return values / weights;
  }

  /** Of class 1, as scikit-learn's default. */
  private static double f1(List<Measure> measures) {
    int[][] counts = confusion(measures);
    int hit = counts[1][1];
    int wrong = counts[0][1] + counts[1][0];
    return hit == 0 ? 0 : 2.0 * hit / (2.0 * hit + wrong);
  }

  private static int[][] confusion(List<Measure> measures) {
    int[][] counts = new int[2][2];
    for (Measure m : measures) {
      Measure.Classes c = (Measure.Classes) m;
      if (c.gold() < 0 || c.gold() > 1 || c.predicted() < 0 || c.predicted() > 1) {
        throw new TaskException(
            "f1: classes are 0 and 1, not %d and %d".formatted(c.gold(), c.predicted()));
      }
      counts[c.gold()][c.predicted()]++;
    }
    return counts;
  }

  /** Matthews' correlation for any number of classes (Gorodkin, 2004). */
  private static double matthews(List<Measure> measures) {
    int classes = 0;
    for (Measure m : measures) {
      Measure.Classes c = (Measure.Classes) m;
      classes = Math.max(classes, 1 + Math.max(c.gold(), c.predicted()));
    }
    double[] gold = new double[classes];
    double[] predicted = new double[classes];
    double right = 0;
    for (Measure m : measures) {
      Measure.Classes c = (Measure.Classes) m;
      gold[c.gold()]++;
      predicted[c.predicted()]++;
      right += c.gold() == c.predicted() ? 1 : 0;
    }
    double n = measures.size();
    double both = 0;
    double pp = 0;
    double gg = 0;
    for (int k = 0; k < classes; k++) {
      both += gold[k] * predicted[k];
      pp += predicted[k] * predicted[k];
      gg += gold[k] * gold[k];
    }
    double denominator = (n * n - pp) * (n * n - gg);
    return denominator == 0 ? 0 : (right * n - both) / Math.sqrt(denominator);
  }

  private static double brier(List<Measure> measures) {
    double total = 0;
    for (Measure m : measures) {
      Measure.Distribution d = (Measure.Distribution) m;
      for (int i = 0; i < d.probabilities().size(); i++) {
        double x = d.probabilities().get(i) - (i == d.gold() ? 1 : 0);
        total += x * x;
      }
    }
    return total / measures.size();
  }
}
