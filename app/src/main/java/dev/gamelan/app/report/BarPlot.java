package dev.gamelan.app.report;

import static dev.gamelan.app.report.Markup.at;

import dev.gamelan.app.report.BarChart.Bar;

/** Draws a {@link BarChart} as SVG. */
final class BarPlot {
  private static final double LINE = 24;
  private static final double CHARACTER = 6.9;
  private static final double VALUE_ROOM = 64;

  private final BarChart chart;
  private final double width;

  BarPlot(BarChart chart, double width) {
    this.chart = chart;
    this.width = width;
  }

  void draw(Markup out) {
    double height = chart.bars().size() * LINE + 44;
    double floor = height - 40;
    int longest = chart.bars().stream().mapToInt(b -> b.name().length()).max().orElse(1);
    double left = Math.min(width * 0.4, 14 + longest * CHARACTER);
    double low =
        Math.min(
            0, chart.bars().stream().mapToDouble(b -> b.value() - b.interval()).min().orElse(0));
    double high =
        Math.max(
            0, chart.bars().stream().mapToDouble(b -> b.value() + b.interval()).max().orElse(0));
    Ticks ticks = Ticks.of(Axis.Scale.LINEAR, low, high, (int) Math.max(3, width / 120));
    double span = width - left - VALUE_ROOM;

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
    for (int i = 0; i < ticks.values().size(); i++) {
      double at = left + ticks.place(Axis.Scale.LINEAR, ticks.values().get(i)) * span;
      out.single("line", "class", "grid", "x1", at(at), "x2", at(at), "y1", "4", "y2", at(floor));
      out.element(
          "text",
          ticks.labels().get(i),
          "class",
          "tick",
          "x",
          at(at),
          "y",
          at(floor + 15),
          "text-anchor",
          "middle");
    }
    double zero = left + ticks.place(Axis.Scale.LINEAR, 0) * span;
    for (int i = 0; i < chart.bars().size(); i++) {
      Bar bar = chart.bars().get(i);
      double end = left + ticks.place(Axis.Scale.LINEAR, bar.value()) * span;
      double top = 4 + i * LINE;
      out.open("g", "class", "bar");
      String interval = bar.interval() > 0 ? " ± " + Ticks.label(bar.interval()) : "";
      out.element("title", bar.name() + ": " + Ticks.label(bar.value()) + interval);
      out.element(
          "text",
          shortened(bar.name(), left),
          "class",
          "name",
          "x",
          at(left - 8),
          "y",
          at(top + 16),
          "text-anchor",
          "end");
      out.single(
          "rect",
          "class",
          "s0",
          "x",
          at(Math.min(zero, end)),
          "y",
          at(top + 3),
          "width",
          at(Math.max(1, Math.abs(end - zero))),
          "height",
          at(LINE - 6),
          "rx",
          "2");
      double right = Math.max(zero, end);
      if (bar.interval() > 0) {
        double from = place(ticks, bar.value() - bar.interval(), left, span);
        double to = place(ticks, bar.value() + bar.interval(), left, span);
        whisker(out, from, to, top + LINE / 2);
        right = Math.max(right, to);
      }
      out.element(
          "text",
          LinePlot.shown(bar.value()),
          "class",
          "value",
          "x",
          at(right + 6),
          "y",
          at(top + 16));
      out.close();
    }
    out.single("line", "class", "axis", "x1", at(zero), "x2", at(zero), "y1", "4", "y2", at(floor));
    out.element(
        "text",
        chart.label(),
        "class",
        "label",
        "x",
        at(left + span / 2),
        "y",
        at(height - 6),
        "text-anchor",
        "middle");
    out.close();
  }

  private static double place(Ticks ticks, double value, double left, double span) {
    return left + ticks.place(Axis.Scale.LINEAR, value) * span;
  }

  /** A line from one end of an interval to the other, with a foot at each. */
  private static void whisker(Markup out, double from, double to, double y) {
    line(out, from, to, y, y);
    line(out, from, from, y - 4, y + 4);
    line(out, to, to, y - 4, y + 4);
  }

  private static void line(Markup out, double x1, double x2, double y1, double y2) {
    out.single("line", "class", "axis", "x1", at(x1), "x2", at(x2), "y1", at(y1), "y2", at(y2));
  }

  private static String shortened(String name, double room) {
    int fits = (int) ((room - 14) / CHARACTER);
    return name.length() <= fits ? name : name.substring(0, Math.max(1, fits - 1)) + "…";
  }
}
