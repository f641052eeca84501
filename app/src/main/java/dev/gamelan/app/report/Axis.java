package dev.gamelan.app.report;

/**
 * One axis of a chart.
 *
 * @param label what is shown and, after a comma, its unit, e.g. {@code loss, nats a token}
 * @param scale how values become distances
 */
public record Axis(String label, Scale scale) {
  /** How values become distances. */
  public enum Scale {
    /** Equal differences are equally far apart. */
    LINEAR,
    /** Equal ratios are equally far apart; zero and below can't be shown and are left out. */
    LOG
  }

  /** An axis with a linear scale. */
  public static Axis linear(String label) {
    return new Axis(label, Scale.LINEAR);
  }

  /** An axis with a logarithmic scale. */
  public static Axis log(String label) {
    return new Axis(label, Scale.LOG);
  }

  /** Whether a value has a place on this axis. */
  boolean shows(double value) {
    return Double.isFinite(value) && (scale == Scale.LINEAR || value > 0);
  }
}
