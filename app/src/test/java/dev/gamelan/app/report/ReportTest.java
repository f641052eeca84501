package dev.gamelan.app.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.app.report.Block.Column;
import dev.gamelan.app.report.Block.Section;
import dev.gamelan.app.report.Block.Table;
import dev.gamelan.app.report.LineChart.Series;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReportTest {
  @Test
  void a_page_needs_nothing_from_outside() {
    String html = ExampleReport.report().html();
    assertThat(html).doesNotContainPattern("(?i)(src|href|url|@import|xlink)\\s*[=(]");
    assertThat(html).doesNotContain("http://", "https://");
    assertThat(html).contains("Content-Security-Policy", "prefers-color-scheme: dark");
  }

  @Test
  void the_same_report_gives_the_same_bytes() {
    assertThat(ExampleReport.report().html()).isEqualTo(ExampleReport.report().html());
  }

  @Test
  void texts_cannot_become_markup() {
    String html = ExampleReport.report().html();
    assertThat(html)
        .contains("public␀&lt;b&gt;kw&lt;/b&gt; \uFFFD &amp; the", "small world &lt;generated&gt;");
  }

  @Test
  void a_long_series_is_drawn_with_few_points() {
    String html = ExampleReport.report().html();
    var paths = Pattern.compile(" d=\"([^\"]*)\"").matcher(html).results().toList();
    assertThat(paths).hasSizeGreaterThan(5);
    assertThat(paths)
        .allSatisfy(
            path -> assertThat(path.group(1).split("[ML]")).hasSizeLessThanOrEqualTo(4 * 860));
  }

  @Test
  void values_that_an_axis_cannot_show_interrupt_the_line() {
    LineChart chart =
        new LineChart(
            "gaps",
            Axis.linear("step"),
            Axis.log("loss"),
            List.of(
                Series.line(
                    "loss",
                    new double[] {1, 2, 3, 4, 5, 6},
                    new double[] {3, 2, Double.NaN, 0, Double.POSITIVE_INFINITY, 1})));
    String html = page(chart);
    assertThat(html).containsPattern(" d=\"M[0-9. ]+L[0-9. ]+M[0-9. ]+\"");
    // The last point has no neighbour to be joined with.
    assertThat(Pattern.compile("<circle").matcher(html).results()).hasSize(1);
    assertThat(html).doesNotContain("NaN", "Infinity");
  }

  @Test
  void a_chart_of_nothing_but_missing_values_is_still_drawn() {
    LineChart chart =
        new LineChart(
            "none",
            Axis.log("x"),
            Axis.linear("y"),
            List.of(Series.line("s", new double[] {0, -1}, new double[] {Double.NaN, 1})));
    assertThat(page(chart)).contains("<svg").doesNotContain("NaN", "Infinity");
  }

  @Test
  void reference_labels_do_not_overlap() {
    LineChart chart =
        new LineChart(
            "close",
            Axis.linear("x"),
            Axis.linear("y"),
            List.of(Series.line("s", new double[] {0, 1}, new double[] {0, 100})),
            List.of(
                new LineChart.Reference("a", 50),
                new LineChart.Reference("b", 50.1),
                new LineChart.Reference("c", 50.2)));
    double[] baselines =
        Pattern.compile("<text x=\"[0-9.]+\" y=\"([0-9.]+)\" text-anchor=\"end\">[abc] ")
            .matcher(page(chart))
            .results()
            .mapToDouble(m -> Double.parseDouble(m.group(1)))
            .sorted()
            .toArray();
    assertThat(baselines).hasSize(3);
    assertThat(baselines[1] - baselines[0]).isGreaterThanOrEqualTo(13);
    assertThat(baselines[2] - baselines[1]).isGreaterThanOrEqualTo(13);
  }

  @Test
  void a_report_is_written_whole_and_replaces_the_one_before(@TempDir Path folder)
      throws Exception {
    Path file = folder.resolve("deep/er/report.html");
    ExampleReport.report().write(file);
    ExampleReport.report().write(file);
    assertThat(file).hasContent(ExampleReport.report().html());
    try (var files = Files.list(file.getParent())) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void misshapen_blocks_are_refused_with_the_reason() {
    assertThatThrownBy(() -> new Table(List.of(new Column("a", true)), List.of(List.of("1", "2"))))
        .hasMessage("report table: a row has 2 cells and there are 1 columns: [1, 2]");
    assertThatThrownBy(() -> Series.line("s", new double[] {1}, new double[] {}))
        .hasMessageContaining("series 's' has 1 x and 0 y values");
    assertThatThrownBy(() -> new BarChart.Bar("b", Double.NaN)).hasMessageContaining("finite");
  }

  private static String page(Block block) {
    return new Report("t", "s", List.of(new Section("h", block)), "f").html();
  }
}
