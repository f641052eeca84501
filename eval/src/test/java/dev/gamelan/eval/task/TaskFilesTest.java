package dev.gamelan.eval.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.eval.code.CodeHooks;
import dev.gamelan.eval.dataset.Datasets;
import dev.gamelan.eval.known.KnownHooks;
import dev.gamelan.eval.safety.SafetyHooks;
import dev.gamelan.eval.task.TaskConfig.OutputType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TaskFilesTest {
  @TempDir private Path folder;

  private TaskIndex index(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text);
    return TaskIndex.of(List.of(folder));
  }

  @Test
  void every_built_in_task_reads_and_its_functions_are_built_in() {
    TaskIndex index = TaskIndex.of(List.of());
    assertThat(index.unreadable()).isEmpty();
    Hooks.Library hooks =
        Hooks.Library.of(
            List.of(
                new KnownHooks(),
                new CodeHooks(Optional.empty(), new Datasets(List.of(), Path.of(""))),
                new SafetyHooks(Optional.empty(), Set.of("bad"))));
    int tasks = 0;
    for (TaskIndex.Entry entry : index.entries()) {
      for (TaskConfig config : TaskTree.of(index, List.of(entry.name())).tasks()) {
        tasks++;
        Stream.of(
                config.docToText(),
                config.docToTarget(),
                config.docToChoice().orElse(config.docToText()))
            .forEach(
                field -> {
                  if (field instanceof Field.Function(FunctionName name)) {
                    assertThat(hooks.find(name)).as("%s", name).isPresent();
                  }
                });
        config.processDocs().ifPresent(f -> assertThat(hooks.find(f)).as("%s", f).isPresent());
        config.processResults().ifPresent(f -> assertThat(hooks.find(f)).as("%s", f).isPresent());
      }
    }
    assertThat(tasks).isGreaterThan(100);
  }

  @Test
  void mmlu_has_57_subjects_in_four_groups() {
    TaskTree tree = TaskTree.of(TaskIndex.of(List.of()), List.of("mmlu"));
    assertThat(tree.tasks()).hasSize(57);
    assertThat(tree.groups()).hasSize(5);
    assertThat(tree.leaves("mmlu")).hasSize(57).contains("mmlu_world_religions");
    assertThat(tree.leaves("mmlu_stem")).hasSize(19);
    assertThat(tree.tasks().getFirst().description()).endsWith(".\n\n");
  }

  @Test
  void includes_are_merged_below_the_file_itself() throws IOException {
    Files.writeString(
        folder.resolve("_base"),
        "dataset_path: json\ntest_split: test\noutput_type: multiple_choice\ndoc_to_text: q\ndoc_to_target: a\ndoc_to_choice: c\ntag: [quiz]\nnum_fewshot: 2\n");
    TaskIndex index =
        index("one.yaml", "include: _base\ntask: one\nnum_fewshot: 0\nmetadata: {version: 2}\n");
    TaskConfig config = TaskTree.of(index, List.of("quiz")).tasks().getFirst();
    assertThat(config.task()).isEqualTo("one");
    assertThat(config.numFewshot()).hasValue(0);
    assertThat(config.outputType()).isEqualTo(OutputType.MULTIPLE_CHOICE);
    assertThat(TaskTree.version(config.metadata()).orElseThrow().asInt()).isEqualTo(2);
  }

  @Test
  void names_may_hold_stars() {
    Set<String> names =
        TaskTree.of(TaskIndex.of(List.of()), List.of("arc_*", "mmlu_*_law")).tasks().stream()
            .map(TaskConfig::task)
            .collect(Collectors.toSet());
    assertThat(names)
        .containsExactlyInAnyOrder(
            "arc_easy", "arc_challenge", "mmlu_international_law", "mmlu_professional_law");
  }

  @Test
  void bad_files_are_passed_over_and_bad_tasks_refused() throws IOException {
    TaskIndex broken = index("broken.yaml", "task: [unclosed\n");
    assertThat(broken.unreadable()).hasSize(1).first().asString().contains("broken.yaml");
    Files.delete(folder.resolve("broken.yaml"));
    assertThatThrownBy(
            () ->
                TaskTree.of(
                    index("a.yaml", "task: a\noutput_type: guess\ndataset_path: json\n"),
                    List.of("a")))
        .isInstanceOf(TaskException.class)
        .hasMessageContaining("output_type 'guess'");
    assertThatThrownBy(
            () -> TaskTree.of(index("b.yaml", "task: b\ninclude: b.yaml\n"), List.of("b")))
        .isInstanceOf(TaskException.class)
        .hasMessageContaining("includes itself");
  }
}
