package dev.gamelan.train;

/**
 * The learning rate of every step: a linear rise over the warm-up, then a fall to the floor at the
 * last step.
 *
 * @param peak the highest rate
 * @param warmup steps of the rise: step s of them (from 1) has peak·s/warmup, as GPT-NeoX
 * @param steps all steps of the run
 * @param floor the lowest rate after the warm-up, as a share of the peak; a tenth in the papers
 */
public record Schedule(Decay decay, double peak, long warmup, long steps, double floor) {
  /** How the rate falls. */
  public enum Decay {
    /** floor + (peak − floor)·(1 + cos(πt))/2, t from 0 to 1 (Loshchilov and Hutter, 2017). */
    COSINE,
    /** peak + (floor − peak)·t. */
    LINEAR,
    /** It doesn't. */
    CONSTANT
  }

  public Schedule {
    if (!(peak > 0) || !Double.isFinite(peak)) {
      throw new IllegalArgumentException(
          "schedule: learning_rate is %s; it must be positive".formatted(peak));
    }
    if (warmup < 0 || steps < 1 || warmup > steps) {
      throw new IllegalArgumentException(
          "schedule: %d warm-up steps of %d; there must be at least one step and the warm-up must fit"
              .formatted(warmup, steps));
    }
    if (!(floor >= 0 && floor <= 1)) {
      throw new IllegalArgumentException(
          "schedule: the floor is %s of the peak; it must lie in [0, 1]".formatted(floor));
    }
  }

  /**
   * The rate of a step.
   *
   * @param step from 1
   */
  public double rate(long step) {
    if (step <= warmup) {
      return peak * step / warmup;
    }
    double t = steps == warmup ? 1 : Math.min(1, (double) (step - warmup) / (steps - warmup));
    double low = peak * floor;
    return switch (decay) {
      case COSINE -> low + (peak - low) * (1 + StrictMath.cos(Math.PI * t)) / 2;
      case LINEAR -> peak + (low - peak) * t;
      case CONSTANT -> peak;
    };
  }
}
