package dev.gamelan.app.tokens;

import dev.gamelan.app.report.Axis;
import dev.gamelan.app.report.BarChart;
import dev.gamelan.app.report.BarChart.Bar;
import dev.gamelan.app.report.Block;
import dev.gamelan.app.report.Block.Column;
import dev.gamelan.app.report.Block.Paragraph;
import dev.gamelan.app.report.Block.Row;
import dev.gamelan.app.report.Block.Section;
import dev.gamelan.app.report.Block.Table;
import dev.gamelan.app.report.LineChart;
import dev.gamelan.app.report.Report;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/** A {@link Comparison} for the eye. */
public final class ComparisonReport {
  private static final int FEW = 24;
  private static final int EXTREMES = 15;
  private final Comparison all;

  private ComparisonReport(Comparison all) {
    this.all = all;
  }

  /**
   * The report.
   *
   * @param drawn languages that get a chart each; if none are named, all, where they are few
   * @param footer what made it
   */
  public static Report of(Comparison comparison, List<String> drawn, String footer) {
    ComparisonReport report = new ComparisonReport(comparison);
    String baseline = report.name(comparison.baseline());
    List<Section> sections = new ArrayList<>();
    sections.add(report.overview());
    boolean few = comparison.samples().size() <= FEW;
    if (few || !drawn.isEmpty()) {
      sections.add(report.charts(drawn));
    }
    if (!few) {
      sections.add(report.spread());
    }
    sections.add(report.table());
    return new Report(
        "How vocabularies compress",
        "%d tokenizers on texts of %d %s. A tokenizer's compression is how many tokens %s needs for one of its own: above 1 it needs fewer."
            .formatted(
                comparison.tokenizers().size(),
                comparison.samples().size(),
                comparison.samples().size() == 1 ? "language" : "languages",
                baseline),
        sections,
        footer);
  }

  private String name(int tokenizer) {
    return all.tokenizers().get(tokenizer).name();
  }

  private Section overview() {
    List<List<String>> rows = new ArrayList<>();
    List<Block> blocks = new ArrayList<>();
    for (int t = 0; t < all.tokenizers().size(); t++) {
      double[] sorted = all.sorted(t);
      int tokenizer = t;
      long lost =
          IntStream.range(0, all.samples().size())
              .filter(s -> !all.count(tokenizer, s).whole())
              .count();
      rows.add(
          List.of(
              name(t),
              "%,d".formatted(all.tokenizers().get(t).tokenizer().vocabularySize()),
              figure(mean(t, all::perByte)),
              figure(mean(t, all::perCharacter)),
              figure(mean(t, all::perWord)),
              sorted.length == 0 ? "–" : figure(sorted[sorted.length / 2]),
              Long.toString(lost)));
    }
    blocks.add(
        new Table(
            List.of(
                new Column("tokenizer", false),
                new Column("vocabulary", true),
                new Column("tokens a byte", true),
                new Column("a character", true),
                new Column("a word", true),
                new Column("compression, median", true),
                new Column("languages lost", true)),
            rows));
    for (int t = 0; t < all.tokenizers().size(); t++) {
      if (t != all.baseline()) {
        blocks.add(new Paragraph(finding(t)));
      }
    }
    return new Section(
        "Overview",
        Optional.of(
            "Means over the languages, each counting the same. Technical reports of multilingual models compare vocabularies in this way (Qwen's, Bai et al. 2023, against XLM-R's): a larger and more multilingual vocabulary needs fewer tokens for the same text, so training and answers cost less and more text fits the context. A language is lost to a tokenizer that has no token for 2% of its letters or more; its few tokens would say nothing."),
        blocks);
  }

  private interface Measure {
    double of(int tokenizer, int sample);
  }

  private double mean(int tokenizer, Measure measure) {
    return IntStream.range(0, all.samples().size())
        .filter(s -> all.count(tokenizer, s).whole())
        .mapToDouble(s -> measure.of(tokenizer, s))
        .average()
        .orElse(Double.NaN);
  }

  private String finding(int tokenizer) {
    double[] sorted = all.sorted(tokenizer);
    if (sorted.length == 0) {
      return name(tokenizer) + ": no language can be compared.";
    }
    long better = IntStream.range(0, sorted.length).filter(i -> sorted[i] > 1).count();
    List<Integer> order = byCompression(tokenizer);
    int most = order.getLast();
    int least = order.getFirst();
    return "%s compresses %d of %d languages better than %s: by %s in the median, most in %s (%s), least in %s (%s)."
        .formatted(
            name(tokenizer),
            better,
            sorted.length,
            name(all.baseline()),
            figure(sorted[sorted.length / 2]),
            all.samples().get(most).language(),
            figure(all.against(tokenizer, most)),
            all.samples().get(least).language(),
            figure(all.against(tokenizer, least)));
  }

