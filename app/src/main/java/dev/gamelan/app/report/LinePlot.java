package dev.gamelan.app.report;

import static dev.gamelan.app.report.Markup.at;

import dev.gamelan.app.report.LineChart.Reference;
import dev.gamelan.app.report.LineChart.Series;
import dev.gamelan.app.report.LineChart.Style;
import dev.gamelan.app.report.Thinning.Point;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Draws a {@link LineChart} as SVG. */
final class LinePlot {
  private static final double TOP = 10;
  private static final double RIGHT = 14;
  private static final double BOTTOM = 44;
  private static final double CHARACTER = 6.6;
  private static final int LINE_HEIGHT = 14;

  private final LineChart chart;
  private final double width;
  private final double height;
  private final Ticks x;
  private final Ticks y;
  private final double left;

  LinePlot(LineChart chart, double width, double height) {
    this.chart = chart;
    this.width = width;
    this.height = height;
    double[] across = range(chart.x(), true);
    double[] up = range(chart.y(), false);
    this.y = padded(chart.y(), up);
    int longest = y.labels().stream().mapToInt(String::length).max().orElse(1);
    this.left = 30 + longest * CHARACTER;
    boolean fromZero =
        chart.x().scale() == Axis.Scale.LINEAR && across[0] > 0 && across[0] <= 0.1 * across[1];
    this.x =
        Ticks.of(
            chart.x().scale(), fromZero ? 0 : across[0], across[1], (int) Math.max(4, width / 110));
  }

  void draw(Markup out) {
    out.open(
        "svg",
        "class",
        "plot",
        "viewBox",
        "0 0 " + at(width) + " " + at(height),
        "role",
        "img",
        "aria-label",
        chart.title());
    grid(out);
    for (int i = 0; i < chart.series().size(); i++) {
      line(out, i);
    }
    references(out);
    out.single(
        "line",
        "class",
        "cursor",
        "x1",
        "0",
        "x2",
        "0",
        "y1",
        at(TOP),
        "y2",
        at(height - BOTTOM),
        "visibility",
        "hidden");
    out.close();
  }

  /** The points as the script that shows values under the mouse reads them. */
  String points() {
    StringBuilder json = new StringBuilder("[");
    for (int i = 0; i < chart.series().size(); i++) {
      json.append(i == 0 ? "[" : ",[");
      boolean first = true;
      for (Point point : pixels(chart.series().get(i))) {
        if (!point.isGap()) {
          json.append(first ? "" : ",")
              .append('[')
              .append(at(point.left()))
              .append(',')
              .append(number(point.x()))
              .append(',')
              .append(number(point.y()))
              .append(']');
          first = false;
        }
      }
      json.append(']');
    }
    return json.append(']').toString();
  }

  private void grid(Markup out) {
    double floor = height - BOTTOM;
    for (int i = 0; i < y.values().size(); i++) {
      double at = top(y.values().get(i));
      out.single(
          "line",
          "class",
          "grid",
          "x1",
          at(left),
          "x2",
          at(width - RIGHT),
          "y1",
          at(at),
          "y2",
          at(at));
      out.element(
          "text",
          y.labels().get(i),
          "class",
          "tick",
          "x",
          at(left - 6),
          "y",
          at(at + 4),
          "text-anchor",
          "end");
    }
    for (int i = 0; i < x.values().size(); i++) {
      double at = across(x.values().get(i));
      out.single(
          "line",
          "class",
          "mark",
          "x1",
          at(at),
          "x2",
          at(at),
          "y1",
          at(floor),
          "y2",
          at(floor + 4));
      out.element(
          "text",
          x.labels().get(i),
          "class",
          "tick",
          "x",
          at(at),
          "y",
          at(floor + 17),
          "text-anchor",
          "middle");
    }
    out.single(
        "line",
        "class",
        "axis",
        "x1",
        at(left),
        "x2",
        at(width - RIGHT),
        "y1",
        at(floor),
        "y2",
        at(floor));
    out.element(
        "text",
        chart.x().label(),
        "class",
        "label",
        "x",
        at((left + width - RIGHT) / 2),
        "y",
        at(height - 6),
        "text-anchor",
        "middle");
    out.element(
        "text",
        chart.y().label(),
        "class",
        "label",
        "transform",
        "translate(12 " + at((TOP + floor) / 2) + ") rotate(-90)",
        "text-anchor",
        "middle");
  }

