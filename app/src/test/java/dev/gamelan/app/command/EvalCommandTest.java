package dev.gamelan.app.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EvalCommandTest {
  @TempDir private Path folder;

  @BeforeEach
  void tasks() throws IOException {
    Files.writeString(
        folder.resolve("pets.jsonl"),
        """
        {"start": "Lily had a little", "ends": ["dog", "equation"], "right": 0}
        {"start": "Tim went to the", "ends": ["theorem", "park"], "right": 1}
        {"start": "The cat was very", "ends": ["happy", "orthogonal"], "right": 0}
        """);
    Files.writeString(
        folder.resolve("pets.yaml"),
        """
        task: pets
        dataset_path: json
        dataset_kwargs: {data_files: {test: %s}}
        test_split: test
        output_type: multiple_choice
        doc_to_text: start
        doc_to_choice: ends
        doc_to_target: right
        metadata: {version: 1.0}
        """
            .formatted(folder.resolve("pets.jsonl")));
  }

  private static Path model() {
    Path file =
        Path.of(System.getProperty("gamelan.shared"), "assets/models/stories260K/stories260K.bin");
    assumeThat(file).as("a small real model").exists();
    return file;
  }

  private Captured eval(String... more) {
    return Captured.run(
        "",
        Stream.concat(
                Stream.of(
                    "eval",
                    "--model",
                    model().toString(),
                    "--tasks",
                    "pets",
                    "--include-path",
                    folder.toString()),
                Stream.of(more))
            .toArray(String[]::new));
  }

  @Test
  void a_run_prints_the_table_writes_its_files_and_isnt_done_twice() throws IOException {
    Path out = folder.resolve("out");
    Captured first = eval("--output", out.toString(), "--log-samples");
    assertThat(first.err()).contains("saved by sharing");
    assertThat(first.status()).isZero();
    assertThat(first.out()).contains("|pets |1.0    |none  |     0|acc     |↑|1.0000|");
    List<String> files;
    try (Stream<Path> list = Files.list(out.resolve("stories260K.bin"))) {
      files = list.map(p -> p.getFileName().toString()).sorted().toList();
    }
    assertThat(files).hasSize(4);
    assertThat(files.get(0)).isEqualTo("answers.jsonl");
    assertThat(files.get(1)).startsWith("results_").endsWith(".html");
    assertThat(files.get(2)).startsWith("results_").endsWith(".json");
    assertThat(files.get(3)).startsWith("samples_pets_").endsWith(".jsonl");

    Captured again = eval("--output", out.toString());
    assertThat(again.err()).contains("6 of 6 requests were answered before");
    assertThat(again.out()).isEqualTo(first.out());

    Captured same = Captured.run("", "eval", "compare", out.toString(), out.toString());
    assertThat(same.status()).isZero();
    assertThat(same.out()).contains("pets", "acc,none", "+0.0000");
    Captured table = Captured.run("", "eval", "table6", out.toString());
    assertThat(table.status()).isEqualTo(2);
    assertThat(table.err()).contains("--regime olmo-v1");
  }

  @Test
  void wrong_usage_is_said_in_a_sentence() {
    assertThat(Captured.run("", "eval").err()).contains("name the model");
    assertThat(Captured.run("", "eval", "--model", "x").err()).contains("name the tasks");
    Captured samples = eval("--log-samples");
    assertThat(samples.status()).isEqualTo(2);
    assertThat(samples.err()).contains("--output DIR");
    assertThat(eval("--regime", "best").err()).contains("there is no regime 'best'");
    assertThat(eval("--limit", "-1").err()).contains("above 0");
    Captured code = Captured.run("", "eval", "--model", model().toString(), "--tasks", "humaneval");
    assertThat(code.status()).isEqualTo(2);
    assertThat(code.err()).contains("humaneval: to score it, programs");
    Captured data = Captured.run("", "eval", "--model", model().toString(), "--tasks", "piqa");
    assertThat(data.status()).isEqualTo(2);
    assertThat(data.err()).contains("https://huggingface.co/datasets/baber/piqa");
  }

  @Test
  void tasks_are_listed_and_shown() {
    Captured list = Captured.run("", "eval", "tasks", "--include-path", folder.toString());
    assertThat(list.out()).contains("mmlu_anatomy", "built in", "pets");
    Captured shown = Captured.run("", "eval", "show", "pets", "--include-path", folder.toString());
    assertThat(shown.out()).contains("3 documents, 0 examples each", "Lily had a little", "> dog");
  }

  @Test
  void the_papers_table_is_shown() {
    Captured table = Captured.run("", "eval", "table6");
    assertThat(table.status()).isZero();
    assertThat(table.out()).contains("OLMo-7B", "69.3", "arc_challenge");
  }
}
