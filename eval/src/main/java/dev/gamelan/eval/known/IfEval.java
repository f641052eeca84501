package dev.gamelan.eval.known;

import dev.gamelan.eval.python.PythonText;
import dev.gamelan.eval.task.Hooks;
import dev.gamelan.eval.task.Measure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * IFEval (Zhou et al., 2023): instructions that a program can check. A strict score takes an answer
 * as it is; a loose one also tries it without its first or last line and without asterisks.
 *
 * <p>Three checks differ from the reference, which calls Python libraries: sentences (NLTK's Punkt)
 * end at {@code .!?} here, words in capitals are told by white space and punctuation, and languages
 * (langdetect) by {@link LanguageGuess}.
 */
final class IfEval {
  private IfEval() {}

  static Map<String, Hooks> hooks() {
    Map<String, Hooks> hooks = new LinkedHashMap<>();
    for (String folder : List.of("ifeval", "leaderboard_instruction_following")) {
      hooks.put(folder + "/utils.process_results", (Hooks.Results) IfEval::results);
      hooks.put(folder + "/utils.agg_inst_level_acc", (Hooks.Aggregation) IfEval::share);
    }
    return hooks;
  }

  private static Map<String, Measure> results(ObjectNode document, List<JsonNode> filtered) {
    String answer = PythonText.str(filtered.getFirst());
    Map<String, Measure> measures = new LinkedHashMap<>();
    List<Boolean> strict = followed(document, List.of(answer));
    List<Boolean> loose = followed(document, variants(answer));
    measures.put("prompt_level_strict_acc", all(strict));
    measures.put("inst_level_strict_acc", counts(strict));
    measures.put("prompt_level_loose_acc", all(loose));
    measures.put("inst_level_loose_acc", counts(loose));
    return measures;
  }

  private static Measure all(List<Boolean> followed) {
    return new Measure.Number(followed.contains(false) ? 0 : 1);
  }

  /** Of a document's instructions, how many were followed. */
  private static Measure counts(List<Boolean> followed) {
    return new Measure.Weighted(followed.stream().filter(f -> f).count(), followed.size());
  }

  private static double share(List<Measure> measures) {
    double followed = 0;
    double all = 0;
    for (Measure m : measures) {
      Measure.Weighted w = (Measure.Weighted) m;
      followed += w.value();
      all += w.weight();
    }
    return followed / all;
  }

  private static List<String> variants(String answer) {
    List<String> lines = List.of(answer.split("\n", -1));
    List<String> texts = new ArrayList<>();
    texts.add(answer);
    texts.add(joined(lines, 1, lines.size()));
    texts.add(joined(lines, 0, lines.size() - 1));
    texts.add(joined(lines, 1, lines.size() - 1));
    for (int i = 0, n = texts.size(); i < n; i++) {
      texts.add(texts.get(i).replace("*", ""));
    }
    return texts;
  }

  private static String joined(List<String> lines, int from, int to) {
    return from >= to ? "" : PythonText.strip(String.join("\n", lines.subList(from, to)));
  }

  private static List<Boolean> followed(ObjectNode document, List<String> texts) {
    List<Boolean> followed = new ArrayList<>();
    JsonNode kwargs = document.path("kwargs");
    int i = 0;
    for (JsonNode id : document.path("instruction_id_list")) {
      Instruction instruction = new Instruction(id.asString(), kwargs.path(i++));
      followed.add(
          texts.stream().anyMatch(t -> !PythonText.strip(t).isEmpty() && instruction.follows(t)));
    }
    return followed;
  }
}
