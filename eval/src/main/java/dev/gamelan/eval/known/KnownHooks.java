package dev.gamelan.eval.known;

import dev.gamelan.eval.python.PythonText;
import dev.gamelan.eval.task.FunctionName;
import dev.gamelan.eval.task.Hooks;
import dev.gamelan.eval.task.Measure;
import dev.gamelan.eval.task.TaskException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The functions of known task files, by the folder of the task file, the module and the function,
 * such as {@code winogrande/preprocess_winogrande.doc_to_text}.
 */
public final class KnownHooks implements Hooks.Library {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final Map<String, Hooks> hooks = new HashMap<>();

  public KnownHooks() {
    hellaswag();
    winogrande();
    copa();
    wikitext();
    truthfulQa();
    crowsPairs();
    code();
    for (String gender : List.of("male", "female", "neutral")) {
      hooks.put("winogender/utils.filter_" + gender, kept(d -> text(d, "gender").equals(gender)));
    }
    IfEval.hooks().forEach(hooks::put);
    BbhPrompts.hooks().forEach(hooks::put);
    Bfcl.hooks().forEach(hooks::put);
  }

  @Override
  public Optional<Hooks> find(FunctionName name) {
    return Optional.ofNullable(hooks.get(name.toString()));
  }

  /** The names of all functions that are built in. */
  public List<String> names() {
    return hooks.keySet().stream().sorted().toList();
  }

  private void document(String name, Function<ObjectNode, JsonNode> function) {
    hooks.put(name, (Hooks.Document) function::apply);
  }

  static Hooks.Documents kept(Predicate<ObjectNode> predicate) {
    return documents -> documents.stream().filter(predicate).toList();
  }

  static String text(ObjectNode document, String field) {
    JsonNode value = document.path(field);
    if (value.isMissingNode()) {
      throw new TaskException("a document lacks the field " + field + ": " + document);
    }
    return PythonText.str(value);
  }

  private static JsonNode node(String text) {
    return NODES.stringNode(text);
  }

  private static ArrayNode list(List<String> texts) {
    ArrayNode list = NODES.arrayNode();
    texts.forEach(list::add);
    return list;
  }

  private void hellaswag() {
    hooks.put(
        "hellaswag/utils.process_docs",
        (Hooks.Documents) documents -> documents.stream().map(KnownHooks::hellaswag).toList());
  }

  /** Rows that were prepared by somebody already have query, choices and gold, and stay. */
  private static ObjectNode hellaswag(ObjectNode row) {
    ObjectNode document = row.deepCopy();
    if (!row.has("ctx_a") && row.has("query") && row.has("choices") && row.has("gold")) {
      return document.put("label", PythonText.str(row.get("gold")));
    }
    String context = text(row, "ctx_a") + " " + PythonText.capitalize(text(row, "ctx_b"));
    List<String> choices = new ArrayList<>();
    for (JsonNode ending : row.path("endings")) {
      choices.add(Detokenizer.wikiHow(PythonText.str(ending)));
    }
    document.put("query", Detokenizer.wikiHow(text(row, "activity_label") + ": " + context));
    document.set("choices", list(choices));
    String label = text(row, "label");
    if (!label.isEmpty()) {
      document.put("gold", Integer.parseInt(label));
    }
    return document;
  }

  private void winogrande() {
    String file = "winogrande/preprocess_winogrande.";
    document(
        file + "doc_to_text",
        d ->
            switch (text(d, "answer")) {
              case "1" -> NODES.numberNode(0);
              case "2" -> NODES.numberNode(1);
              default -> throw new TaskException("winogrande: the answer is neither 1 nor 2: " + d);
            });
    document(
        file + "doc_to_target",
        d -> node(PythonText.strip(text(d, "sentence").substring(gap(d) + 1))));
    document(
        file + "doc_to_choice",
        d -> {
          String before = text(d, "sentence").substring(0, gap(d));
          return list(List.of(before + text(d, "option1"), before + text(d, "option2")));
        });
  }

  private static int gap(ObjectNode d) {
    int at = text(d, "sentence").indexOf('_');
    if (at < 0) {
      throw new TaskException("winogrande: a sentence without a gap '_': " + d);
    }
    return at;
  }

