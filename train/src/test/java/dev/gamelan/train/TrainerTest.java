package dev.gamelan.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.gamelan.data.shard.TokenDataset;
import dev.gamelan.model.Decoder;
import dev.gamelan.model.checkpoint.Checkpoint;
import dev.gamelan.model.family.Family;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.train.metrics.MetricsLog;
import dev.gamelan.train.metrics.StepMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TrainerTest {
  private static final long STEPS = 12;

  private Path root;
  private TrainingConfig config;
  private Path whole;

  @BeforeAll
  void train_without_interruption(@TempDir Path shared) throws Exception {
    root = shared;
    TinyRun.prepare(root);
    config = TinyRun.config(STEPS);
    whole = root.resolve("whole");
    assertThat(TinyRun.run(root, whole, config)).isEqualTo(STEPS);
  }

  private static BooleanSupplier after(int steps) {
    int[] asked = {0};
    return () -> ++asked[0] == steps;
  }

  private void assertEqualToWhole(Path run) throws IOException {
    List<byte[]> left = TinyRun.left(run, STEPS);
    List<byte[]> expected = TinyRun.left(whole, STEPS);
    for (int i = 0; i < expected.size(); i++) {
      assertThat(left.get(i)).as("file %d", i).isEqualTo(expected.get(i));
    }
  }

  @Test
  void the_loss_falls() {
    List<StepMetrics> metrics = MetricsLog.read(whole.resolve("metrics.jsonl"));

    assertThat(metrics.getFirst().step()).isZero();
    assertThat(metrics.get(1).number("loss").orElseThrow())
        .isCloseTo(Math.log(TinyRun.VOCABULARY), within(0.3));
    assertThat(metrics.getLast().number("validation_loss").orElseThrow())
        .isLessThan(metrics.getFirst().number("validation_loss").orElseThrow() - 1);
  }

  @Test
  void metrics_have_a_line_a_step_and_samples_where_they_are_due() throws Exception {
    assertThat(MetricsLog.read(whole.resolve("metrics.jsonl")).stream().map(StepMetrics::step))
        .containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L, 12L);
    assertThat(MetricsLog.read(whole.resolve("samples.jsonl")).stream().map(StepMetrics::step))
        .containsExactly(0L, 5L, 10L, 12L);
    assertThat(MetricsLog.read(whole.resolve("timing.jsonl"))).hasSize((int) STEPS);
    assertThat(whole.resolve("tensorboard")).isNotEmptyDirectory();
  }

  @Test
  void checkpoints_are_log_spaced_and_periodic_and_open_as_models() throws Exception {
    CheckpointStore store = new CheckpointStore(whole.resolve("checkpoints"), Optional.empty());

    assertThat(store.steps()).containsExactly(0L, 1L, 2L, 3L, 4L, 6L, 8L, 9L, 12L);
    assertThat(Checkpoint.open(store.of(12)).family()).isEqualTo(TinyRun.family());
    assertThat(store.of(12).resolve("tokenizer.json"))
        .hasSameBinaryContentAs(TinyRun.tokenizer(root));
    assertThat(store.of(9).resolve("optimizer.safetensors")).exists();
    assertThat(store.of(8).resolve("optimizer.safetensors")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 7, 11})
  void a_run_that_stops_and_goes_on_leaves_the_bits_of_one_that_never_stopped(
      int steps, @TempDir Path folder) throws Exception {
    Path run = folder.resolve("run");

    assertThat(TinyRun.run(root, run, config, new TrainingListener() {}, after(steps)))
        .isEqualTo(steps);
    assertThat(TinyRun.run(root, run, config)).isEqualTo(STEPS);

    assertEqualToWhole(run);
  }

  @Test
  void a_run_that_stops_after_every_step_leaves_the_same_bits(@TempDir Path folder)
      throws Exception {
    Path run = folder.resolve("run");
    long done = 0;
    while (done < STEPS) {
      done = TinyRun.run(root, run, config, new TrainingListener() {}, () -> true);
    }

    assertEqualToWhole(run);
  }

  @Test
  void a_run_that_has_ended_changes_nothing_when_it_is_started_again(@TempDir Path folder)
      throws Exception {
    Path run = folder.resolve("run");
    TinyRun.run(root, run, config);
    List<Long> stepped = new ArrayList<>();

    TinyRun.run(
        root,
        run,
        config,
        new TrainingListener() {
          @Override
          public void stepped(long step, double loss, double rate, double norm, long nanos) {
            stepped.add(step);
          }
        },
        () -> false);

    assertThat(stepped).isEmpty();
    assertEqualToWhole(run);
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector"})
  void one_thread_and_two_give_the_same_bits(String backend, @TempDir Path folder)
      throws Exception {
    for (int threads = 1; threads <= 2; threads++) {
      try (Kernels kernels = TinyRun.kernels(backend, threads);
          TokenDataset data = TokenDataset.open(root.resolve("data"))) {
        TinyRun.trainer(
                root,
                folder.resolve("threads" + threads),
                config,
                TinyRun.family(),
                data,
                kernels,
                new TrainingListener() {})
            .run(() -> false);
      }
    }

    List<byte[]> one = TinyRun.left(folder.resolve("threads1"), STEPS);
    List<byte[]> two = TinyRun.left(folder.resolve("threads2"), STEPS);
    for (int i = 0; i < one.size(); i++) {
      assertThat(two.get(i)).as("file %d", i).isEqualTo(one.get(i));
    }
  }

  @Test
  void accumulated_gradients_train_as_the_bigger_batch_does(@TempDir Path folder) {
    TinyRun.run(root, folder.resolve("batch"), TinyRun.config(4, 8, 1, 1e-2, 0));
    TinyRun.run(root, folder.resolve("accumulated"), TinyRun.config(4, 2, 4, 1e-2, 0));

    List<StepMetrics> batch = MetricsLog.read(folder.resolve("batch/metrics.jsonl"));
    List<StepMetrics> accumulated = MetricsLog.read(folder.resolve("accumulated/metrics.jsonl"));
    for (int i = 1; i < batch.size(); i++) {
      for (String name : List.of("loss", "gradient_norm")) {
        double value = batch.get(i).number(name).orElseThrow();
        assertThat(accumulated.get(i).number(name).orElseThrow())
            .as("%s of step %d", name, i)
            .isCloseTo(value, within(1e-3 * value));
      }
      assertThat(accumulated.get(i).number("tokens")).isEqualTo(batch.get(i).number("tokens"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model.safetensors torn",
        "model.safetensors flipped",
        "optimizer.safetensors flipped",
        "config.json torn",
        "tokenizer.json gone",
        "model.safetensors gone",
        "state.json torn",
        "state.json empty",
        "state.json without sums",
        "state.json gone"
      })
  void a_damaged_checkpoint_is_passed_over_and_the_run_ends_in_the_same_bits(
      String damage, @TempDir Path folder) throws Exception {
    Path run = folder.resolve("run");
    TinyRun.run(root, run, config, new TrainingListener() {}, after(7));
    damage(TinyRun.checkpoint(run, 7), damage);
    List<String> notes = new ArrayList<>();
    List<Long> started = new ArrayList<>();

    TinyRun.run(
        root,
        run,
        config,
        new TrainingListener() {
          @Override
          public void note(String text) {
            notes.add(text);
          }

          @Override
          public void started(long step) {
            started.add(step);
          }
        },
        () -> false);

    assertThat(started).containsExactly(6L);
    assertThat(notes).singleElement().asString().contains("step-0000007", "damaged");
    assertEqualToWhole(run);
  }

  private static void damage(Path checkpoint, String damage) throws IOException {
    Path file = checkpoint.resolve(damage.substring(0, damage.indexOf(' ')));
    byte[] bytes = Files.readAllBytes(file);
    switch (damage.substring(damage.indexOf(' ') + 1)) {
      case "torn" -> Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
      case "empty" -> Files.write(file, new byte[0]);
      case "without sums" -> Files.writeString(file, "{}");
      case "gone" -> Files.delete(file);
      case "flipped" -> {
        bytes[bytes.length - 9] ^= 1;
        Files.write(file, bytes);
      }
      default -> throw new IllegalArgumentException(damage);
    }
  }

  @Test
  void what_a_killed_save_left_behind_does_no_harm(@TempDir Path folder) throws Exception {
    Path run = folder.resolve("run");
    TinyRun.run(root, run, config, new TrainingListener() {}, after(7));
    Path torn = run.resolve("checkpoints/.step-0000009.tmp");
    Files.createDirectories(torn);
    Files.writeString(torn.resolve("model.safetensors.tmp"), "half");

    TinyRun.run(root, run, config);

    assertThat(torn).doesNotExist();
    assertEqualToWhole(run);
  }

  @Test
  void lines_after_the_checkpoint_and_a_torn_line_are_cut_off(@TempDir Path folder)
      throws Exception {
    Path run = folder.resolve("run");
    TinyRun.run(root, run, config, new TrainingListener() {}, after(7));
    Path metrics = run.resolve("metrics.jsonl");
    Files.writeString(
        metrics, Files.readString(metrics) + "{\"step\":8,\"loss\":1.0}\n{\"step\":9,\"lo");

    TinyRun.run(root, run, config);

    assertEqualToWhole(run);
  }

  @Test
  void another_configuration_in_the_same_folder_is_refused(@TempDir Path folder) {
    Path run = folder.resolve("run");
    TinyRun.run(root, run, config, new TrainingListener() {}, after(3));

    assertThatThrownBy(() -> TinyRun.run(root, run, TinyRun.config(STEPS, 4, 2, 2e-2, 3)))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("another run")
        .hasMessageContaining("config was")
        .hasMessageContaining("learning_rate=0.02");
  }

  @Test
  void another_model_in_the_same_folder_is_refused(@TempDir Path folder) {
    Path run = folder.resolve("run");
    TinyRun.run(root, run, config, new TrainingListener() {}, after(3));

    assertThatThrownBy(() -> start(root, run, TinyRun.family(TinyRun.VOCABULARY, 32, 3)))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("model was")
        .hasMessageContaining("num_hidden_layers");
  }

  @Test
  void other_data_in_the_same_folder_is_refused(@TempDir Path folder) throws Exception {
    Path run = folder.resolve("run");
    TinyRun.run(root, run, config, new TrainingListener() {}, after(3));
    Path other = folder.resolve("other");
    TinyRun.prepare(other, 8);

    assertThatThrownBy(() -> TinyRun.run(other, run, config))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("data was");
  }

  @Test
  void other_kernels_go_on_with_a_note(@TempDir Path folder) {
    Path run = folder.resolve("run");
    TinyRun.run(root, run, config, new TrainingListener() {}, after(3));
    List<String> notes = new ArrayList<>();
    try (Kernels kernels = TinyRun.kernels("vector", 1);
        TokenDataset data = TokenDataset.open(root.resolve("data"))) {
      TinyRun.trainer(
              root,
              run,
              config,
              TinyRun.family(),
              data,
              kernels,
              new TrainingListener() {
                @Override
                public void note(String text) {
                  notes.add(text);
                }
              })
          .run(() -> false);
    }

    assertThat(notes).singleElement().asString().contains("scalar", "vector", "the bits differ");
  }

  private void start(Path data, Path run, Family family) {
    try (Kernels kernels = TinyRun.kernels("scalar", 1);
        TokenDataset tokens = TokenDataset.open(data.resolve("data"))) {
      TinyRun.trainer(root, run, config, family, tokens, kernels, new TrainingListener() {})
          .run(() -> false);
    }
  }

  @Test
  void a_vocabulary_smaller_than_the_data_s_is_refused(@TempDir Path folder) {
    assertThatThrownBy(() -> start(root, folder.resolve("run"), TinyRun.family(200, 32, 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("vocabulary of 288")
        .hasMessageContaining("200");
    assertThat(folder.resolve("run")).doesNotExist();
  }

  @Test
  void sequences_longer_than_the_context_are_refused_before_anything_is_written(
      @TempDir Path folder) {
    TrainingConfig long_ = TrainingConfig.pythia(65, 1, 2, 1e-3, 1);

    assertThatThrownBy(() -> TinyRun.run(root, folder.resolve("run"), long_))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("65")
        .hasMessageContaining("context of 64");
    assertThat(folder.resolve("run")).doesNotExist();
  }

  @Test
  void a_tokenizer_that_the_data_was_not_made_with_is_refused(@TempDir Path folder)
      throws Exception {
    Path other = folder.resolve("other");
    TinyRun.prepare(other, 9);

    try (Kernels kernels = TinyRun.kernels("scalar", 1);
        TokenDataset data = TokenDataset.open(root.resolve("data"))) {
      assertThatThrownBy(
              () ->
                  TinyRun.trainer(
                      other,
                      folder.resolve("run"),
                      config,
                      TinyRun.family(),
                      data,
                      kernels,
                      new TrainingListener() {}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(TinyRun.tokenizer(other).toString())
          .hasMessageContaining("not made with");
    }
    assertThat(folder.resolve("run")).doesNotExist();
  }

  @Test
  void too_little_to_validate_on_is_refused_before_anything_is_written(@TempDir Path folder) {
    TrainingConfig little = TrainingSetupTest.with(config, "validation_fraction", 1.2 / tokens());

    assertThatThrownBy(() -> TinyRun.run(root, folder.resolve("run"), little))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("validation_fraction")
        .hasMessageContaining("make it larger");
    assertThat(folder.resolve("run")).doesNotExist();
  }

  private long tokens() {
    try (TokenDataset data = TokenDataset.open(root.resolve("data"))) {
      return data.tokens();
    }
  }

  @Test
  void a_run_says_how_much_memory_and_work_it_takes() {
    Family family = TinyRun.family();
    long parameters = new Decoder(family.spec()).parameterCount();

    assertThat(Trainer.bytes(config, family)).isGreaterThan(16 * parameters);
    // Six operations a parameter that multiplies, and some for attention.
    double products = 6.0 * (parameters - TinyRun.VOCABULARY * 32);
    assertThat(Trainer.flopsPerToken(config, family)).isBetween(products, 1.2 * products);
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e19, 1e25, 1e38})
  void a_run_that_diverges_stops_and_keeps_a_good_checkpoint(double rate, @TempDir Path folder)
      throws Exception {
    Path run = folder.resolve("run");
    TrainingConfig wild = TinyRun.config(STEPS, 4, 1, rate, 1);

    assertThatThrownBy(() -> TinyRun.run(root, run, wild))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("step")
        .hasMessageContaining("learning_rate");

    CheckpointStore store = new CheckpointStore(run.resolve("checkpoints"), Optional.empty());
    Checkpoint last = Checkpoint.open(store.of(store.steps().getLast()));
    for (var tensor : last.tensors().values()) {
      for (float x : tensor.toFloats()) {
        assertThat(Float.isFinite(x)).isTrue();
      }
    }
  }

  @Test
  void a_run_folder_that_is_a_file_is_a_clear_error(@TempDir Path folder) throws Exception {
    Path run = folder.resolve("run");
    Files.writeString(run, "not a folder");

    assertThatThrownBy(() -> TinyRun.run(root, run, config))
        .hasMessageContaining(run.toString())
        .isInstanceOf(RuntimeException.class);
    assertThat(run).hasContent("not a folder");
  }

  @Test
  void a_checkpoint_that_cannot_be_written_keeps_the_last_good_one(@TempDir Path folder)
      throws Exception {
    Path run = folder.resolve("run");
    TinyRun.run(root, run, config, new TrainingListener() {}, after(4));
    byte[] before = Files.readAllBytes(TinyRun.checkpoint(run, 4).resolve("model.safetensors"));
    TrainingListener obstructs =
        new TrainingListener() {
          @Override
          public void stepped(long step, double loss, double rate, double norm, long nanos) {
            if (step == 6) {
              moveAway(run);
            }
          }
        };

    assertThatThrownBy(() -> TinyRun.run(root, run, config, obstructs, () -> false))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("checkpoint of step 6")
        .hasMessageContaining("start again with the same command");

    Files.delete(run.resolve("checkpoints"));
    Files.move(run.resolve("kept"), run.resolve("checkpoints"));
    assertThat(TinyRun.checkpoint(run, 4).resolve("model.safetensors")).hasBinaryContent(before);
    TinyRun.run(root, run, config);
    assertEqualToWhole(run);
  }

  /** Puts a file where the checkpoints were, as no permission stops root. */
  private static void moveAway(Path run) {
    try {
      Files.move(run.resolve("checkpoints"), run.resolve("kept"));
      Files.writeString(run.resolve("checkpoints"), "in the way");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
