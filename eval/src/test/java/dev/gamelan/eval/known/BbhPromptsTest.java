package dev.gamelan.eval.known;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gamelan.eval.dataset.Datasets;
import dev.gamelan.eval.lm.Request;
import dev.gamelan.eval.task.Hooks;
import dev.gamelan.eval.task.Task;
import dev.gamelan.eval.task.TaskConfig;
import dev.gamelan.eval.task.TaskException;
import dev.gamelan.eval.task.TaskIndex;
import dev.gamelan.eval.task.TaskTree;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

final class BbhPromptsTest {
  private static final String PAGE =
      """
      a notice
      -----
      Add.

      Q: 1 + 1
      Options:
      - 2
      A: Let's think step by step.
      One and one.

      That makes two. So the answer is 2.

      Q: 2 + 2
      A: Let's think step by step.
      Well. So the answer is (D).
      """;

  private static List<ObjectNode> read(String function, String page) {
    return ((Hooks.Documents) BbhPrompts.hooks().get("bbh/utils." + function))
        .apply(List.of(JsonNodeFactory.instance.objectNode().put("page", page)));
  }

  @Test
  void examples_are_read_with_the_way_to_their_answer() {
    assertThat(read("worked", PAGE).toString())
        .isEqualTo(
            """
            [{"input":"1 + 1\\nOptions:\\n- 2","target":"One and one.\\n\\nThat makes two. So the answer is 2."}, \
            {"input":"2 + 2","target":"Well. So the answer is (D)."}]""");
  }

  @Test
  void or_with_the_answer_only() {
    assertThat(read("direct", PAGE))
        .extracting(d -> d.get("target").asString())
        .containsExactly("2", "(D)");
  }

  @Test
  void a_file_without_examples_is_refused() {
    assertThatThrownBy(() -> read("worked", "Q: 1"))
        .isInstanceOf(TaskException.class)
        .hasMessageContaining("cot-prompts");
  }

  @ParameterizedTest
  @CsvSource({"bbh_cot_fewshot, 3", "bbh_fewshot, 3"})
  void all_27_tasks_have_three_examples_and_their_questions(String group, int shots) {
    Path data = Path.of(System.getProperty("gamelan.shared", "")).resolve("assets/eval");
    assumeTrue(Files.isDirectory(data.resolve("bbh")), () -> "needs " + data + "/bbh");
    Datasets datasets = new Datasets(List.of(data), data);
    TaskTree tree = TaskTree.of(TaskIndex.of(List.of()), List.of(group));
    assertThat(tree.tasks()).hasSize(27);
    int documents = 0;
    for (TaskConfig config : tree.tasks()) {
      Task task = new Task(config, datasets, new KnownHooks(), Task.Prompting.plain());
      assertThat(task.shots()).isEqualTo(shots);
      Request.Generate first =
          (Request.Generate) task.requests(task.documents().getFirst(), false, "").getFirst();
      assertThat(first.context().split("(?m)^Q: ", -1)).as("%s", config.task()).hasSize(shots + 2);
      documents += task.documents().size();
    }
    assertThat(documents).isEqualTo(6511);
  }
}
