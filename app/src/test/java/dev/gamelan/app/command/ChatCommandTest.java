package dev.gamelan.app.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code chat}, as it is piped: a line is a turn. */
final class ChatCommandTest {
  private static final String TEMPLATE =
      "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}"
          + "{% if add_generation_prompt %}assistant:{% endif %}";

  @TempDir private static Path shared;
  private static Path model;
  private static Path template;

  @TempDir private Path folder;

  @BeforeAll
  static void train_a_little() throws Exception {
    Path text =
        Files.writeString(shared.resolve("prose.txt"), "The fox went home. 12!\n".repeat(900));
    Captured run =
        Captured.run(
            "",
            "tour",
            "--text",
            text.toString(),
            "--out",
            shared.resolve("tour").toString(),
            "--vocab",
            "300",
            "--layers",
            "1",
            "--width",
            "32",
            "--bytes",
            "200k",
            "--steps",
            "1");
    assertThat(run.status()).as(run.err()).isZero();
    model = shared.resolve("tour/model");
    template = Files.writeString(shared.resolve("chat.jinja"), TEMPLATE);
  }

  private static Captured chat(String input, String... more) {
    List<String> words = new ArrayList<>(List.of("chat", "--model", model.toString()));
    words.addAll(List.of("--chat-template", template.toString(), "--max-tokens", "5"));
    words.addAll(List.of(more));
    return Captured.run(input, words.toArray(String[]::new));
  }

  @Test
  void the_real_model_knows_the_capital_of_france_and_goes_on_from_there() {
    Path gguf =
        Path.of(
            System.getProperty("gamelan.shared"),
            "assets/models/smollm2/SmolLM2-135M-Instruct.Q4_1.gguf");
    assumeThat(gguf).as("needs the model " + gguf).exists();

    Captured run =
        Captured.run(
            "What is the capital of France?\n\nAnd of Italy?\n/quit\nnever read\n",
            "chat",
            "--model",
            gguf.toString(),
            "--context",
            "256",
            "--stats");

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out())
        .isEqualTo("The capital of France is Paris.\nThe capital of Italy is Rome.\n");
    // The second turn reads the end of the first answer and the question, not what came before.
    assertThat(run.err()).contains("read 37 of 37 prompt tokens", "read 15 of 59 prompt tokens");
  }

  @Test
  void every_line_gets_an_answer_and_the_same_seed_the_same_one() {
    Captured first = chat("hello\nyou there\n", "--temperature", "1", "--seed", "3", "--stats");
    Captured again = chat("hello\nyou there\n", "--temperature", "1", "--seed", "3");

    assertThat(first.status()).as(first.err()).isZero();
    assertThat(first.err().lines().filter(l -> l.contains("prompt tokens in"))).hasSize(2);
    assertThat(again.out()).isEqualTo(first.out());
    assertThat(chat("hello\nyou there\n", "--temperature", "1", "--seed", "4").out())
        .isNotEqualTo(first.out());
  }

  @Test
  void a_conversation_is_saved_as_it_was_held() throws Exception {
    Path file = folder.resolve("c.json");
    Captured run =
        chat(
            "/system Be kind.\nhello\n/save "
                + file
                + "\n//slash\n/save "
                + file
                + "\n/reset\n/system\n");

    assertThat(run.status()).as(run.err()).isZero();
    JsonNode saved = JsonMapper.shared().readTree(file.toFile()).get("messages");
    assertThat(saved.valueStream().map(m -> m.get("role").stringValue()))
        .containsExactly("system", "user", "assistant", "user", "assistant");
    assertThat(saved.get(0).get("content").stringValue()).isEqualTo("Be kind.");
    assertThat(saved.get(3).get("content").stringValue()).isEqualTo("/slash");
    assertThat(run.err()).contains("3 messages saved", "5 messages saved", "Be kind.");
    Captured refused = chat("/save " + file + "\n");
    assertThat(refused.status()).isEqualTo(1);
    assertThat(refused.err()).contains("exists already");
  }

  @Test
  void what_exceeds_the_context_is_not_said_and_the_rest_goes_on() throws Exception {
    Path file = folder.resolve("c.json");
    Captured run =
        chat("hello\n" + "word ".repeat(200) + "\nagain\n/save " + file + "\n", "--context", "100");

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err())
        .containsPattern("the conversation has \\d+ tokens, 100 is the limit; /reset");
    assertThat(JsonMapper.shared().readTree(file.toFile()).get("messages").valueStream())
        .hasSize(4);
  }

  @Test
  void an_answer_that_fills_the_context_says_so() {
    Captured run =
        Captured.run(
            "hello\n",
            "chat",
            "--model",
            model.toString(),
            "--chat-template",
            template.toString(),
            "--context",
            "24");

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.err()).contains("has reached its 24 tokens");
    assertThat(chat("hello\n").err()).contains("cut after 5 tokens; --max-tokens");
  }

  @Test
  void wrong_commands_options_and_input_are_named() {
    Captured unknown = chat("/rset\nhello\n");
    assertThat(unknown.status()).isEqualTo(1);
    assertThat(unknown.err()).contains("no command /rset");
    assertThat(unknown.out()).isNotEmpty();
    assertThat(chat("hello\n", "--top-p", "2").err()).contains("top-p is 2.0");
    assertThat(chat("hello\n", "--context", "100000").err()).contains("between 2 and the model's");
    Captured none = Captured.run("hello\n", "chat", "--model", model.toString());
    assertThat(none.status()).isEqualTo(2);
    assertThat(none.err()).contains("no chat template");
  }

  @Test
  void the_models_own_settings_are_the_default() throws Exception {
    Path own = Files.createDirectory(folder.resolve("own"));
    for (String name : List.of("config.json", "model.safetensors", "tokenizer.json")) {
      Files.copy(model.resolve(name), own.resolve(name));
    }
    Files.writeString(own.resolve("chat_template.jinja"), TEMPLATE);
    Files.writeString(
        own.resolve("generation_config.json"),
        "{\"do_sample\": true, \"temperature\": 1.0, \"top_k\": 0, \"top_p\": 1.0}");
    String[] words = {"chat", "--model", own.toString(), "--max-tokens", "5", "--seed", "3"};

    Captured run = Captured.run("hello\n", words);

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out()).isEqualTo(chat("hello\n", "--temperature", "1", "--seed", "3").out());
    assertThat(run.out()).isNotEqualTo(chat("hello\n", "--seed", "3").out());
  }
}
