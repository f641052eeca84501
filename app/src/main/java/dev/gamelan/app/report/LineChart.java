package dev.gamelan.app.report;

import java.util.Arrays;
import java.util.List;

/**
 * Lines over a common horizontal axis.
 *
 * @param title what stands above it
 * @param x the horizontal axis
 * @param y the vertical axis
 * @param series at least one line
 * @param references horizontal lines to compare with, with a label each
 */
public record LineChart(
    String title, Axis x, Axis y, List<Series> series, List<Reference> references)
    implements Block {

  /** How a series is drawn. */
  public enum Style {
    /** A clear line. */
    LINE,
    /** A pale line behind the others: single measurements whose mean is shown too. */
    FAINT,
    /** A line with a dot at every point: few measurements. */
    POINTS
  }

  /**
   * One line: the points {@code (x[i], y[i])}, joined in order. A value that its axis can't show
   * interrupts the line.
   */
  public record Series(String name, List<Double> x, List<Double> y, Style style) {
    public Series {
      if (x.size() != y.size()) {
        throw new IllegalArgumentException(
            "report chart: series '%s' has %d x and %d y values; it needs as many of both"
                .formatted(name, x.size(), y.size()));
      }
      x = List.copyOf(x);
      y = List.copyOf(y);
    }

    /** A clear line through {@code (x[i], y[i])}. */
    public static Series line(String name, double[] x, double[] y) {
      return of(name, x, y, Style.LINE);
    }

    /** A series in the given style. */
    public static Series of(String name, double[] x, double[] y, Style style) {
      return new Series(
          name, Arrays.stream(x).boxed().toList(), Arrays.stream(y).boxed().toList(), style);
    }
  }

  /** A horizontal line at {@code y}, e.g. the entropy of the corpus. */
  public record Reference(String label, double y) {}

  public LineChart {
    if (series.isEmpty()) {
      throw new IllegalArgumentException(
          "report chart '%s': there is no series; give at least one".formatted(title));
    }
    series = List.copyOf(series);
    references = List.copyOf(references);
  }

  /** A chart without lines to compare with. */
  public LineChart(String title, Axis x, Axis y, List<Series> series) {
    this(title, x, y, series, List.of());
  }
}
