package dev.gamelan.eval.task;

import dev.gamelan.eval.python.PythonLiteral;
import dev.gamelan.eval.python.PythonText;
import dev.gamelan.text.template.PromptTemplate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Gets texts, targets and choices out of documents, with the reference's rules of when a rendered
 * template is a number or a list. Not safe for concurrent use.
 */
final class Fields {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final String task;
  private final Set<String> features;
  private final boolean hasChoices;
  private final Hooks.Library hooks;
  private final Map<String, PromptTemplate> templates = new HashMap<>();

  /**
   * @param features the names of the documents' fields
   * @param hasChoices whether the task has choices, so that digits are an index
   */
  Fields(String task, Set<String> features, boolean hasChoices, Hooks.Library hooks) {
    this.task = task;
    this.features = Set.copyOf(features);
    this.hasChoices = hasChoices;
    this.hooks = hooks;
  }

  private String render(String source, ObjectNode document) {
    return templates
        .computeIfAbsent(source, s -> PromptTemplate.parse("task " + task, s))
        .render(document);
  }

  private static JsonNode number(String digits) {
    return PythonLiteral.parse(digits).orElseGet(() -> NODES.stringNode(digits));
  }

  /** The text: a string, or the number of a choice where the choices are contexts. */
  JsonNode text(Field field, ObjectNode document) {
    return switch (field) {
      case Field.Constant c -> c.value();
      case Field.Function f -> hooks.require(f.name(), Hooks.Document.class).apply(document);
      case Field.Expression e when features.contains(e.text()) -> field(document, e.text());
      case Field.Expression e -> {
        String text = render(e.text(), document);
        yield hasChoices && PythonText.isDigits(text) ? number(text) : NODES.stringNode(text);
      }
    };
  }

  /** The target: a string, the number of a choice, or a list of acceptable ones. */
  JsonNode target(Field field, ObjectNode document) {
    return switch (field) {
      case Field.Constant c -> c.value();
      case Field.Function f -> hooks.require(f.name(), Hooks.Document.class).apply(document);
      case Field.Expression e when features.contains(e.text()) -> field(document, e.text());
      case Field.Expression e -> {
        String text = render(e.text(), document);
        if (hasChoices && PythonText.isDigits(text)) {
          yield number(text);
        }
        boolean list = text.length() >= 2 && text.startsWith("[") && text.endsWith("]");
        yield list
            ? PythonLiteral.parse(text).orElseGet(() -> NODES.stringNode(text))
            : NODES.stringNode(text);
      }
    };
  }

  /** The choices. */
  List<String> choices(Field field, ObjectNode document) {
    JsonNode list =
        switch (field) {
          case Field.Constant c -> c.value();
          case Field.Function f -> hooks.require(f.name(), Hooks.Document.class).apply(document);
          case Field.Expression e when features.contains(e.text()) -> field(document, e.text());
          case Field.Expression e -> {
            String text = render(e.text(), document);
            yield PythonLiteral.parse(text)
                .orElseThrow(
                    () ->
                        new TaskException(
                            "task %s: doc_to_choice gives no list but: %s".formatted(task, text)));
          }
        };
    List<String> choices = new ArrayList<>();
    for (JsonNode choice : list) {
      choices.add(PythonText.str(choice));
    }
    if (!list.isContainer() || choices.isEmpty()) {
      throw new TaskException(
          "task %s: doc_to_choice must give a list, not %s".formatted(task, list));
    }
    return choices;
  }

  /** A field of the document by name, or a rendered template; empty for an empty one. */
  String plain(String source, ObjectNode document) {
    if (source.isEmpty()) {
      return "";
    }
    return document.has(source) ? PythonText.str(document.get(source)) : render(source, document);
  }

  private JsonNode field(ObjectNode document, String name) {
    JsonNode value = document.get(name);
    if (value == null) {
      throw new TaskException("task %s: a document lacks the field %s".formatted(task, name));
    }
    return value;
  }
}
