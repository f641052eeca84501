package dev.gamelan.app.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectCommandTest {
  private static final Path SHARED = Path.of(System.getProperty("gamelan.shared", "../../shared"));
  private static final Path FIXTURE = SHARED.resolve("fixtures/families/llama2-gqa");

  @TempDir private Path folder;

  @BeforeEach
  void fixtures() {
    assumeTrue(Files.exists(FIXTURE), () -> "skipped: there is no " + FIXTURE);
  }

  private static String inspect(Path model) {
    Captured run = Captured.run("", "inspect", model.toString());
    assertThat(run.status()).as(run.err()).isZero();
    return run.out();
  }

  private void copy(String... names) throws IOException {
    for (String name : names) {
      Files.copy(FIXTURE.resolve(name), folder.resolve(name));
    }
  }

  @Test
  void a_folder_says_its_family_shape_memory_work_and_licence() throws IOException {
    copy("config.json", "model.safetensors");
    assertThat(inspect(folder))
        .contains("Hugging Face folder", "llama", "2 layers of width 32", "F32", "FLOPs a token")
        .containsPattern("memory +.* of weights, .* of keys and values")
        .containsPattern("licence +not stated");
    Files.writeString(
        folder.resolve("LICENSE"), "   Apache License\n  Version 2.0, January 2004\n");
    assertThat(inspect(folder)).containsPattern("licence +apache-2.0");
    Files.writeString(
        folder.resolve("README.md"), "---\nlanguage: en\nlicense: llama2\n---\n# A model\n");
    assertThat(inspect(folder)).containsPattern("licence +llama2");
  }

  @Test
  void a_lone_file_is_a_model_with_a_config_beside_it_and_a_list_of_tensors_without()
      throws IOException {
    copy("model.safetensors");
    Path file = folder.resolve("model.safetensors");
    assertThat(inspect(file))
        .contains("no config.json lies beside the file", "F32", "model.norm.weight  [32]");
    Captured context = Captured.run("", "inspect", file.toString(), "--context", "8");
    assertThat(context.status()).isEqualTo(2);
    copy("config.json");
    assertThat(inspect(file)).contains("2 layers of width 32");
  }

  @Test
  void a_gguf_file_keeps_the_licence_that_it_was_converted_with() throws IOException {
    copy("config.json", "model.safetensors");
    Files.writeString(folder.resolve("README.md"), "---\nlicense: mit\n---\n");
    Path gguf = folder.resolve("small.gguf");
    Captured run =
        Captured.run(
            "",
            "convert",
            folder.toString(),
            "--to",
            "gguf",
            "--dtype",
            "q4_k_m",
            "--out",
            gguf.toString());
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out()).contains("Q5_0=").contains("without a tokenizer");
    Files.delete(folder.resolve("README.md"));
    assertThat(inspect(gguf)).contains("GGUF", "llama", "Q5_0").containsPattern("licence +mit");
  }

  @Test
  void what_is_no_model_is_refused_in_a_sentence() throws IOException {
    Path text = Files.writeString(folder.resolve("notes.txt"), "hello");
    Captured run = Captured.run("", "inspect", text.toString());
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("notes.txt", "begins as no model does");
    assertThat(run.err().lines().filter(line -> line.startsWith("gamelan:"))).hasSize(1);
  }
}
