package dev.gamelan.eval.result;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import tools.jackson.databind.JsonNode;

/**
 * Two runs question by question. Whether one is better than the other is tested on pairs, which
 * sees much smaller differences than two means with their errors do: of right and wrong answers by
 * the exact test of McNemar (1947), of other numbers by the sign-flip test's normal approximation,
 * the paired t statistic.
 */
public final class Comparison {
  /**
   * One task and metric.
   *
   * @param pairs questions that both answered
   * @param gained questions that only the second has better
   * @param lost questions that only the first has better
   * @param pValue two-sided; empty where the samples aren't there or all are equal
   */
  public record Row(
      String task,
      String metric,
      double first,
      double second,
      int pairs,
      List<Flip> gained,
      List<Flip> lost,
      OptionalDouble pValue) {}

  /** A question on which the runs differ. */
  public record Flip(String id, String prompt, String target, double first, double second) {}

  private Comparison() {}

  /** {@link #of(SavedRun, SavedRun, boolean)} of runs that were scored and prompted alike. */
  public static List<Row> of(SavedRun first, SavedRun second) {
    return of(first, second, false);
  }

  /**
   * Compares what both runs have.
   *
   * @param mixed whether they may have been scored or prompted in different ways; whoever shows the
   *     rows has to say so, with {@link #differences}
   * @throws IllegalArgumentException they were and may not, they asked about different documents,
   *     or have no task in common
   */
  public static List<Row> of(SavedRun first, SavedRun second, boolean mixed) {
    List<String> differences = differences(first, second);
    if (!mixed && !differences.isEmpty()) {
      throw new IllegalArgumentException(
          "compare: %s and %s differ in more than the model: %s; such figures don't belong side by side. Say --mixed to have them so all the same, marked"
              .formatted(first.file(), second.file(), String.join("; ", differences)));
    }
    List<Row> rows = new ArrayList<>();
    for (String task : first.tasks()) {
      Map<String, Double> ofSecond = second.figures(task);
      first
          .figures(task)
          .forEach(
              (metric, value) -> {
                if (ofSecond.containsKey(metric)) {
                  rows.add(row(task, metric, value, ofSecond.get(metric), first, second, mixed));
                }
              });
    }
    if (rows.isEmpty()) {
      throw new IllegalArgumentException("compare: the runs have no task and metric in common");
    }
    return rows;
  }

  /** In what two runs differ besides the model: regime, prompting, examples of a task. */
  public static List<String> differences(SavedRun first, SavedRun second) {
    List<String> differences = new ArrayList<>();
    differ(differences, "the regime", first.regime(), second.regime());
    differ(differences, "the prompting", first.prompting(), second.prompting());
    for (String task : first.tasks()) {
      int a = first.shots(task);
      int b = second.shots(task);
      if (a >= 0 && b >= 0) {
        differ(differences, "examples of " + task, String.valueOf(a), String.valueOf(b));
      }
    }
    return differences;
  }

  private static void differ(List<String> differences, String what, String a, String b) {
    if (!a.equals(b)) {
      differences.add("%s: %s and %s".formatted(what, a, b));
    }
  }

  private static Row row(
      String task, String key, double a, double b, SavedRun first, SavedRun second, boolean mixed) {
    Map<String, JsonNode> one = first.samples().getOrDefault(task, Map.of());
    Map<String, JsonNode> other = second.samples().getOrDefault(task, Map.of());
    String metric = key.substring(0, key.lastIndexOf(','));
    String filter = key.substring(key.lastIndexOf(',') + 1);
    List<Flip> gained = new ArrayList<>();
    List<Flip> lost = new ArrayList<>();
    List<Double> differences = new ArrayList<>();
    boolean binary = true;
    for (Map.Entry<String, JsonNode> e : one.entrySet()) {
      JsonNode x = e.getValue();
      JsonNode y = other.get(e.getKey());
      if (y == null
          || !x.path("filter").asString("").equals(filter)
          || !x.path(metric).isNumber()
          || !y.path(metric).isNumber()) {
        continue;
      }
      same(task, x, y, mixed);
      double u = x.get(metric).doubleValue();
      double v = y.get(metric).doubleValue();
      binary &= (u == 0 || u == 1) && (v == 0 || v == 1);
      differences.add(v - u);
      if (u != v) {
        Flip flip =
            new Flip(
                x.path("doc_id").asString(""),
                x.path("arguments").path("gen_args_0").path("arg_0").asString(""),
                x.path("target").asString(""),
                u,
                v);
        boolean better = higherIsBetter(first, task, metric) == (v > u);
        (better ? gained : lost).add(flip);
      }
    }
    OptionalDouble p = binary ? mcNemar(gained.size(), lost.size()) : paired(differences);
    return new Row(task, metric + "," + filter, a, b, differences.size(), gained, lost, p);
  }

  private static boolean higherIsBetter(SavedRun run, String task, String metric) {
    return run.results().path("higher_is_better").path(task).path(metric).asBoolean(true);
  }

  private static void same(String task, JsonNode x, JsonNode y, boolean mixed) {
    // Put in another way, the same document has another prompt.
    String asked = mixed ? "doc_hash" : "prompt_hash";
    if (!x.path(asked).equals(y.path(asked))
        || !x.path("target_hash").equals(y.path("target_hash"))) {
      throw new IllegalArgumentException(
          "compare: task %s, document %s: the runs asked different questions; compare runs with the same shots, seed and prompts"
              .formatted(task, x.path("doc_id").asString("")));
    }
  }

  /** Two-sided and exact: how likely so uneven a split of the flips is if each were a fair coin. */
  static OptionalDouble mcNemar(int gained, int lost) {
    int n = gained + lost;
    if (n == 0) {
      return OptionalDouble.empty();
    }
    int few = Math.min(gained, lost);
    double sum = 0;
    // ln C(n, k) grows step by step; the sum is of probabilities.
    double logChoose = 0;
    for (int k = 0; k <= few; k++) {
      if (k > 0) {
        logChoose += Math.log(n - k + 1) - Math.log(k);
      }
      sum += Math.exp(logChoose - n * Math.log(2));
    }
    return OptionalDouble.of(Math.min(1, 2 * sum));
  }

  static OptionalDouble paired(List<Double> differences) {
    int n = differences.size();
    if (n < 2) {
      return OptionalDouble.empty();
    }
    double mean = differences.stream().mapToDouble(d -> d).sum() / n;
    double variance =
        differences.stream().mapToDouble(d -> (d - mean) * (d - mean)).sum() / (n - 1);
    if (variance == 0) {
      return OptionalDouble.empty();
    }
    double z = Math.abs(mean) / Math.sqrt(variance / n);
    return OptionalDouble.of(2 * upperTail(z));
  }

  /** P(Z > z) of the standard normal, for z ≥ 0: Abramowitz and Stegun 26.2.17, to 7.5e-8. */
  private static double upperTail(double z) {
    double t = 1 / (1 + 0.2316419 * z);
    double polynomial =
        t
            * (0.319381530
                + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
    return Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI) * polynomial;
  }
}
