package dev.gamelan.app.console;

import java.time.Duration;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * The live line of a training run: step, loss, tokens a second, FLOP utilisation, time left. Not
 * for several threads.
 */
public final class TrainingProgress implements AutoCloseable {
  private static final long WINDOW = Duration.ofSeconds(20).toNanos();

  private final LiveLine line;
  private final long steps;
  private final long tokensPerStep;
  private final OptionalDouble flopsPerToken;
  private final OptionalDouble peakFlops;
  private final Rate rate;
  private final int width;
  private long step;
  private double loss = Double.NaN;
  private double smoothed = Double.NaN;

  /**
   * @param line where to show it; closed with this
   * @param firstStep steps done before, when a run is resumed
   * @param steps steps in all
   * @param tokensPerStep tokens that one step learns from
   * @param flopsPerToken floating-point operations of forward and backward for one token, where
   *     known
   * @param peakFlops what the machine can do at most in a second, where measured
   */
  public TrainingProgress(
      LiveLine line,
      long firstStep,
      long steps,
      long tokensPerStep,
      OptionalDouble flopsPerToken,
      OptionalDouble peakFlops) {
    this.line = line;
    this.step = firstStep;
    this.steps = steps;
    this.tokensPerStep = tokensPerStep;
    this.flopsPerToken = flopsPerToken;
    this.peakFlops = peakFlops;
    this.rate = new Rate(WINDOW, line.now(), firstStep);
    this.width = Long.toString(steps).length();
  }

  /**
   * @param done steps done so far
   * @param stepLoss the loss of the last of them, in nats a token
   */
  public void step(long done, double stepLoss) {
    step = done;
    loss = stepLoss;
    smoothed = Double.isNaN(smoothed) ? stepLoss : 0.95 * smoothed + 0.05 * stepLoss;
    rate.reached(line.now(), done);
    line.show(this::text);
  }

  /** Prints a line that stays, above the live one. */
  public void say(String note) {
    line.say(note);
  }

  /** Tokens a second over the last twenty seconds; NaN before the first step. */
  public double tokensPerSecond() {
    return rate.perSecond() * tokensPerStep;
  }

  /** The share of the machine's peak that the model's own arithmetic uses, where both are known. */
  public OptionalDouble utilisation() {
    return flopsPerToken.isPresent() && peakFlops.isPresent()
        ? OptionalDouble.of(
            tokensPerSecond() * flopsPerToken.getAsDouble() / peakFlops.getAsDouble())
        : OptionalDouble.empty();
  }

  /** Shows the last state, which stays. */
  public void finish() {
    line.finish(this::text);
  }

  @Override
  public void close() {
    line.close();
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    text.append(String.format(Locale.ROOT, "step %" + width + "d/%d", step, steps));
    if (!Double.isNaN(loss)) {
      text.append(String.format(Locale.ROOT, "  loss %.4f (mean %.4f)", loss, smoothed));
    }
    double tokens = tokensPerSecond();
    if (!Double.isNaN(tokens)) {
      text.append("  ").append(Figures.count(tokens)).append(" tokens/s");
    }
    utilisation()
        .ifPresent(
            share -> {
              if (!Double.isNaN(share)) {
                text.append("  ").append(Figures.percent(share)).append(" of peak");
              }
            });
    double perSecond = rate.perSecond();
    if (step >= steps) {
      text.append("  in ").append(Figures.time(line.elapsed()));
    } else if (perSecond > 0) {
      text.append("  ")
          .append(Figures.time(Duration.ofMillis(Math.round((steps - step) * 1000 / perSecond))))
          .append(" left");
    }
    return text.toString();
  }
}
