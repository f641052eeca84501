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
   */
  public record Bar(String name, double value) {
    public Bar {
      if (!Double.isFinite(value)) {
        throw new IllegalArgumentException(
            "report chart: bar '%s' has the length %s; it must be finite".formatted(name, value));
      }
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
