package dev.gamelan.app.report;

import dev.gamelan.app.report.Block.Column;
import dev.gamelan.app.report.Block.KeyValue;
import dev.gamelan.app.report.Block.KeyValues;
import dev.gamelan.app.report.Block.Paragraph;
import dev.gamelan.app.report.Block.Row;
import dev.gamelan.app.report.Block.Sample;
import dev.gamelan.app.report.Block.Samples;
import dev.gamelan.app.report.Block.Section;
import dev.gamelan.app.report.Block.Table;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** How a {@link Report} looks. */
final class Page {
  /** How many colours there are for series; the style sheet defines s0, s1, … */
  static final int COLOURS = 6;

  private final Markup out = new Markup();

  String render(Report report) {
    out.trusted("<!DOCTYPE html>\n").open("html", "lang", "en").open("head");
    out.trusted("<meta charset=\"utf-8\">\n");
    out.trusted("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    out.trusted("<meta name=\"color-scheme\" content=\"light dark\">\n");
    // Nothing may be fetched, whatever a text sample contains.
    out.trusted(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';"
            + " style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n");
    out.element("title", report.title());
    out.open("style").trusted(resource("report.css")).close();
    out.close().open("body").open("main");
    out.open("header").element("h1", report.title());
    out.element("p", report.summary(), "class", "summary").close();
    for (Section section : report.sections()) {
      out.open("section").element("h2", section.heading());
      section.introduction().ifPresent(text -> out.element("p", text));
      section.blocks().forEach(block -> block(block, 860));
      out.close();
    }
    out.close().element("footer", report.footer());
    out.open("script").trusted(resource("report.js")).close();
    out.close().close();
    return out.toString();
  }

  private void block(Block block, double width) {
    switch (block) {
      case Paragraph paragraph -> out.element("p", paragraph.text());
      case KeyValues facts -> facts(facts.entries());
      case Table table -> table(table);
      case Samples samples -> samples.samples().forEach(this::sample);
      case Row row -> {
        out.open("div", "class", "row");
        for (Block each : row.blocks()) {
          out.open("div");
          block(each, Math.max(420, width / row.blocks().size()));
          out.close();
        }
        out.close();
      }
      case LineChart chart -> lines(chart, width);
      case BarChart chart -> {
        out.open("figure").element("figcaption", chart.title());
        new BarPlot(chart, width).draw(out);
        out.close();
      }
    }
  }

  private void facts(List<KeyValue> facts) {
    out.open("dl");
    for (KeyValue fact : facts) {
      out.element("dt", fact.key()).element("dd", fact.value());
    }
    out.close();
  }

  private void table(Table table) {
    out.open("div", "class", "scroll").open("table").open("thead").open("tr");
    for (Column column : table.columns()) {
      out.element(
          "th", column.heading(), "class", column.numeric() ? "number" : "words", "scope", "col");
    }
    out.close().close().open("tbody");
    for (List<String> row : table.rows()) {
      out.open("tr");
      for (int i = 0; i < row.size(); i++) {
        out.element(
            "td", row.get(i), "class", table.columns().get(i).numeric() ? "number" : "words");
      }
      out.close();
    }
    out.close().close().close();
  }

  private void sample(Sample sample) {
    out.open("figure", "class", "sample").element("figcaption", sample.label());
    out.open("pre");
    // The parser drops a line feed right after <pre>: one more keeps the text's own.
    out.text("\n");
    if (!sample.prompt().isEmpty()) {
      out.element("b", sample.prompt());
    }
    out.text(sample.text()).close().close();
  }

  private void lines(LineChart chart, double width) {
    LinePlot plot = new LinePlot(chart, width, width > 600 ? 340 : 280);
    out.open("figure", "class", "lines", "data-points", plot.points(), "data-x", chart.x().label());
    out.element("figcaption", chart.title());
    if (chart.series().size() > 1) {
      out.open("p", "class", "legend");
      for (int i = 0; i < chart.series().size(); i++) {
        boolean faint = chart.series().get(i).style() == LineChart.Style.FAINT;
        out.open("span").open("i", "class", "s" + i % COLOURS + (faint ? " faint" : "")).close();
        out.text(chart.series().get(i).name()).close();
      }
      out.close();
    }
    plot.draw(out);
    out.open("table", "class", "tip", "hidden", "").open("tbody");
    out.open("tr").element("th", "").element("td", "").close();
    for (int i = 0; i < chart.series().size(); i++) {
      out.open("tr").open("th").open("i", "class", "s" + i % COLOURS).close();
      out.text(chart.series().get(i).name()).close().element("td", "").close();
    }
    out.close().close().close();
  }

  private static String resource(String name) {
    try (InputStream in = Page.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
