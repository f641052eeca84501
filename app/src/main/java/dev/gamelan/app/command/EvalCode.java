package dev.gamelan.app.command;

import dev.gamelan.app.console.Shell;
import dev.gamelan.eval.code.Limits;
import dev.gamelan.eval.code.Sandbox;
import dev.gamelan.eval.task.TaskConfig;
import dev.gamelan.eval.task.TaskTree;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options for tasks that run what the model writes. */
final class EvalCode {
  @Option(
      names = {"--allow-code-execution", "--confirm_run_unsafe_code"},
      description =
          "Run the programs that the model writes, apart from everything, where a task needs it.")
  private boolean allowed;

  @Option(
      names = "--code-seconds",
      defaultValue = "3",
      paramLabel = "S",
      description = "Processor seconds of such a program; five times as long in all (default: 3).")
  private int seconds;

  /**
   * Where programs are run, if a task needs it.
   *
   * @throws IllegalArgumentException it isn't allowed
   */
  Optional<Sandbox> open(Shell shell, TaskTree tree) throws IOException {
    List<String> unsafe =
        tree.tasks().stream().filter(TaskConfig::unsafeCode).map(TaskConfig::task).toList();
    if (unsafe.isEmpty()) {
      return Optional.empty();
    }
    if (!allowed) {
      throw new IllegalArgumentException(
          "%s: to score it, programs that the model writes must be run; allow that by --allow-code-execution (they run without network, files and environment, see docs/evaluation.md)"
              .formatted(String.join(", ", unsafe)));
    }
    if (seconds < 1 || seconds > 3600) {
      throw new IllegalArgumentException("--code-seconds %d: 1 to 3600".formatted(seconds));
    }
    Sandbox sandbox =
        Sandbox.open(
            Limits.ofTime(Duration.ofSeconds(seconds)),
            Runtime.getRuntime().availableProcessors(),
            shell.environment());
    shell
        .err()
        .printf(
            "gamelan: eval: programs of %s run apart from everything, by %s, %d at a time%n",
            String.join(", ", unsafe), sandbox.tool(), sandbox.parallel());
    return Optional.of(sandbox);
  }
}
