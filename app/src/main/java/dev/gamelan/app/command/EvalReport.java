package dev.gamelan.app.command;

import dev.gamelan.app.console.Figures;
import dev.gamelan.app.report.BarChart;
import dev.gamelan.app.report.Block;
import dev.gamelan.app.report.Block.Column;
import dev.gamelan.app.report.Block.KeyValue;
import dev.gamelan.app.report.Block.KeyValues;
import dev.gamelan.app.report.Block.Sample;
import dev.gamelan.app.report.Block.Samples;
import dev.gamelan.app.report.Block.Section;
import dev.gamelan.app.report.Block.Table;
import dev.gamelan.app.report.Report;
import dev.gamelan.eval.lm.Answer;
import dev.gamelan.eval.lm.Request;
import dev.gamelan.eval.result.RunInfo;
import dev.gamelan.eval.run.EvaluationResult;
import dev.gamelan.eval.run.EvaluationResult.Figure;
import dev.gamelan.eval.run.EvaluationResult.TaskResult;
import dev.gamelan.eval.task.Measure;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The report of an evaluation: bars with their intervals, all figures, examples of failures. */
final class EvalReport {
  /** Of a normal distribution, 95% lie within so many standard errors. */
  private static final double CONFIDENCE = 1.96;

  private static final int FAILURES = 3;
  private static final int SHOWN = 700;

  private EvalReport() {}

  static Report of(EvaluationResult result, RunInfo info) {
    List<Section> sections = new ArrayList<>();
    List<BarChart.Bar> bars = bars(result);
    if (!bars.isEmpty()) {
      sections.add(
          new Section(
              "Shares that are right",
              Optional.of("Whiskers are 95% confidence intervals: 1.96 standard errors each way."),
              List.of(new BarChart("Accuracy", "share of the documents", bars))));
    }
    sections.add(new Section("All figures", table(result)));
    sections.add(new Section("How it was run", settings(result, info)));
    for (TaskResult task : result.tasks()) {
      List<Sample> failures = failures(task);
      if (!failures.isEmpty()) {
        sections.add(
            new Section("Failures of " + task.task().config().task(), new Samples(failures)));
      }
    }
    int documents = result.tasks().stream().mapToInt(TaskResult::effective).sum();
    return new Report(
        "Evaluation of " + info.model(),
        "%,d documents of %d tasks, scored as %s, in %s."
            .formatted(
                documents, result.tasks().size(), result.regime().key(), Figures.time(info.took())),
        sections,
        "gamelan " + info.version() + ", " + info.began());
  }

  private static List<BarChart.Bar> bars(EvaluationResult result) {
    List<BarChart.Bar> bars = new ArrayList<>();
    result
        .groups()
        .forEach((name, group) -> group.figures().forEach((k, f) -> add(bars, name, k, f)));
    for (TaskResult task : result.tasks()) {
      task.figures().forEach((k, f) -> add(bars, task.task().config().task(), k, f));
    }
    return bars;
  }

  private static void add(List<BarChart.Bar> bars, String task, String key, Figure figure) {
    boolean share =
        figure.value() >= 0
            && figure.value() <= 1
            && (key.startsWith("acc") || key.contains("match") || key.contains("pct"));
    if (share) {
      bars.add(
          new BarChart.Bar(
              task + " " + key.replace(",none", ""),
              figure.value(),
              CONFIDENCE * figure.standardError().orElse(0)));
    }
  }

  private static Block table(EvaluationResult result) {
    List<List<String>> rows = new ArrayList<>();
    result
        .groups()
        .forEach(
            (name, group) ->
                group
                    .figures()
                    .forEach((k, f) -> rows.add(row(name, k, "", group.documents(), f))));
    for (TaskResult task : result.tasks()) {
      task.figures()
          .forEach(
              (k, f) ->
                  rows.add(
                      row(
                          task.task().config().task(),
                          k,
                          String.valueOf(task.task().shots()),
                          task.effective(),
                          f)));
    }
    return new Table(
        List.of(
            new Column("Task", false),
            new Column("Metric", false),
            new Column("Filter", false),
            new Column("Shots", true),
            new Column("Documents", true),
            new Column("Value", true),
            new Column("Standard error", true)),
        rows);
  }

  private static List<String> row(
      String task, String key, String shots, int documents, Figure figure) {
    int comma = key.lastIndexOf(',');
    return List.of(
        task,
        key.substring(0, comma),
        key.substring(comma + 1),
        shots,
        String.valueOf(documents),
        String.format(Locale.ROOT, "%.4f", figure.value()),
        figure.standardError().isPresent()
            ? String.format(Locale.ROOT, "%.4f", figure.standardError().getAsDouble())
            : "–");
  }

  private static Block settings(EvaluationResult result, RunInfo info) {
    List<KeyValue> entries = new ArrayList<>();
    entries.add(new KeyValue("Model", info.model()));
    entries.add(
        new KeyValue(
            "Prompting",
            info.arguments().getOrDefault("prompting", "plain text")
                + (info.chatTemplate() && info.multiturn() ? ", examples as turns" : "")
                + ", regime "
                + result.regime().key()));
    if (!info.systemInstruction().isEmpty()) {
      entries.add(new KeyValue("System instruction", info.systemInstruction()));
    }
    for (Map.Entry<String, String> e : new java.util.TreeMap<>(info.arguments()).entrySet()) {
      entries.add(new KeyValue(e.getKey(), e.getValue()));
    }
    return new KeyValues(entries);
  }

  private static List<Sample> failures(TaskResult task) {
    List<Sample> failures = new ArrayList<>();
    for (EvaluationResult.Sample sample : task.samples()) {
      boolean failed =
          sample.filtered().measures().values().stream()
              .anyMatch(m -> m instanceof Measure.Number n && n.value() == 0);
      if (failed && failures.size() < FAILURES) {
        failures.add(
            new Sample(
                "document " + sample.id(),
                end(sample.requests().getFirst().prompt()),
                answered(task, sample)));
      }
    }
    return failures;
  }

  private static String answered(TaskResult task, EvaluationResult.Sample sample) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < sample.answers().size(); i++) {
      switch (sample.answers().get(i)) {
        case Answer.Score s -> {
          String continuation =
              sample.requests().get(i) instanceof Request.Loglikelihood l ? l.continuation() : "";
          out.append(
              String.format(Locale.ROOT, "%n%9.3f  %s", s.loglikelihood(), continuation.strip()));
        }
        case Answer.Rolled r ->
            out.append(String.format(Locale.ROOT, "%n%9.3f", r.loglikelihood()));
        case Answer.Text t -> out.append(i == 0 ? "" : "\n—\n").append(t.text());
      }
    }
    return out + "\n\nright: " + task.task().target(sample.document());
  }

  private static String end(String prompt) {
    return prompt.length() <= SHOWN ? prompt : "…" + prompt.substring(prompt.length() - SHOWN);
  }
}
