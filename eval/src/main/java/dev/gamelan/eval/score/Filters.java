package dev.gamelan.eval.score;

import dev.gamelan.eval.python.PythonText;
import dev.gamelan.eval.task.Hooks;
import dev.gamelan.eval.task.TaskConfig.FilterPipeline;
import dev.gamelan.eval.task.TaskConfig.FilterStep;
import dev.gamelan.eval.task.TaskException;
import dev.gamelan.text.template.PythonPattern;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A pipeline of filters over the answers to one document: what extracts an answer from a text, and
 * what makes one of many.
 */
final class Filters {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** The answers to a document on their way; {@code one} once a step has chosen. */
  private record State(List<JsonNode> answers, boolean one) {}

  private interface Step {
    State apply(State state, ObjectNode document);
  }

  private final String name;
  private final List<Step> steps = new ArrayList<>();

  Filters(FilterPipeline pipeline, Hooks.Library hooks) {
    this.name = pipeline.name();
    pipeline.steps().forEach(step -> steps.add(step(step, hooks)));
  }

  /** What a task without filters does: it takes the first answer. */
  static Filters none(Hooks.Library hooks) {
    FilterStep first = new FilterStep("take_first", java.util.Optional.empty(), NODES.objectNode());
    return new Filters(new FilterPipeline("none", List.of(first)), hooks);
  }

  String name() {
    return name;
  }

  /** The answers to a document, filtered: one, or a list where no step chose. */
  JsonNode apply(List<JsonNode> answers, ObjectNode document) {
    State state = new State(answers, false);
    for (Step step : steps) {
      state = step.apply(state, document);
    }
    if (state.one()) {
      return state.answers().getFirst();
    }
    ArrayNode list = NODES.arrayNode();
    state.answers().forEach(list::add);
    return list;
  }

  private static Step step(FilterStep step, Hooks.Library hooks) {
    ObjectNode o = step.options();
    return switch (step.function()) {
      case "take_first" -> (s, d) -> new State(List.of(first(s.answers())), true);
      case "take_first_k" -> {
        int k = o.path("k").asInt(0);
        if (k < 1) {
          throw new TaskException("filter take_first_k: k is missing or below 1");
        }
        yield (s, d) -> new State(firstK(s.answers(), k), false);
      }
      case "majority_vote" -> (s, d) -> new State(List.of(majority(s.answers())), false);
      case "remove_whitespace" -> texts(PythonText::strip);
      case "lowercase" -> texts(t -> t.toLowerCase(Locale.ROOT));
      case "uppercase" -> texts(t -> t.toUpperCase(Locale.ROOT));
      case "regex" -> texts(new RegexExtraction(o)::extract);
      case "multi_choice_regex" -> {
        ChoiceExtraction extraction = new ChoiceExtraction(o);
        yield (s, d) -> each(s, a -> NODES.stringNode(extraction.extract(text(a), d)));
      }
      case "regex_pos" -> (s, d) -> each(s, a -> Tags.partsOfSpeech(text(a), o));
      case "format_span" -> texts(Tags::spans);
      case "map" -> (s, d) -> each(s, a -> mapped(a, o));
      case "custom" -> {
        Hooks.Filter hook =
            hooks.require(
                step.custom()
                    .orElseThrow(() -> new TaskException("filter custom: filter_fn is missing")),
                Hooks.Filter.class);
        yield (s, d) -> new State(hook.apply(s.answers(), d), s.one());
      }
      default ->
          throw new TaskException(
              "there is no filter '%s'; known are take_first, take_first_k, majority_vote, remove_whitespace, lowercase, uppercase, regex, multi_choice_regex, regex_pos, format_span, map, custom"
                  .formatted(step.function()));
    };
  }

  private static JsonNode first(List<JsonNode> answers) {
    return answers.getFirst();
  }

  private static List<JsonNode> firstK(List<JsonNode> answers, int k) {
    if (answers.size() < k) {
      throw new TaskException(
          "filter take_first_k: %d answers are wanted and %d are there; raise repeats"
              .formatted(k, answers.size()));
    }
    return answers.subList(0, k);
  }

  /** The most frequent; among equals the one that came first. */
  private static JsonNode majority(List<JsonNode> answers) {
    Map<JsonNode, Integer> counts = new LinkedHashMap<>();
    answers.forEach(a -> counts.merge(a, 1, Integer::sum));
    JsonNode best = answers.getFirst();
    for (Map.Entry<JsonNode, Integer> e : counts.entrySet()) {
      best = e.getValue() > counts.get(best) ? e.getKey() : best;
    }
    return best;
  }

  private static Step texts(UnaryOperator<String> change) {
    return (s, d) -> each(s, a -> NODES.stringNode(change.apply(text(a))));
  }

  private static State each(State state, Function<JsonNode, JsonNode> change) {
    return new State(state.answers().stream().map(change).toList(), state.one());
  }

  private static String text(JsonNode answer) {
    return answer.isString() ? answer.stringValue() : "";
  }

  private static JsonNode mapped(JsonNode answer, ObjectNode options) {
    JsonNode found = options.path("mapping_dict").path(text(answer));
    return found.isMissingNode()
        ? options.optional("default_value").orElseGet(NODES::nullNode)
        : found;
  }

  /** The first or another match of a pattern, or a fallback. */
  private static final class RegexExtraction {
    private final PythonPattern pattern;
    private final int select;
    private final String fallback;

    RegexExtraction(ObjectNode o) {
      pattern = PythonPattern.of(o.path("regex_pattern").asString("#### (\\-?[0-9\\.\\,]+)"));
      select = o.path("group_select").asInt(0);
      fallback = o.path("fallback").asString("[invalid]");
    }

    String extract(String text) {
      return chosen(pattern.findAll(text), select).map(PythonText::strip).orElse(fallback);
    }
  }

  /** Of matches one, and of its groups the first that isn't empty. */
  static java.util.Optional<String> chosen(List<MatchResult> matches, int select) {
    int at = select < 0 ? matches.size() + select : select;
    if (matches.isEmpty()) {
      return java.util.Optional.empty();
    }
    if (at < 0 || at >= matches.size()) {
      throw new TaskException(
          "filter regex: group_select %d of %d matches".formatted(select, matches.size()));
    }
    MatchResult match = matches.get(at);
    if (match.groupCount() == 0) {
      return java.util.Optional.of(match.group());
    }
    if (match.groupCount() == 1) {
      return java.util.Optional.of(java.util.Objects.requireNonNullElse(match.group(1), ""));
    }
    for (int g = 1; g <= match.groupCount(); g++) {
      if (match.group(g) != null && !match.group(g).isEmpty()) {
        return java.util.Optional.of(match.group(g));
      }
    }
    return java.util.Optional.empty();
  }
}
