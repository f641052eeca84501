package dev.gamelan.eval.result;

import dev.gamelan.eval.run.EvaluationResult;
import dev.gamelan.eval.run.EvaluationResult.Figure;
import dev.gamelan.eval.run.EvaluationResult.TaskResult;
import dev.gamelan.eval.task.TaskTree;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The table that the harness prints: a line a figure, groups above their tasks. */
public final class ResultTable {
  private static final List<String> HEADINGS =
      List.of("Tasks", "Version", "Filter", "n-shot", "Metric", "", "Value", "", "Stderr");

  private ResultTable() {}

  /** As Markdown, with line ends. */
  public static String of(EvaluationResult result) {
    List<List<String>> rows = new ArrayList<>();
    Map<String, TaskResult> tasks = new TreeMap<>();
    result.tasks().forEach(t -> tasks.put(t.task().config().task(), t));
    List<String> shown = new ArrayList<>();
    for (TaskTree.Group group : result.tree().groups()) {
      boolean child =
          result.tree().groups().stream().anyMatch(g -> g.children().contains(group.name()));
      if (!child) {
        group(result, tasks, group, 0, rows, shown);
      }
    }
    tasks.forEach(
        (name, t) -> {
          if (!shown.contains(name)) {
            task(t, 0, rows);
          }
        });
    return markdown(rows);
  }

  private static void group(
      EvaluationResult result,
      Map<String, TaskResult> tasks,
      TaskTree.Group group,
      int depth,
      List<List<String>> rows,
      List<String> shown) {
    if (shown.contains(group.name())) {
      return;
    }
    shown.add(group.name());
    String version = TaskTree.version(group.metadata()).map(v -> v.asString()).orElse("N/A");
    add(
        name(depth, group.alias().orElse(group.name())),
        version,
        " ",
        result.groups().get(group.name()).figures(),
        Map.of(),
        rows);
    for (String child : group.children()) {
      Optional<TaskTree.Group> nested =
          result.tree().groups().stream().filter(g -> g.name().equals(child)).findFirst();
      if (nested.isPresent()) {
        group(result, tasks, nested.get(), depth + 1, rows, shown);
      } else if (tasks.containsKey(child)) {
        shown.add(child);
        task(tasks.get(child), depth + 1, rows);
      }
    }
  }

  private static String name(int depth, String name) {
    return depth == 0 ? name : " ".repeat(depth) + "- " + name;
  }

  private static void task(TaskResult t, int depth, List<List<String>> rows) {
    String version =
        TaskTree.version(t.task().config().metadata()).map(v -> v.asString()).orElse("Yaml");
    add(
        name(depth, t.task().config().taskAlias().orElse(t.task().config().task())),
        version,
        String.valueOf(t.task().shots()),
        t.figures(),
        t.higherIsBetter(),
        rows);
  }

  private static void add(
      String name,
      String version,
      String shots,
      Map<String, Figure> figures,
      Map<String, Boolean> better,
      List<List<String>> rows) {
    String shownName = name;
    String shownVersion = version;
    if (figures.isEmpty()) {
      rows.add(List.of(name, version, "", shots, "", "", "", "", ""));
    }
    for (Map.Entry<String, Figure> e : new TreeMap<>(figures).entrySet()) {
      int comma = e.getKey().lastIndexOf(',');
      String metric = e.getKey().substring(0, comma);
      Boolean higher = better.get(metric);
      rows.add(
          List.of(
              shownName,
              shownVersion,
              e.getKey().substring(comma + 1),
              shots,
              metric,
              higher == null ? "" : higher ? "↑" : "↓",
              String.format(Locale.ROOT, "%.4f", e.getValue().value()),
              "±",
              e.getValue().standardError().isPresent()
                  ? String.format(Locale.ROOT, "%.4f", e.getValue().standardError().getAsDouble())
                  : "N/A"));
      shownName = "";
      shownVersion = "";
    }
  }

  private static String markdown(List<List<String>> rows) {
    int columns = HEADINGS.size();
    int[] widths = new int[columns];
    for (int c = 0; c < columns; c++) {
      widths[c] = HEADINGS.get(c).length();
      for (List<String> row : rows) {
        widths[c] = Math.max(widths[c], row.get(c).length());
      }
    }
    StringBuilder out = new StringBuilder();
    line(HEADINGS, widths, out);
    for (int c = 0; c < columns; c++) {
      boolean right = c == 3 || c == 6 || c == 8;
      out.append('|').append("-".repeat(Math.max(1, widths[c] - (right ? 1 : 0))));
      out.append(right ? ":" : "");
    }
    out.append("|\n");
    rows.forEach(row -> line(row, widths, out));
    return out.toString();
  }

  private static void line(List<String> cells, int[] widths, StringBuilder out) {
    for (int c = 0; c < widths.length; c++) {
      boolean right = c == 3 || c == 6 || c == 8;
      String blanks = " ".repeat(Math.max(widths[c], 1) - cells.get(c).length());
      out.append('|').append(right ? blanks + cells.get(c) : cells.get(c) + blanks);
    }
    out.append("|\n");
  }
}
