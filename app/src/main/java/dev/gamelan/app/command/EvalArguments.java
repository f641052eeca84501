package dev.gamelan.app.command;

import dev.gamelan.app.console.Shell;
import dev.gamelan.eval.dataset.Datasets;
import dev.gamelan.eval.task.TaskIndex;
import dev.gamelan.hub.Hub;
import dev.gamelan.hub.HubName;
import dev.gamelan.hub.Selection;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options by which an evaluation is told where tasks and data lie. */
final class EvalArguments {
  @Option(
      names = {"--include-path", "--include_path"},
      paramLabel = "DIR",
      description =
          "A folder of task files as LM Evaluation Harness has them; may be given several times.")
  private List<Path> includePaths = List.of();

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "A folder of data sets (see docs/evaluation.md); may be given several times. Also"
              + " GAMELAN_EVAL_DATA.")
  private List<Path> data = List.of();

  TaskIndex tasks() {
    return TaskIndex.of(includePaths);
  }

  Datasets datasets(Shell shell) {
    List<Path> roots = new ArrayList<>(data);
    String more = shell.environment().getOrDefault("GAMELAN_EVAL_DATA", "");
    for (String each : more.split(File.pathSeparator)) {
      if (!each.isBlank()) {
        roots.add(Path.of(each));
      }
    }
    return new Datasets(roots, Path.of(""), name -> pulled(shell, name));
  }

  /** Where a data set lies in the cache of the Hub, if it was pulled. */
  private static Optional<Path> pulled(Shell shell, String name) {
    try {
      return new Hub(ModelName.settings(shell))
          .find(HubName.parse("hf:" + name, HubName.Kind.DATASET), Selection.USUAL);
    } catch (IllegalArgumentException e) {
      // A name that no repository can have, such as that of a folder.
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
