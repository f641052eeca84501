package dev.gamelan.eval.known;

import dev.gamelan.eval.known.FunctionCalls.Call;
import dev.gamelan.eval.python.PythonText;
import dev.gamelan.eval.task.Hooks;
import dev.gamelan.eval.task.Measure;
import dev.gamelan.eval.task.TaskException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The Berkeley Function Calling Leaderboard's single-turn Python tasks (Patil et al., 2025), judged
 * by the syntax tree of the calls: the function's name, required parameters, types, and each value
 * among those accepted. An empty text among the accepted values means that the parameter may be
 * left out.
 */
final class Bfcl {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private Bfcl() {}

  static Map<String, Hooks> hooks() {
    return Map.of(
        "bfcl/utils.prompt", (Hooks.Document) Bfcl::prompt,
        "bfcl/utils.process_results", (Hooks.Results) (d, f) -> result(right(d, answer(f))),
        "bfcl/utils.process_irrelevance",
            (Hooks.Results) (d, f) -> result(calls(answer(f)).isEmpty()));
  }

  private static String answer(List<JsonNode> filtered) {
    return PythonText.str(filtered.getFirst());
  }

  private static Map<String, Measure> result(boolean right) {
    return Map.of("acc", new Measure.Number(right ? 1 : 0));
  }

  private static JsonNode prompt(ObjectNode document) {
    StringBuilder text =
        new StringBuilder(
            """
            You can call functions. For the question below, decide which of the functions to call, and with which \
            arguments.
            If none of them serves the purpose, or the question lacks an argument that is required, say so and call \
            none.
            If you call functions, answer with nothing but the calls, in this form:
            [function_name1(name1=value1, name2=value2), function_name2(name=value)]

            The functions, in JSON:
            """);
    text.append(document.path("function")).append("\n\n");
    for (JsonNode message : document.path("question").path(0)) {
      text.append("Question: ").append(message.path("content").asString("")).append('\n');
    }
    return JsonNodeFactory.instance.stringNode(text.append("Answer:").toString());
  }

  private static List<Call> calls(String answer) {
    return FunctionCalls.parse(answer).orElse(List.of());
  }

  /** Whether an answer's calls are, in any order, those wanted. */
  static boolean right(ObjectNode document, String answer) {
    List<Call> open = new ArrayList<>(calls(answer));
    JsonNode wanted = truth(document);
    if (open.size() != wanted.size()) {
      return false;
    }
    for (JsonNode one : wanted) {
      Map.Entry<String, JsonNode> truth = one.properties().iterator().next();
      ObjectNode parameters = parameters(document, truth.getKey());
      Optional<Call> match =
          open.stream().filter(call -> matches(call, truth, parameters)).findFirst();
      if (match.isEmpty()) {
        return false;
      }
      open.remove(match.get());
    }
    return true;
  }

  private static JsonNode truth(ObjectNode document) {
    JsonNode label = document.path("label");
    try {
      JsonNode line = label.isString() ? JSON.readTree(label.stringValue()) : label;
      JsonNode truth = line.path("ground_truth");
      if (truth.isArray() && !truth.isEmpty() && line.path("id").equals(document.path("id"))) {
        return truth;
      }
    } catch (JacksonException e) {
      throw new TaskException("bfcl: an accepted answer isn't JSON: " + e.getOriginalMessage());
    }
    throw new TaskException(
        "bfcl: the accepted answers don't belong to the questions at %s; take both of one version"
            .formatted(document.path("id")));
  }

  private static ObjectNode parameters(ObjectNode document, String function) {
    for (JsonNode each : document.path("function")) {
      if (each.path("name").asString("").equals(function)
          && each.path("parameters") instanceof ObjectNode parameters) {
        return parameters;
      }
    }
    throw new TaskException("bfcl: %s has no function %s".formatted(document.path("id"), function));
  }

  private static boolean matches(
      Call call, Map.Entry<String, JsonNode> truth, ObjectNode parameters) {
    if (!call.function().equals(truth.getKey())) {
      return false;
    }
    for (JsonNode required : parameters.path("required")) {
      if (!call.arguments().containsKey(required.asString())) {
        return false;
      }
    }
    for (Map.Entry<String, JsonNode> argument : call.arguments().entrySet()) {
      JsonNode schema = parameters.path("properties").path(argument.getKey());
      JsonNode accepted = truth.getValue().path(argument.getKey());
      if (schema.isMissingNode()
          || accepted.isMissingNode()
          || !accepts(schema, accepted, argument.getValue())) {
        return false;
      }
    }
    return truth.getValue().properties().stream()
        .allMatch(e -> call.arguments().containsKey(e.getKey()) || optional(e.getValue()));
  }

  private static boolean optional(JsonNode accepted) {
    for (JsonNode value : accepted) {
      if (value.isString() && value.stringValue().isEmpty()) {
        return true;
      }
    }
    return false;
  }

  private static boolean accepts(JsonNode schema, JsonNode accepted, JsonNode value) {
    String type = schema.path("type").asString("any");
    boolean typed =
        switch (type) {
          case "integer" -> value.isIntegralNumber();
          // An integer passes for a float, not the other way round.
          case "float" -> value.isNumber();
          case "boolean" -> value.isBoolean();
          case "string" -> value.isString();
          case "array", "tuple" -> value.isArray();
          case "dict" -> value.isObject();
          case "any" -> true;
          default -> throw new TaskException("bfcl: a parameter of the unknown type " + type);
        };
    // A variable may stand where one is among the accepted: then the kind is that of the accepted.
    boolean variable = !typed && value.isString();
    if (!typed && !variable) {
      return false;
    }
    for (JsonNode one : accepted) {
      if (equal(one, value)) {
        return true;
      }
    }
    return false;
  }

  private static boolean equal(JsonNode accepted, JsonNode value) {
    if (accepted.isString() && value.isString()) {
      return plain(accepted.stringValue()).equals(plain(value.stringValue()));
    }
    if (accepted.isNumber() && value.isNumber()) {
      return accepted.doubleValue() == value.doubleValue();
    }
    if (accepted.isArray() && value.isArray()) {
      if (accepted.size() != value.size()) {
        return false;
      }
      for (int i = 0; i < value.size(); i++) {
        if (!equal(accepted.get(i), value.get(i))) {
          return false;
        }
      }
      return true;
    }
    if (accepted.isObject() && value.isObject()) {
      return value.properties().stream()
              .allMatch(e -> anyEqual(accepted.path(e.getKey()), e.getValue()))
          && accepted.properties().stream()
              .allMatch(e -> value.has(e.getKey()) || optional(e.getValue()));
    }
    return accepted.equals(value);
  }

  /** The values in an accepted dictionary are lists of what is accepted. */
  private static boolean anyEqual(JsonNode accepted, JsonNode value) {
    for (JsonNode one : accepted) {
      if (equal(one, value)) {
        return true;
      }
    }
    return false;
  }

  private static String plain(String text) {
    return text.replaceAll("[ ,./\\-_*^]", "").toLowerCase(Locale.ROOT).replace('\'', '"');
  }
}
