package dev.gamelan.app.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Opens the example report in a real browser, where one is installed. */
final class ReportInBrowserTest {
  /** Runs in the page after its own script: moves the mouse over the first chart. */
  private static final String PROBE =
      """
      <script>
      const errors = [];
      addEventListener('error', e => errors.push(e.message));
      addEventListener('load', () => {
        const svg = document.querySelector('figure.lines svg');
        const box = svg.getBoundingClientRect();
        svg.dispatchEvent(new PointerEvent('pointermove',
            {clientX: box.left + box.width / 2, clientY: box.top + 20}));
        const outside = [...document.querySelectorAll('svg')].filter(s =>
            [...s.querySelectorAll('text')].some(t => {
              const a = t.getBoundingClientRect(), b = s.getBoundingClientRect();
              return a.left < b.left - 2 || a.right > b.right + 2 || a.top < b.top - 2 || a.bottom > b.bottom + 2;
            })).map(s => s.getAttribute('aria-label'));
        const facts = {
          errors,
          charts: [...document.querySelectorAll('svg')].filter(s => s.getBoundingClientRect().height > 50).length,
          drawn: [...document.querySelectorAll('svg path.line')].filter(p => p.getTotalLength() > 100).length,
          tip: document.querySelector('figure.lines .tip').innerText.replace(/\\s+/g, ' '),
          outside,
          wide: document.documentElement.scrollWidth > document.documentElement.clientWidth
        };
        const output = document.createElement('output');
        output.id = 'probe';
        output.textContent = JSON.stringify(facts);
        document.body.append(output);
      });
      </script>
      """;

  @Test
  void the_page_shows_its_charts_and_the_values_under_the_mouse(@TempDir Path folder)
      throws Exception {
    Optional<Path> browser = browser();
    assumeTrue(browser.isPresent(), "no chromium or google-chrome on the PATH");
    Path file = folder.resolve("report.html");
    Files.writeString(file, ExampleReport.report().html().replace("<header>", PROBE + "<header>"));
    Process process =
        new ProcessBuilder(
                browser.get().toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--user-data-dir=" + folder.resolve("profile"),
                "--virtual-time-budget=5000",
                "--dump-dom",
                file.toUri().toString())
            .redirectError(folder.resolve("errors").toFile())
            .start();
    process.getOutputStream().close();
    String dom = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    var probe = Pattern.compile("<output id=\"probe\">(.*?)</output>").matcher(dom);
    assertThat(probe.find()).as("the page's scripts ran").isTrue();
    assertThat(probe.group(1))
        .contains(
            "\"errors\":[]", "\"charts\":5", "\"drawn\":7", "\"outside\":[]", "\"wide\":false")
        .containsPattern(
            "\"tip\":\"step [\\d,]+ each step [\\d.]+ mean of the last steps [\\d.]+ validation [\\d.]+");
  }

  private static Optional<Path> browser() {
    return Stream.of("chromium", "chromium-browser", "google-chrome")
        .flatMap(
            name ->
                Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                    .map(folder -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