  private void copa() {
    document(
        "copa/utils.doc_to_text",
        d -> node(connected(d, Map.of("cause", "because", "effect", "therefore"))));
    document(
        "copa/utils.doc_to_target",
        d -> node(" " + lowered(text(d, d.path("label").asInt(0) == 0 ? "choice1" : "choice2"))));
    document(
        "copa/utils.doc_to_choice",
        d -> list(List.of(" " + lowered(text(d, "choice1")), " " + lowered(text(d, "choice2")))));
    document(
        "xcopa/utils.doc_to_choice",
        d -> list(List.of(lowered(text(d, "choice1")), lowered(text(d, "choice2")))));
    Map<String, Map<String, String>> connectors = new LinkedHashMap<>();
    connectors.put("et", Map.of("cause", "sest", "effect", "seetõttu"));
    connectors.put("ht", Map.of("cause", "poukisa", "effect", "donk sa"));
    connectors.put("id", Map.of("cause", "karena", "effect", "maka"));
    connectors.put("it", Map.of("cause", "perché", "effect", "quindi"));
    connectors.put("qu", Map.of("cause", "imataq", "effect", "chaymi"));
    connectors.put("sw", Map.of("cause", "kwa sababu", "effect", "kwa hiyo"));
    connectors.put("ta", Map.of("cause", "காரணமாக", "effect", "எனவே"));
    connectors.put("th", Map.of("cause", "เพราะ", "effect", "ดังนั้น"));
    connectors.put("tr", Map.of("cause", "çünkü", "effect", "bu yüzden"));
    connectors.put("vi", Map.of("cause", "bởi vì", "effect", "vì vậy"));
    connectors.put("zh", Map.of("cause", "因为", "effect", "所以"));
    connectors.forEach(
        (language, words) ->
            document("xcopa/utils.doc_to_text_" + language, d -> node(connected(d, words))));
  }

  /** The premise without its full stop, and the word that leads to its cause or effect. */
  private static String connected(ObjectNode d, Map<String, String> connectors) {
    String premise = PythonText.strip(text(d, "premise"));
    String connector = connectors.get(text(d, "question"));
    if (connector == null || premise.isEmpty()) {
      throw new TaskException("copa: a document asks for neither cause nor effect: " + d);
    }
    int last = premise.offsetByCodePoints(premise.length(), -1);
    return premise.substring(0, last) + " " + connector;
  }

  private static String lowered(String choice) {
    if (choice.isEmpty()) {
      throw new TaskException("copa: a choice is empty");
    }
    int first = choice.offsetByCodePoints(0, 1);
    return choice.substring(0, first).toLowerCase(java.util.Locale.ROOT) + choice.substring(first);
  }

  private void wikitext() {
    String file = "wikitext/preprocess_wikitext.";
    document(file + "wikitext_detokenizer", d -> node(Detokenizer.wikitext(text(d, "page"))));
    hooks.put(
        file + "process_results",
        (Hooks.Results)
            (d, filtered) -> {
              double sum = filtered.getFirst().doubleValue();
              String page = text(d, "page");
              Map<String, Measure> measures = new LinkedHashMap<>();
              // Words and bytes are the page's own, not those of the text that was scored.
              Measure bytes = new Measure.Weighted(sum, dev.gamelan.eval.score.Scorer.bytes(page));
              measures.put(
                  "word_perplexity",
                  new Measure.Weighted(sum, dev.gamelan.eval.score.Scorer.words(page)));
              measures.put("byte_perplexity", bytes);
              measures.put("bits_per_byte", bytes);
              return measures;
            });
  }

  private void truthfulQa() {
    hooks.put(
        "truthfulqa/utils.process_results_mc2",
        (Hooks.Results)
            (d, filtered) -> {
              JsonNode labels = d.path("mc2_targets").path("labels");
              double all = 0;
              double right = 0;
              for (int i = 0; i < filtered.size(); i++) {
                double p = Math.exp(filtered.get(i).get(0).doubleValue());
                all += p;
                right += labels.path(i).asInt(0) == 1 ? p : 0;
              }
              return Map.of("acc", new Measure.Number(right / all));
            });
  }

  private void crowsPairs() {
    document(
        "crows_pairs/utils.doc_to_choice",
        d -> list(List.of(text(d, "sent_more"), text(d, "sent_less"))));
    hooks.put(
        "crows_pairs/utils.process_results",
        (Hooks.Results)
            (d, filtered) -> {
              double more = filtered.get(0).get(0).doubleValue();
              double less = filtered.get(1).get(0).doubleValue();
              Map<String, Measure> measures = new LinkedHashMap<>();
              measures.put("likelihood_diff", new Measure.Number(Math.abs(more - less)));
              measures.put("pct_stereotype", new Measure.Number(more > less ? 1 : 0));
              return measures;
            });
    Map<String, String> kinds =
        Map.of(
            "race_color", "race-color",
            "socio", "socioeconomic",
            "gender", "gender",
            "age", "age",
            "religion", "religion",
            "disability", "disability",
            "orientation", "sexual-orientation",
            "nationality", "nationality",
            "appearance", "physical-appearance",
            "autre", "autre");
    kinds.forEach(
        (name, prefix) ->
            hooks.put(
                "crows_pairs/utils.filter_" + name,
                kept(d -> text(d, "bias_type").startsWith(prefix))));
  }

  /** What makes programs of answers; running them is another matter. */
  private void code() {
    hooks.put(
        "humaneval/utils.build_predictions",
        (Hooks.Filter)
            (answers, d) ->
                answers.stream().map(a -> node(text(d, "prompt") + PythonText.str(a))).toList());
    hooks.put(
        "humaneval/utils.build_predictions_instruct",
        (Hooks.Filter)
            (answers, d) ->
                answers.stream()
                    .map(a -> node(text(d, "prompt") + PythonText.str(a).split("```", 2)[0]))
                    .toList());
  }
}
