package dev.gamelan.app.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class ProgressTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream err = new PrintStream(bytes, true, StandardCharsets.UTF_8);
  private long now;

  @Test
  void a_training_line_tells_step_loss_speed_utilisation_and_time_left() {
    LiveLine line = new LiveLine(err, false, Duration.ofSeconds(5), () -> now);
    try (TrainingProgress progress =
        new TrainingProgress(
            line, 0, 1000, 2048, OptionalDouble.of(1e6), OptionalDouble.of(1e11))) {
      for (int step = 1; step <= 100; step++) {
        pass(Duration.ofMillis(100));
        progress.step(step, 8.0);
      }
      assertThat(progress.tokensPerSecond()).isEqualTo(20_480);
      assertThat(progress.utilisation().orElseThrow()).isEqualTo(0.2048);
    }
    assertThat(text().lines())
        .containsExactly(
            "step   50/1000  loss 8.0000 (mean 8.0000)  20.5k tokens/s  20.5% of peak  1 min 35 s left",
            "step  100/1000  loss 8.0000 (mean 8.0000)  20.5k tokens/s  20.5% of peak  1 min 30 s left");
  }

  @Test
  void the_speed_of_a_resumed_run_counts_its_own_steps_only() {
    LiveLine line = new LiveLine(err, false, Duration.ofSeconds(1), () -> now);
    TrainingProgress progress =
        new TrainingProgress(line, 900, 1000, 10, OptionalDouble.empty(), OptionalDouble.empty());
    pass(Duration.ofSeconds(1));
    progress.step(901, 2.5);
    progress.finish();
    assertThat(progress.tokensPerSecond()).isEqualTo(10);
    assertThat(text().lines().findFirst().orElseThrow())
        .isEqualTo("step  901/1000  loss 2.5000 (mean 2.5000)  10 tokens/s  1 min 39 s left");
  }

  @Test
  void on_a_terminal_the_line_is_redrawn_and_notes_stay_above_it() {
    LiveLine line = new LiveLine(err, true, Duration.ofMillis(100), () -> now);
    line.show(() -> "one");
    line.show(() -> "too early");
    line.say("checkpoint written");
    pass(Duration.ofMillis(100));
    line.show(() -> "two");
    line.finish(() -> "done");
    line.show(() -> "too late");
    assertThat(text())
        .isEqualTo(
            "\r\033[K\033[?7lone\033[?7h"
                + "\r\033[Kcheckpoint written\n\r\033[K\033[?7lone\033[?7h"
                + "\r\033[K\033[?7ltwo\033[?7h"
                + "\r\033[K\033[?7ldone\033[?7h\n");
  }

  @Test
  void short_work_leaves_no_trace_in_a_log() {
    LiveLine line = new LiveLine(err, false, Duration.ofSeconds(5), () -> now);
    try (WorkProgress progress = new WorkProgress(line, "reading", OptionalLong.empty())) {
      progress.advance(100);
      pass(Duration.ofSeconds(1));
      progress.advance(100);
    }
    assertThat(text()).isEmpty();
  }

  @Test
  void work_of_known_size_tells_what_is_left() {
    LiveLine line = new LiveLine(err, false, Duration.ofSeconds(1), () -> now);
    try (WorkProgress progress = new WorkProgress(line, "reading", OptionalLong.of(4 << 20))) {
      pass(Duration.ofSeconds(1));
      progress.advance(1 << 20);
    }
    assertThat(text()).isEqualTo("reading  1.00 MB of 4.00 MB  25%  1.00 MB/s  3 s left\n");
  }

  @Test
  void figures_have_three_digits_and_a_unit() {
    assertThat(Figures.count(0)).isEqualTo("0");
    assertThat(Figures.count(950)).isEqualTo("950");
    assertThat(Figures.count(12_345)).isEqualTo("12.3k");
    assertThat(Figures.count(999_950)).isEqualTo("1.00M");
    assertThat(Figures.bytes(1024)).isEqualTo("1.00 KB");
    assertThat(Figures.bytes(-1)).isEqualTo("-1 B");
    assertThat(Figures.count(Double.NaN)).isEqualTo("–");
    assertThat(Figures.percent(0.4123)).isEqualTo("41.2%");
    assertThat(Figures.time(Duration.ofSeconds(59))).isEqualTo("59 s");
    assertThat(Figures.time(Duration.ofSeconds(125))).isEqualTo("2 min 05 s");
    assertThat(Figures.time(Duration.ofMinutes(200))).isEqualTo("3 h 20 min");
    assertThat(Figures.time(Duration.ofHours(50))).isEqualTo("2 d 02 h");
  }

  private void pass(Duration time) {
    now += time.toNanos();
  }

  private String text() {
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
