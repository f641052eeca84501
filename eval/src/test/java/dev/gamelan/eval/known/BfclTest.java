package dev.gamelan.eval.known;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gamelan.eval.dataset.Datasets;
import dev.gamelan.eval.lm.Request;
import dev.gamelan.eval.task.Task;
import dev.gamelan.eval.task.TaskException;
import dev.gamelan.eval.task.TaskIndex;
import dev.gamelan.eval.task.TaskTree;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

final class BfclTest {
  private static final ObjectNode DOCUMENT =
      (ObjectNode)
          JsonMapper.builder()
              .build()
              .readTree(
                  """
                  {"id": "x_0", "question": [[{"role": "user", "content": "Which?"}]],
                   "function": [{"name": "geo.area", "parameters": {"type": "dict", "required": ["base"],
                     "properties": {"base": {"type": "integer"}, "height": {"type": "float"},
                       "unit": {"type": "string"}, "deep": {"type": "boolean"},
                       "at": {"type": "array"}, "more": {"type": "dict"}}}}],
                   "label": {"id": "x_0", "ground_truth": [
                     {"geo.area": {"base": [10], "height": [5, 5.5], "unit": ["square m.", ""],
                       "deep": ["", true], "at": [[1, "New York"], ""],
                       "more": [{"k": ["v", "w"], "o": ["", 1]}, ""]}}]}}""");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[geo.area(base=10, height=5)]",
        "geo.area(base=10, height=5.5)",
        "```python\n[geo.area(height=5.0, base=10)]\n```",
        "[geo.area(base=10, height=5, unit='SQUARE-M', deep=True, at=[1, 'new york'])]",
        "[geo.area(base=10, height=5, more={'k': 'W'})]",
        "[geo.area(base=10, height=5, more={'k': 'v', 'o': 1}),]",
      })
  void calls_with_accepted_arguments_are_right(String answer) {
    assertThat(Bfcl.right(DOCUMENT, answer)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "I'd call geo.area with 10 and 5.",
        "[geo.area(10, 5)]",
        "[geo.area(base=10)]",
        "[geo.area(height=5)]",
        "[geo.area(base=10.0, height=5)]",
        "[geo.area(base='10', height=5)]",
        "[geo.area(base=11, height=5)]",
        "[area(base=10, height=5)]",
        "[geo.area(base=10, height=5, colour='red')]",
        "[geo.area(base=10, height=5, deep=1)]",
        "[geo.area(base=10, height=5, deep=False)]",
        "[geo.area(base=10, height=5, at=[1])]",
        "[geo.area(base=10, height=5, more={'k': 'z'})]",
        "[geo.area(base=10, height=5, more={'o': 1})]",
        "[geo.area(base=10, height=5), geo.area(base=10, height=5)]",
        "[geo.area(base=10, height=5",
        "[geo.area(base=10, base=10, height=5)]",
        "[geo.area(base=10, height=)]",
        "[geo.area(base=10, height=5, unit='a)]",
      })
  void others_are_wrong(String answer) {
    assertThat(Bfcl.right(DOCUMENT, answer)).isFalse();
  }

  @Test
  void accepted_answers_of_another_question_are_refused() {
    ObjectNode other = DOCUMENT.deepCopy().put("id", "x_1");
    assertThatThrownBy(() -> Bfcl.right(other, "f()"))
        .isInstanceOf(TaskException.class)
        .hasMessageContaining("x_1");
  }

  @ParameterizedTest
  @CsvSource({
    "bfcl_simple_python, 400",
    "bfcl_multiple, 200",
    "bfcl_parallel, 200",
    "bfcl_parallel_multiple, 200",
    "bfcl_irrelevance, 240"
  })
  void every_question_of_the_leaderboard_accepts_its_own_answer(String name, int documents) {
    Path data = Path.of(System.getProperty("gamelan.shared", "")).resolve("assets/instruct");
    assumeTrue(Files.isDirectory(data.resolve("bfcl")), () -> "needs " + data + "/bfcl");
    TaskTree tree = TaskTree.of(TaskIndex.of(List.of()), List.of(name));
    Task task =
        new Task(
            tree.tasks().getFirst(),
            new Datasets(List.of(data), data),
            new KnownHooks(),
            Task.Prompting.plain());
    assertThat(task.documents()).hasSize(documents);
    ObjectNode first = task.documents().getFirst();
    assertThat(((Request.Generate) task.requests(first, false, "").getFirst()).context())
        .contains(first.path("function").path(0).path("name").asString())
        .endsWith("Answer:");
    if (name.equals("bfcl_irrelevance")) {
      return;
    }
    for (ObjectNode document : task.documents()) {
      String answer = answer(document);
      assertThat(Bfcl.right(document, answer)).as("%s: %s", document.path("id"), answer).isTrue();
      assertThat(Bfcl.right(document, "[no_such_function()]")).isFalse();
    }
  }

  /**
   * The first accepted value of each argument, as a model would write it. Some questions accept
   * what their function doesn't declare; a model can't know that.
   */
  private static String answer(ObjectNode document) {
    JsonNode label = document.path("label");
    JsonNode truth =
        (label.isString() ? JsonMapper.builder().build().readTree(label.stringValue()) : label)
            .path("ground_truth");
    StringBuilder text = new StringBuilder("[");
    for (JsonNode call : truth) {
      var entry = call.properties().iterator().next();
      text.append(entry.getKey()).append('(');
      for (var argument : entry.getValue().properties()) {
        for (JsonNode value : argument.getValue()) {
          boolean absent = value.isString() && value.stringValue().isEmpty();
          if (!absent && declared(document, entry.getKey()).has(argument.getKey())) {
            text.append(argument.getKey()).append('=').append(python(value, false)).append(", ");
            break;
          }
        }
      }
      text.append("), ");
    }
    return text.append(']').toString();
  }

  private static JsonNode declared(ObjectNode document, String function) {
    for (JsonNode each : document.path("function")) {
      if (each.path("name").asString().equals(function)) {
        return each.path("parameters").path("properties");
      }
    }
    throw new AssertionError(function);
  }

  /** In accepted dictionaries each value is a list of what is accepted. */
  private static String python(JsonNode value, boolean accepted) {
    if (accepted) {
      return python(value.get(0), false);
    }
    if (value.isArray()) {
      StringBuilder list = new StringBuilder("[");
      value.forEach(v -> list.append(python(v, false)).append(", "));
      return list.append(']').toString();
    }
    if (value.isObject()) {
      StringBuilder pairs = new StringBuilder("{");
      value
          .properties()
          .forEach(
              e ->
                  pairs
                      .append('\'')
                      .append(e.getKey())
                      .append("': ")
                      .append(python(e.getValue(), true))
                      .append(", "));
      return pairs.append('}').toString();
    }
    return value.isBoolean() ? (value.booleanValue() ? "True" : "False") : value.toString();
  }
}
