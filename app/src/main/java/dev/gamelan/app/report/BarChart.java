package dev.gamelan.app.report;

import java.util.List;

/**
 * Horizontal bars from zero, one a line.
 *
 * @param title what stands above it
 * @param label what the bars' lengths mean, with the unit
 * @param bars in the order shown, at least one
 */
public record BarChart(String title, String label, List<Bar> bars) implements Block {
  /**
   * One bar.
   *
   * @param name what it stands for
   * @param value its length; finite
   * @param interval half the width of its confidence interval, drawn as a whisker; 0 = none
   */
  public record Bar(String name, double value, double interval) {
    public Bar {
      if (!Double.isFinite(value) || !(interval >= 0) || Double.isInfinite(interval)) {
        throw new IllegalArgumentException(
            "report chart: bar '%s' has the length %s ± %s; it must be finite"
                .formatted(name, value, interval));
      }
    }

    /** A bar without an interval. */
    public Bar(String name, double value) {
      this(name, value, 0);
    }
  }

  public BarChart {
    if (bars.isEmpty()) {
      throw new IllegalArgumentException(
          "report chart '%s': there is no bar; give at least one".formatted(title));
    }
    bars = List.copyOf(bars);
  }
}
