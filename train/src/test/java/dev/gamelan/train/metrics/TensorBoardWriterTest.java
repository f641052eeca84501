package dev.gamelan.train.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TensorBoardWriterTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.ofEpochSecond(1_700_000_000L, 250_000_000));

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void name_the_file() {
    file = folder.resolve(TensorBoardWriter.FILE);
  }

  @Test
  void an_independent_reader_finds_the_version_scalars_and_texts() throws Exception {
    try (TensorBoardWriter writer = TensorBoardWriter.open(folder, -1, CLOCK)) {
      writer.scalar("train/loss", 0, 8.25);
      writer.scalar("train/loss", 3_000_000_000L, Double.NaN);
      writer.text("samples/Once upon", 7, "a time… 🙂 \uD800");
    }
    var events = EventFile.parse(Files.readAllBytes(file));
    assertThat(events).hasSize(4);
    assertThat(events.get(0).version()).isEqualTo("brain.Event:2");
    assertThat(events.get(0).wallTime()).isCloseTo(1_700_000_000.25, within(1e-6));
    assertThat(events.get(1).tag()).isEqualTo("train/loss");
    assertThat(events.get(1).step()).isZero();
    assertThat(events.get(1).scalar()).isEqualTo(8.25f);
    assertThat(events.get(2).step()).isEqualTo(3_000_000_000L);
    assertThat(events.get(2).scalar()).isNaN();
    assertThat(events.get(3).text()).isEqualTo("a time… 🙂 ?");
    assertThat(events.get(3).step()).isEqualTo(7);
  }

  @Test
  void a_run_killed_within_a_record_and_resumed_holds_every_step_once() throws Exception {
    write(-1, 12);
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length <= whole.length; length += 5) {
      for (long checkpoint : new long[] {-1, 4, 11}) {
        Files.write(file, Arrays.copyOf(whole, length));
        TensorBoardWriter.open(folder, checkpoint, CLOCK).close();
        var last = EventFile.parse(Files.readAllBytes(file)).getLast();
        long reached = last.version() == null ? last.step() : -1;
        assertThat(reached).isLessThanOrEqualTo(checkpoint);
        write(reached, 12);
        assertThat(Files.readAllBytes(file)).isEqualTo(whole);
      }
    }
  }

  @Test
  void a_damaged_record_is_an_error_that_names_its_place() throws Exception {
    write(-1, 3);
    byte[] whole = Files.readAllBytes(file);
    for (int at : new int[] {0, 9, 14, whole.length - 1}) {
      byte[] damaged = whole.clone();
      damaged[at] ^= 4;
      Files.write(file, damaged);
      assertThatThrownBy(() -> TensorBoardWriter.open(folder, 99, CLOCK))
          .as("byte " + at)
          .isInstanceOf(MetricsException.class)
          .hasMessageContaining("damaged");
      assertThat(Files.readAllBytes(file)).isEqualTo(damaged);
    }
  }

  @Test
  void a_negative_step_is_refused() {
    try (TensorBoardWriter writer = TensorBoardWriter.open(folder, -1, CLOCK)) {
      assertThatThrownBy(() -> writer.scalar("loss", -1, 0)).hasMessageContaining("step is -1");
    }
  }

  private void write(long lastStep, int end) {
    try (TensorBoardWriter writer = TensorBoardWriter.open(folder, lastStep, CLOCK)) {
      for (long step = lastStep + 1; step < end; step++) {
        writer.scalar("train/loss", step, 8.0 / (step + 1));
      }
    }
  }
}
