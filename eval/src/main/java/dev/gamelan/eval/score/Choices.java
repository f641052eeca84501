package dev.gamelan.eval.score;

import dev.gamelan.eval.lm.Answer;
import dev.gamelan.eval.python.PythonText;
import dev.gamelan.eval.task.Measure;
import dev.gamelan.eval.task.Task;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The answers to a multiple-choice document: each choice's log-likelihood, raw, per character, per
 * byte, per token and less its unconditional one. All come from one pass.
 */
public final class Choices {
  /** No choice: a gold number beyond the choices. */
  private static final int NONE = -100;

  private final List<String> choices;
  private final double[] scores;
  private final boolean[] greedy;
  private final int[] tokens;
  private final double[] unconditional;
  private final List<Integer> gold;

  /**
   * @param answers one {@link Answer.Score} a choice, then, if there are twice as many, one a
   *     choice without its context
   */
  public Choices(Task task, ObjectNode document, List<Answer> answers) {
    this.choices = task.choices(document);
    int n = choices.size();
    if (answers.size() != n && answers.size() != 2 * n) {
      throw new IllegalArgumentException(
          "eval: %d answers to %d choices".formatted(answers.size(), n));
    }
    this.scores = new double[n];
    this.greedy = new boolean[n];
    this.tokens = new int[n];
    this.unconditional = new double[answers.size() - n];
    for (int i = 0; i < answers.size(); i++) {
      Answer.Score s = (Answer.Score) answers.get(i);
      if (i < n) {
        scores[i] = s.loglikelihood();
        greedy[i] = s.greedy();
        tokens[i] = s.tokens();
      } else {
        unconditional[i - n] = s.loglikelihood();
      }
    }
    JsonNode right = task.gold(document);
    this.gold = new ArrayList<>();
    for (JsonNode each : right.isArray() ? right : List.of(right)) {
      gold.add(index(each));
    }
  }

  private int index(JsonNode right) {
    int index =
        right.isIntegralNumber()
            ? right.intValue()
            : right.isBoolean()
                ? (right.booleanValue() ? 1 : 0)
                : choices.indexOf(PythonText.str(right));
    if (index < 0 && right.isIntegralNumber()) {
      // As in Python, where lists are counted from their end too.
      return index;
    }
    return index >= 0 && index < choices.size() ? index : NONE;
  }

  private int best(double[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      best = values[i] > values[best] ? i : best;
    }
    return best;
  }

  private double[] over(java.util.function.IntToDoubleFunction length) {
    double[] values = new double[scores.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = scores[i] / length.applyAsDouble(i);
    }
    return values;
  }

  /** The scores of the choices by kind of normalisation; unconditional only where it was asked. */
  public Map<String, double[]> scores() {
    Map<String, double[]> all = new LinkedHashMap<>();
    all.put("raw", scores.clone());
    all.put("per_char", over(i -> PythonText.length(choices.get(i))));
    all.put("per_byte", over(i -> Scorer.bytes(choices.get(i))));
    boolean counted = true;
    for (int t : tokens) {
      counted &= t > 0;
    }
    if (counted) {
      all.put("per_token", over(i -> tokens[i]));
    }
    if (unconditional.length > 0) {
      double[] values = new double[scores.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = scores[i] - unconditional[i];
      }
      all.put("unconditional", values);
    }
    return all;
  }

  private boolean right(double[] values) {
    return gold.contains(best(values));
  }

  /** All measures there can be of the document. */
  Map<String, Measure> measures() {
    Map<String, double[]> all = scores();
    Map<String, Measure> measures = new LinkedHashMap<>();
    measures.put("acc", number(right(all.get("raw"))));
    measures.put("f1", new Measure.Classes(gold.getFirst(), best(scores)));
    measures.put("mcc", new Measure.Classes(gold.getFirst(), best(scores)));
    measures.put("acc_norm", number(right(all.get("per_char"))));
    measures.put("acc_bytes", number(right(all.get("per_byte"))));
    measures.put("exact_match", new Measure.Whole(exact() ? 1 : 0));
    measures.put("brier_score", new Measure.Distribution(gold.getFirst(), softmax()));
    if (all.containsKey("per_token")) {
      measures.put("acc_per_token", number(right(all.get("per_token"))));
    }
    if (all.containsKey("unconditional")) {
      measures.put("acc_mutual_info", number(right(all.get("unconditional"))));
    }
    return measures;
  }

  private boolean exact() {
    boolean any = false;
    for (int g : gold) {
      any |= g != NONE && greedy[g < 0 ? g + greedy.length : g];
    }
    return any;
  }

  private static Measure number(boolean right) {
    return new Measure.Number(right ? 1 : 0);
  }

  private List<Double> softmax() {
    double max = scores[best(scores)];
    double sum = 0;
    for (double s : scores) {
      sum += Math.exp(s - max);
    }
    List<Double> probabilities = new ArrayList<>();
    for (double s : scores) {
      probabilities.add(Math.exp(s - max) / sum);
    }
    return probabilities;
  }
}