  private List<Integer> byCompression(int tokenizer) {
    return IntStream.range(0, all.samples().size())
        .filter(s -> !Double.isNaN(all.against(tokenizer, s)))
        .boxed()
        .sorted(Comparator.comparingDouble(s -> all.against(tokenizer, s)))
        .toList();
  }

  private Section charts(List<String> drawn) {
    List<Block> rows = new ArrayList<>();
    List<Block> row = new ArrayList<>();
    for (int s : chosen(drawn)) {
      List<Bar> bars = new ArrayList<>();
      for (int t = 0; t < all.tokenizers().size(); t++) {
        if (!Double.isNaN(all.against(t, s))) {
          bars.add(new Bar(name(t), all.against(t, s)));
        }
      }
      if (!bars.isEmpty()) {
        row.add(
            new BarChart(
                all.samples().get(s).language(),
                "compression against " + name(all.baseline()),
                bars));
      }
      if (row.size() == 2) {
        rows.add(new Row(row));
        row = new ArrayList<>();
      }
    }
    if (!row.isEmpty()) {
      rows.add(new Row(row));
    }
    return new Section("Language by language", rows.toArray(Block[]::new));
  }

  private List<Integer> chosen(List<String> drawn) {
    return IntStream.range(0, all.samples().size())
        .filter(s -> drawn.isEmpty() || drawn.contains(all.samples().get(s).language()))
        .boxed()
        .toList();
  }

  private Section spread() {
    List<LineChart.Series> series = new ArrayList<>();
    List<Block> blocks = new ArrayList<>();
    for (int t = 0; t < all.tokenizers().size(); t++) {
      if (t == all.baseline() || all.sorted(t).length == 0) {
        continue;
      }
      double[] y = all.sorted(t);
      double[] x = IntStream.range(0, y.length).mapToDouble(i -> 100.0 * i / y.length).toArray();
      series.add(LineChart.Series.of(name(t), x, y, LineChart.Style.LINE));
    }
    if (series.isEmpty()) {
      return new Section("All languages", new Paragraph("There is nothing to compare."));
    }
    blocks.add(
        new LineChart(
            "Compression over all languages, each tokenizer's in its own order",
            Axis.linear("languages, %"),
            Axis.log("compression against " + name(all.baseline())),
            series,
            List.of(new LineChart.Reference(name(all.baseline()), 1))));
    for (int t = 0; t < all.tokenizers().size(); t++) {
      List<Integer> order = byCompression(t);
      if (t != all.baseline() && order.size() > 2 * EXTREMES) {
        blocks.add(
            new Row(
                List.of(
                    bars(
                        name(t) + ", most",
                        t,
                        order.subList(order.size() - EXTREMES, order.size()).reversed()),
                    bars(name(t) + ", least", t, order.subList(0, EXTREMES)))));
      }
    }
    return new Section("All languages", blocks.toArray(Block[]::new));
  }

  private BarChart bars(String title, int tokenizer, List<Integer> samples) {
    return new BarChart(
        title,
        "compression against " + name(all.baseline()),
        samples.stream()
            .map(s -> new Bar(all.samples().get(s).language(), all.against(tokenizer, s)))
            .toList());
  }

  private Section table() {
    List<Column> columns = new ArrayList<>(List.of(new Column("language", false)));
    all.tokenizers().forEach(each -> columns.add(new Column(each.name(), true)));
    List<Block> blocks = new ArrayList<>();
    blocks.add(new Paragraph("Tokens a byte; lost languages in brackets."));
    blocks.add(new Table(columns, rows(all::perByte)));
    if (all.samples().size() <= FEW) {
      blocks.add(new Paragraph("Tokens a character."));
      blocks.add(new Table(columns, rows(all::perCharacter)));
      blocks.add(
          new Paragraph(
              "Tokens a word (fertility). Of scripts without spaces, a word is a whole run of characters."));
      blocks.add(new Table(columns, rows(all::perWord)));
    }
    return new Section("Figures", blocks.toArray(Block[]::new));
  }

  private List<List<String>> rows(Measure measure) {
    List<List<String>> rows = new ArrayList<>();
    for (int s = 0; s < all.samples().size(); s++) {
      List<String> row = new ArrayList<>(List.of(all.samples().get(s).language()));
      for (int t = 0; t < all.tokenizers().size(); t++) {
        String figure = figure(measure.of(t, s));
        row.add(all.count(t, s).whole() ? figure : "(" + figure + ")");
      }
      rows.add(row);
    }
    return rows;
  }

  static String figure(double x) {
    return Double.isNaN(x) ? "–" : String.format(Locale.ROOT, x < 10 ? "%.3f" : "%.1f", x);
  }
}
