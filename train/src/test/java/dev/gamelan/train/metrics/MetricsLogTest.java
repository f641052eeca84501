package dev.gamelan.train.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.tensor.random.CounterRandom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MetricsLogTest {
  private static final int STEPS = 12;

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void name_the_file() {
    file = folder.resolve("run/metrics.jsonl");
  }

  @Test
  void a_step_is_a_line_with_the_step_first_and_the_shortest_exact_numbers() throws Exception {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("loss", 0.1f);
    values.put("learning_rate", 1e-4);
    values.put("tokens", 4096L);
    values.put("clipped", true);
    values.put("note", "a \"quoted\"\nword");
    values.put("grad_norm", Double.NaN);
    try (MetricsLog log = MetricsLog.open(file, -1)) {
      log.append(new StepMetrics(1, values));
    }
    assertThat(file)
        .hasContent(
            "{\"step\":1,\"loss\":0.1,\"learning_rate\":1.0E-4,\"tokens\":4096,\"clipped\":true,"
                + "\"note\":\"a \\\"quoted\\\"\\nword\",\"grad_norm\":\"NaN\"}\n");
    StepMetrics read = MetricsLog.read(file).getFirst();
    assertThat(read.number("loss")).hasValue(0.1);
    assertThat(read.number("grad_norm").orElseThrow()).isNaN();
    assertThat(read.number("note")).isEmpty();
    assertThat(read.number("absent")).isEmpty();
  }

  @Test
  void a_run_killed_at_any_byte_and_resumed_leaves_the_bytes_of_one_that_never_stopped()
      throws Exception {
    write(-1, STEPS);
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length <= whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      long steps = MetricsLog.read(file).size();
      // The checkpoint is older than the log, as it is after a kill.
      long checkpoint = Math.max(0, steps - 1 - length % 4);
      write(steps == 0 ? -1 : checkpoint - 1, STEPS);
      assertThat(Files.readAllBytes(file)).isEqualTo(whole);
    }
  }

  @Test
  void a_fresh_run_forgets_what_was_there() throws Exception {
    write(-1, STEPS);
    try (MetricsLog log = MetricsLog.open(file, -1)) {
      assertThat(log.lastStep()).isEmpty();
    }
    assertThat(file).isEmptyFile();
  }

  @Test
  void the_last_step_of_a_log_that_ends_before_the_checkpoint_is_told() {
    write(-1, 10);
    try (MetricsLog log = MetricsLog.open(file, 500)) {
      assertThat(log.lastStep()).hasValue(9);
    }
  }

  @Test
  void a_damaged_line_is_an_error_that_names_it_and_changes_nothing() throws Exception {
    for (String line :
        List.of(
            "garbage",
            "{\"loss\":1}",
            "{\"step\":0}",
            "[1]",
            "null",
            "{\"step\":\"x\"}",
            "{\"step\":9,\"a\":[]}")) {
      Files.createDirectories(file.getParent());
      String content = "{\"step\":0}\n" + line + "\n{\"step\":2}\n";
      Files.writeString(file, content);
      assertThatThrownBy(() -> MetricsLog.open(file, 5))
          .as(line)
          .isInstanceOf(MetricsException.class)
          .hasMessageContaining("line 2 is damaged");
      assertThat(file).hasContent(content);
    }
  }

  @Test
  void steps_must_rise() {
    try (MetricsLog log = MetricsLog.open(file, -1)) {
      log.append(new StepMetrics(3, Map.of()));
      assertThatThrownBy(() -> log.append(new StepMetrics(3, Map.of())))
          .hasMessage("metrics: step 3 after step 3; steps must rise");
    }
  }

  @Test
  void values_that_are_no_plain_ones_are_refused() {
    assertThatThrownBy(() -> new StepMetrics(1, Map.of("x", List.of())))
        .hasMessageContaining("'x' is []");
    assertThatThrownBy(() -> new StepMetrics(1, Map.of("step", 1)))
        .hasMessageContaining("named 'step'");
    assertThatThrownBy(() -> new StepMetrics(-1, Map.of())).hasMessageContaining("negative");
  }

  @Test
  void a_file_that_cannot_be_written_is_named() throws IOException {
    Files.createDirectories(file);
    assertThatThrownBy(() -> MetricsLog.open(file, -1))
        .isInstanceOf(MetricsException.class)
        .hasMessageContaining("metrics.jsonl");
  }

  private void write(long lastStep, int end) {
    try (MetricsLog log = MetricsLog.open(file, lastStep)) {
      CounterRandom random = new CounterRandom(11, 0);
      for (long step = lastStep + 1; step < end; step++) {
        log.append(new StepMetrics(step, Map.of("loss", (float) (3 + random.normal(step)))));
      }
    }
  }
}
