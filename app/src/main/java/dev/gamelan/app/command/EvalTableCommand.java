package dev.gamelan.app.command;

import dev.gamelan.app.console.Shell;
import dev.gamelan.eval.result.SavedRun;
import dev.gamelan.eval.result.TableSix;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code gamelan eval table6}. */
@Command(
    name = "table6",
    description = "The OLMo paper's Table 6, with runs of ours below the published figures.",
    footer = {
      "",
      "Examples:",
      "  gamelan eval table6",
      "  gamelan eval --model pythia-6.9b --tasks core --regime olmo-v1 --output runs/eval",
      "  gamelan eval table6 runs/eval/pythia-6.9b",
      "",
      "Only runs of the regime olmo-v1 stand in the table; others are refused."
    })
final class EvalTableCommand extends Stage {
  @Parameters(arity = "0..*", paramLabel = "RUN", description = "Results of our runs.")
  private List<Path> runs = List.of();

  EvalTableCommand(Shell shell) {
    super(shell);
  }

  @Override
  int run() throws Exception {
    List<SavedRun> saved = new ArrayList<>();
    for (Path run : runs) {
      saved.add(SavedRun.open(run));
    }
    shell().out().print(TableSix.of(saved));
    return DONE;
  }
}
