package dev.gamelan.eval.result;

import dev.gamelan.eval.run.Regime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * Zero-shot accuracies of 7B models on eight tasks, Table 6 of "OLMo: Accelerating the Science of
 * Language Models" (Groeneveld et al., 2024), in percent, and runs of ours below them.
 */
public final class TableSix {
  private static final List<String> TASKS =
      List.of(
          "arc_challenge",
          "arc_easy",
          "boolq",
          "hellaswag",
          "openbookqa",
          "piqa",
          "sciq",
          "winogrande");

  private record Published(String model, double... figures) {}

  private static final List<Published> PUBLISHED =
      List.of(
          new Published("Falcon", 47.5, 70.4, 74.6, 75.9, 53.0, 78.5, 93.9, 68.9, 70.3),
          new Published("LLaMA", 44.5, 67.9, 75.4, 76.2, 51.2, 77.2, 93.9, 70.5, 69.6),
          new Published("Llama 2", 48.5, 69.5, 80.2, 76.8, 48.4, 76.7, 94.5, 69.4, 70.5),
          new Published("MPT", 46.5, 70.5, 74.2, 77.6, 48.6, 77.3, 93.7, 69.9, 69.8),
          new Published("Pythia", 44.1, 61.9, 61.1, 63.8, 45.0, 75.1, 91.1, 62.0, 63.0),
          new Published("RPJ-INCITE", 42.8, 68.4, 68.6, 70.3, 49.4, 76.0, 92.9, 64.7, 66.6),
          new Published("OLMo-7B", 48.5, 65.4, 73.4, 76.4, 50.4, 78.4, 93.8, 67.9, 69.3));

  private TableSix() {}

  /**
   * The table, with line ends.
   *
   * @throws IllegalArgumentException a run was scored otherwise than the paper's
   */
  public static String of(List<SavedRun> runs) {
    StringBuilder out = new StringBuilder();
    List<String> headings = new ArrayList<>(TASKS);
    headings.add("average");
    out.append(String.format("%-28s", "7B models, published"));
    headings.forEach(h -> out.append(String.format(" %13s", h)));
    out.append('\n');
    for (Published p : PUBLISHED) {
      out.append(String.format("%-28s", p.model()));
      for (double figure : p.figures()) {
        out.append(String.format(Locale.ROOT, " %13.1f", figure));
      }
      out.append('\n');
    }
    if (!runs.isEmpty()) {
      out.append("ours, regime olmo-v1\n");
    }
    runs.forEach(run -> row(run, out));
    return out.toString();
  }

  private static void row(SavedRun run, StringBuilder out) {
    if (!run.regime().equals(Regime.OLMO_V1.key())) {
      throw new IllegalArgumentException(
          "table6: %s was scored as %s; the table is of olmo-v1, and figures of different regimes don't belong in one table. Run it with --regime olmo-v1"
              .formatted(run.file(), run.regime()));
    }
    out.append(String.format("%-28s", run.model()));
    double sum = 0;
    int counted = 0;
    for (String task : TASKS) {
      OptionalDouble figure = figure(run, task);
      sum += figure.orElse(0);
      counted += figure.isPresent() ? 1 : 0;
      out.append(
          figure.isPresent()
              ? String.format(Locale.ROOT, " %13.1f", 100 * figure.getAsDouble())
              : String.format(" %13s", "-"));
    }
    // A mean over fewer tasks isn't the table's mean.
    out.append(
        counted == TASKS.size()
            ? String.format(Locale.ROOT, " %13.1f%n", 100 * sum / counted)
            : String.format(" %13s%n", "-"));
  }

  private static OptionalDouble figure(SavedRun run, String task) {
    String metric = Regime.OLMO_V1.metric(task).orElseThrow() + ",none";
    Double value = run.figures(task).get(metric);
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }
}
