package dev.gamelan.app.command;

import dev.gamelan.app.console.Shell;
import dev.gamelan.eval.result.Comparison;
import dev.gamelan.eval.result.SavedRun;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code gamelan eval compare}. */
@Command(
    name = "compare",
    description = "Compare two runs question by question, and say whether they differ.",
    footer = {
      "",
      "Example:",
      "  gamelan eval compare runs/eval/base runs/eval/tuned --flips 5",
      "",
      "A run is a results file, or a folder of which the newest counts; ours or the harness's. The"
          + " test is paired: McNemar's for right and wrong, else by the differences. It needs"
          + " samples (--log-samples) of both."
    })
final class EvalCompareCommand extends Stage {
  @Parameters(index = "0", paramLabel = "A", description = "The first run.")
  private Path first;

  @Parameters(index = "1", paramLabel = "B", description = "The second run.")
  private Path second;

  @Option(
      names = "--flips",
      defaultValue = "3",
      paramLabel = "N",
      description = "Questions shown of those that flipped, each way (default: 3).")
  private int flips;

  @Option(
      names = "--mixed",
      description =
          "Compare runs that were scored or prompted in different ways; the table says so.")
  private boolean mixed;

  EvalCompareCommand(Shell shell) {
    super(shell);
  }

  @Override
  int run() throws Exception {
    SavedRun a = SavedRun.open(first);
    SavedRun b = SavedRun.open(second);
    List<Comparison.Row> rows = Comparison.of(a, b, mixed);
    column("A", a);
    column("B", b);
    List<String> differences = Comparison.differences(a, b);
    if (!differences.isEmpty()) {
      shell()
          .out()
          .println(
              "These columns differ in more than the model, so their difference isn't the models' alone: "
                  + String.join("; ", differences)
                  + ".");
    }
    shell().out().println();
    shell()
        .out()
        .printf(
            "%-32s %-24s %9s %9s %9s %7s %6s %6s %9s%n",
            "task", "metric", "A", "B", "B - A", "pairs", "gained", "lost", "p");
    for (Comparison.Row row : rows) {
      shell()
          .out()
          .printf(
              Locale.ROOT,
              "%-32s %-24s %9.4f %9.4f %+9.4f %7d %6d %6d %9s%n",
              row.task(),
              row.metric(),
              row.first(),
              row.second(),
              row.second() - row.first(),
              row.pairs(),
              row.gained().size(),
              row.lost().size(),
              row.pValue().isPresent()
                  ? String.format(Locale.ROOT, "%.4f", row.pValue().getAsDouble())
                  : "-");
    }
    for (Comparison.Row row : rows) {
      show(row, "gained", row.gained());
      show(row, "lost", row.lost());
    }
    if (rows.stream().allMatch(r -> r.pairs() == 0)) {
      shell()
          .err()
          .println(
              "gamelan: eval compare: there are no samples of both, so nothing was tested; run with"
                  + " --log-samples");
    }
    return DONE;
  }

  private void column(String name, SavedRun run) {
    shell()
        .out()
        .printf(
            "%s: %s, regime %s, prompted as %s, %s%n",
            name, run.model(), run.regime(), run.prompting(), run.file());
  }

  private void show(Comparison.Row row, String which, List<Comparison.Flip> all) {
    if (all.isEmpty() || flips == 0) {
      return;
    }
    shell().out().printf("%n%s, %s: %s by B%n", row.task(), row.metric(), which);
    for (Comparison.Flip flip : all.subList(0, Math.min(flips, all.size()))) {
      String prompt = flip.prompt().strip();
      prompt = prompt.length() > 300 ? "…" + prompt.substring(prompt.length() - 300) : prompt;
      shell()
          .out()
          .printf(
              Locale.ROOT,
              "  #%s  A %s, B %s, target %s%n    %s%n",
              flip.id(),
              flip.first(),
              flip.second(),
              flip.target().lines().findFirst().orElse(""),
              prompt.replace("\n", "\n    "));
    }
  }
}
