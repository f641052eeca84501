package dev.gamelan.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gamelan.tensor.random.CounterRandom;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The resume proof: a training process is killed at ten seeded random points and started again each
 * time by the same command. Half of the points are steps (so many lines more in {@code
 * metrics.jsonl}), half are within the saving of a checkpoint (the n-th temporary folder).
 */
class KillAndResumeTest {
  private static final int KILLS = 10;
  private static final long STEPS = 300;
  private static final long PATIENCE_SECONDS = 600;

  @Test
  @Timeout(900)
  void ten_kills_leave_the_bits_of_a_run_that_was_never_interrupted(@TempDir Path root)
      throws Exception {
    TinyRun.prepare(root);
    Path whole = root.resolve("whole");
    Path killed = root.resolve("killed");
    Process uninterrupted = start(root, whole);
    finish(uninterrupted);

    CounterRandom random = new CounterRandom(2026, 11);
    for (int kill = 0; kill < KILLS; kill++) {
      killAtRandom(root, killed, random, kill);
    }
    finish(start(root, killed));

    List<byte[]> expected = TinyRun.left(whole, STEPS);
    List<byte[]> left = TinyRun.left(killed, STEPS);
    for (int i = 0; i < expected.size(); i++) {
      assertThat(left.get(i)).as("file %d", i).isEqualTo(expected.get(i));
    }
    List<Long> starts = starts(killed);
    assertThat(starts).hasSize(KILLS + 1).isSorted();
    assertThat(starts.getLast()).as("where the last start went on").isGreaterThan(KILLS);
  }

  /**
   * A disk that takes no more, by the shell's limit of a file's size: the error that a write meets
   * comes from the system in the same way.
   */
  @Test
  @Timeout(300)
  void a_disk_that_takes_no_more_is_told_and_costs_nothing(@TempDir Path root) throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "/bin/sh is absent");
    TinyRun.prepare(root);
    Path run = root.resolve("run");
    Path whole = root.resolve("whole");
    TinyRunMain.main(new String[] {root.toString(), whole.toString(), "12"});
    int[] asked = {0};
    TinyRun.run(
        root, run, TinyRunMain.config(12), new TrainingListener() {}, () -> ++asked[0] == 7);

    List<String> limited =
        new ArrayList<>(List.of("/bin/sh", "-c", "ulimit -f 128; exec \"$@\"", "sh"));
    limited.addAll(command(root, run, 12));
    Process process =
        new ProcessBuilder(limited)
            .redirectErrorStream(true)
            .redirectOutput(log(run).toFile())
            .start();
    assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();

    assertThat(process.exitValue()).isEqualTo(1);
    assertThat(Files.readString(log(run)))
        .contains("started 7", "checkpoint of step 8", "the last good checkpoint is")
        .contains("step-0000007", "start again with the same command");
    try (Stream<Path> left = Files.list(run.resolve("checkpoints"))) {
      assertThat(left.map(p -> p.getFileName().toString())).noneMatch(n -> n.endsWith(".tmp"));
    }
    TinyRunMain.main(new String[] {root.toString(), run.toString(), "12"});
    assertThat(TinyRun.left(run, 12).getFirst()).isEqualTo(TinyRun.left(whole, 12).getFirst());
    assertThat(run.resolve("metrics.jsonl")).hasSameBinaryContentAs(whole.resolve("metrics.jsonl"));
  }

  private static void killAtRandom(Path root, Path run, CounterRandom random, int kill)
      throws Exception {
    boolean whileSaving = kill % 2 == 1;
    Path watched = Files.createDirectories(whileSaving ? run.resolve("checkpoints") : run);
    try (WatchService watcher = FileSystems.getDefault().newWatchService()) {
      watched.register(
          watcher, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
      Process process = start(root, run);
      try {
        if (whileSaving) {
          awaitSaving(watcher, 1 + random.below(3, kill));
        } else {
          awaitSteps(watcher, run, stepsDone(run) + 1 + random.below(12, kill));
        }
        assertThat(process.isAlive()).as("alive when it is to be killed").isTrue();
      } finally {
        process.destroyForcibly();
      }
      assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as("killed, not ended").isEqualTo(128 + 9);
    }
  }

  private static void awaitSaving(WatchService watcher, long count) throws InterruptedException {
    long seen = 0;
    while (seen < count) {
      for (WatchEvent<?> event : next(watcher)) {
        if (event.kind() == StandardWatchEventKinds.ENTRY_CREATE
            && event.context().toString().endsWith(".tmp")) {
          seen++;
        }
      }
    }
  }

  private static void awaitSteps(WatchService watcher, Path run, long steps)
      throws InterruptedException, IOException {
    while (stepsDone(run) < steps) {
      next(watcher);
    }
  }

  private static List<WatchEvent<?>> next(WatchService watcher) throws InterruptedException {
    WatchKey key = watcher.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertThat(key).as("the run writes something within %d s", PATIENCE_SECONDS).isNotNull();
    List<WatchEvent<?>> events = key.pollEvents();
    key.reset();
    return events;
  }

  private static long stepsDone(Path run) throws IOException {
    Path metrics = run.resolve("metrics.jsonl");
    if (!Files.exists(metrics)) {
      return 0;
    }
    try (Stream<String> lines = Files.lines(metrics)) {
      return lines.count();
    }
  }

  private static Process start(Path root, Path run) throws IOException {
    return new ProcessBuilder(command(root, run, STEPS))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log(run).toFile()))
        .start();
  }

  private static List<String> command(Path root, Path run, long steps) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--add-modules=jdk.incubator.vector",
        "--enable-native-access=ALL-UNNAMED",
        "-XX:TieredStopAtLevel=1",
        "-cp",
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
        TinyRunMain.class.getName(),
        root.toString(),
        run.toString(),
        Long.toString(steps));
  }

  private static void finish(Process process) throws InterruptedException {
    try {
      assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
          .as("the run ends within %d s", PATIENCE_SECONDS)
          .isTrue();
      assertThat(process.exitValue()).isZero();
    } finally {
      process.destroyForcibly();
    }
  }

  private static Path log(Path run) {
    return run.resolveSibling(run.getFileName() + ".log");
  }

  private static List<Long> starts(Path run) throws IOException {
    List<Long> starts = new ArrayList<>();
    for (String line : Files.readAllLines(log(run))) {
      if (line.startsWith("started ")) {
        starts.add(Long.parseLong(line.substring(8)));
      }
    }
    return starts;
  }
}