  private void line(Markup out, int index) {
    Series series = chart.series().get(index);
    List<Point> points = pixels(series);
    StringBuilder path = new StringBuilder();
    List<Point> dots = new ArrayList<>();
    for (int i = 0; i < points.size(); i++) {
      Point point = points.get(i);
      if (point.isGap()) {
        continue;
      }
      boolean begins = i == 0 || points.get(i - 1).isGap();
      boolean ends = i == points.size() - 1 || points.get(i + 1).isGap();
      path.append(begins ? "M" : "L").append(at(point.left())).append(' ').append(at(point.top()));
      // A point with a gap on both sides has no line to be seen by.
      if (series.style() == Style.POINTS || (begins && ends)) {
        dots.add(point);
      }
    }
    String kind = "s" + index % Page.COLOURS + (series.style() == Style.FAINT ? " faint" : "");
    out.single("path", "class", "line " + kind, "d", path.toString());
    for (Point dot : dots) {
      out.single(
          "circle", "class", "dot " + kind, "cx", at(dot.left()), "cy", at(dot.top()), "r", "2.8");
    }
  }

  /** Dashed lines; their labels stand above them at the right, moved apart where they'd overlap. */
  private void references(Markup out) {
    List<Reference> fromTop =
        chart.references().stream()
            .filter(r -> chart.y().shows(r.y()))
            .sorted(Comparator.comparingDouble(Reference::y).reversed())
            .toList();
    double free = TOP;
    for (Reference reference : fromTop) {
      double at = top(reference.y());
      double baseline = Math.max(at - 4, free + LINE_HEIGHT - 3);
      free = baseline + 3;
      out.open("g", "class", "reference");
      out.element("title", reference.label() + ": " + shown(reference.y()));
      out.single("line", "x1", at(left), "x2", at(width - RIGHT), "y1", at(at), "y2", at(at));
      out.element(
          "text",
          reference.label() + " " + shown(reference.y()),
          "x",
          at(width - RIGHT - 4),
          "y",
          at(baseline),
          "text-anchor",
          "end");
      out.close();
    }
  }

  private List<Point> pixels(Series series) {
    List<Point> points = new ArrayList<>(series.x().size());
    for (int i = 0; i < series.x().size(); i++) {
      double px = series.x().get(i);
      double py = series.y().get(i);
      points.add(
          chart.x().shows(px) && chart.y().shows(py)
              ? new Point(across(px), top(py), px, py)
              : new Point(Double.NaN, Double.NaN, px, py));
    }
    return Thinning.thin(points, 1);
  }

  private double across(double value) {
    return left + x.place(chart.x().scale(), value) * (width - RIGHT - left);
  }

  private double top(double value) {
    double floor = height - BOTTOM;
    return floor - y.place(chart.y().scale(), value) * (floor - TOP);
  }

  private double[] range(Axis axis, boolean horizontal) {
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (Series series : chart.series()) {
      for (double value : horizontal ? series.x() : series.y()) {
        if (axis.shows(value)) {
          low = Math.min(low, value);
          high = Math.max(high, value);
        }
      }
    }
    if (!horizontal) {
      for (Reference reference : chart.references()) {
        if (axis.shows(reference.y())) {
          low = Math.min(low, reference.y());
          high = Math.max(high, reference.y());
        }
      }
    }
    return low <= high
        ? new double[] {low, high}
        : new double[] {axis.scale() == Axis.Scale.LOG ? 0.1 : 0, 1};
  }

  /** The vertical axis with some air above and below; zero stays the floor where it is near. */
  private Ticks padded(Axis axis, double[] range) {
    double low = range[0];
    double high = range[1];
    int wanted = (int) Math.max(3, height / 55);
    return switch (axis.scale()) {
      case LOG -> {
        double room = Math.pow(high / low, 0.05);
        yield Ticks.of(axis.scale(), low / room, high * room, wanted);
      }
      case LINEAR -> {
        double room = (high - low) * 0.05;
        boolean fromZero = low >= 0 && low <= 0.3 * high;
        yield Ticks.of(axis.scale(), fromZero ? 0 : low - room, high + room, wanted);
      }
    };
  }

  /** Three digits, for a label. */
  static String shown(double value) {
    if (value == 0) {
      return "0";
    }
    return Math.abs(value) >= 1000 || Math.abs(value) < 0.01
        ? Ticks.label(Double.parseDouble(String.format(Locale.ROOT, "%.2e", value)))
        : String.format(Locale.ROOT, "%.3g", value);
  }

  /** JSON's idea of a number, with six digits: enough to be shown. */
  private static String number(double value) {
    return Double.toString(Double.parseDouble(String.format(Locale.ROOT, "%.5e", value)));
  }
}
