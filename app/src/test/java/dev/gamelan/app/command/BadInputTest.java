package dev.gamelan.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gamelan.app.console.Shell;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What tour, train, generate and score say of input that cannot do: one sentence, status 2. */
final class BadInputTest {
  private static final String PROSE = "The fox went into the wood. 12 foxes went home again!\n";

  @TempDir private static Path shared;
  private static Path toured;
  private static Path model;

  @TempDir private Path folder;

  @BeforeAll
  static void tour_once() throws Exception {
    Path text = Files.writeString(shared.resolve("prose.txt"), PROSE.repeat(400));
    toured = shared.resolve("tour");
    Captured run = tour(text, toured, "--steps", "1");
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.err()).contains("the text has pairs for ").contains(" tokens only, not 400");
    model = toured.resolve("model");
  }

  private static Captured tour(Path text, Path out, String... more) {
    List<String> words =
        new ArrayList<>(List.of("tour", "--text", text.toString(), "--out", out.toString()));
    words.addAll(List.of("--vocab", "400", "--layers", "1", "--width", "32", "--bytes", "200k"));
    words.addAll(List.of(more));
    return Captured.run("", words.toArray(String[]::new));
  }

  private static void refused(Captured run, String... parts) {
    assertThat(run.status()).as(run.err()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains(parts).doesNotContain("\tat ", "should not have happened");
  }

  @Test
  void a_tour_of_a_text_that_is_none_leaves_no_folder_that_refuses_the_corrected_command()
      throws Exception {
    Path out = folder.resolve("tour");
    Path binary = Files.write(folder.resolve("binary.txt"), new byte[] {1, 0, 2});
    Path empty = Files.writeString(folder.resolve("empty.txt"), "");
    for (Path bad : List.of(folder.resolve("nowhere.txt"), binary, empty)) {
      refused(tour(bad, out), bad.toString());
      assertThat(out).doesNotExist();
    }
    Path small = Files.writeString(folder.resolve("small.txt"), "tiny text");
    refused(tour(small, out), "gamelan: tour: the text has", "give more text");
    assertThat(out).isEmptyDirectory();
  }

  @Test
  void a_folder_of_another_tour_is_refused_with_what_differs() throws Exception {
    byte[] before = Files.readAllBytes(toured.resolve("settings.txt"));
    refused(
        tour(shared.resolve("prose.txt"), toured, "--steps", "2", "--seed", "5"),
        "holds another tour (steps=1, now 2; seed=1234, now 5)");
    assertThat(toured.resolve("settings.txt")).hasBinaryContent(before);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "stepz=3 | there is no key 'stepz'; the nearest is 'steps'",
        "steps=many | steps is \"many\"; it must be an integer",
        "steps=0 | steps is 0; it must be at least 1",
        "sequence_length=65 | sequence_length is 65; the model's context is 64",
        "prompts=One | prompts is \"One\"; it must be a list of strings",
        "prompts=[\"\"] | a list of strings, none of them empty",
        "prompts=[{}] | a list of strings",
        "run= | run is \"\"; it must be the path",
        "schedule=cosin | it must be one of cosine, linear, constant",
        "validation_fraction=1e-9 | less than one token",
        "data=nowhere | nowhere has no manifest.json",
        "model=nowhere | nowhere: there is no such path",
        "model=3 | a JSON object is expected"
      })
  void a_wrong_configuration_is_named_and_leaves_no_run(String set, String sentence)
      throws Exception {
    Path run = folder.resolve("run");
    refused(
        Captured.run("", "train", "--config", config(run, "hidden_size").toString(), "--set", set),
        sentence);
    assertThat(run).doesNotExist();
  }

  @Test
  void a_misspelt_key_of_the_model_is_named_with_the_nearest() throws Exception {
    Path run = folder.resolve("run");
    refused(
        Captured.run("", "train", "--config", config(run, "hiden_size").toString()),
        "hidden_size is missing");
    String odd =
        Files.readString(config(run, "hidden_size"))
            .replace("\"hidden_size\"", "\"rotary_pc\": 0.5, \"hidden_size\"");
    Path file = Files.writeString(folder.resolve("odd.json"), odd);
    refused(
        Captured.run("", "train", "--config", file.toString()),
        "model: there is no key 'rotary_pc'; the nearest is 'rotary_pct'");
  }

  @Test
  void a_run_that_does_not_fit_says_what_it_needs_before_it_starts() throws Exception {
    Path run = folder.resolve("run");
    Captured large =
        Captured.run(
            "",
            "train",
            "--config",
            config(run, "hidden_size").toString(),
            "--set",
            "batch_size=2000000000");
    assertThat(large.status()).isEqualTo(1);
    assertThat(large.out()).isEmpty();
    assertThat(large.err()).containsPattern("needs \\d+ [TP]B of memory").contains("are free");
    assertThat(run).doesNotExist();
  }

  @Test
  void a_prompt_longer_than_the_context_is_refused_before_the_first_step() throws Exception {
    Path run = folder.resolve("run");
    String prompts = "prompts=[\"" + "12 ".repeat(100) + "\"]";
    refused(
        Captured.run(
            "", "train", "--config", config(run, "hidden_size").toString(), "--set", prompts),
        "fewer than the model's context of 64");
    assertThat(run).doesNotExist();
  }

  private Path config(Path run, String width) throws Exception {
    return Files.writeString(
        folder.resolve("config.json"),
        """
        {"run": "%s", "data": "%s", "tokenizer": "%s", "steps": 1, "batch_size": 2,
         "sequence_length": 32, "prompts": ["The"],
         "model": {"architectures": ["GPTNeoXForCausalLM"], "vocab_size": 448, "%s": 32,
           "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2,
           "max_position_embeddings": 64}}
        """
            .formatted(
                run, toured.resolve("tokens"), toured.resolve("tokenizer/tokenizer.json"), width));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--max-tokens -1", "--temperature -1", "--temperature NaN", "--top-k -1", "--top-p 0",
        "--top-p 1.5", "--min-p 2", "--repetition-penalty 0", "--seed x", "--threads 0",
        "--kernels nonsense", "--compute bf15", "--kernels vector --compute bf16"
      })
  void a_wrong_option_of_generate_prints_nothing_of_a_result(String option) {
    List<String> words =
        new ArrayList<>(List.of("generate", "--model", model.toString(), "--prompt", "The"));
    words.addAll(List.of(option.split(" ")));
    refused(Captured.run("", words.toArray(String[]::new)), "gamelan: generate: ");
  }

  @Test
  void a_backend_that_is_not_known_is_named_with_the_nearest() {
    refused(
        generate("The", "--kernels", "vectro"),
        "there is no backend 'vectro'; the nearest is 'vector'; known are ");
    refused(generate("The", "--seed", "x"), "'x' is not a whole number");
  }

  @Test
  void slower_kernels_that_alone_have_the_mode_are_not_taken_in_silence() {
    Captured run = generate("The", "--max-tokens", "1", "--compute", "bf16");
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.err()).contains("gamelan: kernels: scalar computes, which is slower");
  }

  private static Captured generate(String prompt, String... more) {
    List<String> words =
        new ArrayList<>(List.of("generate", "--model", model.toString(), "--prompt", prompt));
    words.addAll(List.of(more));
    return Captured.run("", words.toArray(String[]::new));
  }

  @Test
  void prompts_that_are_empty_or_too_long_print_nothing_of_a_result() {
    refused(generate(""), "gamelan: generate: the prompt is empty");
    refused(generate("12 ".repeat(400)), "gamelan: generate: the prompt has ", "context is 256");
    Captured full = generate("The", "--max-tokens", "9999");
    assertThat(full.status()).isZero();
    assertThat(full.out()).startsWith("The");
    assertThat(full.err()).contains("ended by context full");
  }

  @Test
  void a_tokenizer_that_is_not_the_models_is_refused_where_its_ids_do_not_fit() throws Exception {
    String larger = tokenizer("larger", "2000", "abcdefghijklmnopqrstuvwxyz".repeat(40));
    refused(generate("The", "--tokenizer", larger), "this tokenizer isn't the model's");
    String smaller = tokenizer("smaller", "257", PROSE);
    Captured run = generate("The", "--tokenizer", smaller, "--max-tokens", "2");
    assertThat(run.status()).as(run.err()).isZero();
  }

  private String tokenizer(String name, String vocabulary, String text) throws Exception {
    StringBuilder words = new StringBuilder();
    for (int i = 0; i < 3000; i++) {
      words.append(text, i % text.length(), text.length()).append(' ').append(i).append('\n');
    }
    Path file = Files.writeString(folder.resolve(name + ".txt"), words);
    Path out = folder.resolve(name);
    Captured run =
        Captured.run(
            "",
            "tokenizer",
            "train",
            "--text",
            file.toString(),
            "--vocab",
            vocabulary,
            "--out",
            out.toString());
    assertThat(run.status()).as(run.err()).isZero();
    return out.toString();
  }

  @Test
  void a_damaged_model_is_named() throws Exception {
    Path damaged = Files.createDirectories(folder.resolve("damaged"));
    for (String file : List.of("config.json", "tokenizer.json", "model.safetensors")) {
      Files.copy(model.resolve(file), damaged.resolve(file));
    }
    Path weights = damaged.resolve("model.safetensors");
    try (var channel = java.nio.channels.FileChannel.open(weights, StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() - 1000);
    }
    String[] words = {"generate", "--model", damaged.toString(), "--prompt", "The"};
    refused(Captured.run("", words), weights.toString(), "truncated");
    words[2] = folder.toString();
    refused(Captured.run("", words), folder + ": config.json is missing");
  }

  @Test
  void texts_may_come_from_stdin_and_must_be_utf_8() {
    Captured scored = Captured.run("The fox went", "score", "--model", model.toString());
    assertThat(scored.status()).as(scored.err()).isZero();
    assertThat(scored.out()).contains(" nats a token").hasLineCount(1);
    assertThat(
            Captured.run("The", "generate", "--model", model.toString(), "--max-tokens", "2").out())
        .startsWith("The");
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Shell latin =
        new Shell(
            new ByteArrayInputStream(new byte[] {'a', (byte) 0xE9, 'b'}),
            new PrintStream(new ByteArrayOutputStream()),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            Map.of(),
            false,
            false,
            Optional.empty());
    assertThat(Stages.run(latin, "score", "--model", model.toString())).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("stdin is not UTF-8 text");
  }

  @Test
  void a_text_of_one_token_cannot_be_scored() {
    refused(Captured.run("", "score", "--model", model.toString()), "0 token(s); at least 2");
  }
}
