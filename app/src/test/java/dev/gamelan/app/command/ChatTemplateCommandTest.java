package dev.gamelan.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ChatTemplateCommandTest {
  private static final String CONTEXT =
      "{\"messages\": [{\"role\": \"user\", \"content\": \"Chào 👋\"}]}";
  private static final String TEMPLATE =
      "{{ bos_token }}{% for m in messages %}\n{{ m.role }}: {{ m.content }}\n{% endfor %}";

  @TempDir private Path folder;
  private String template;

  @BeforeEach
  void write_template() throws Exception {
    Path file = folder.resolve("chat_template.jinja");
    Files.writeString(file, TEMPLATE);
    Files.writeString(folder.resolve("tokenizer_config.json"), "{\"bos_token\": \"<s>\"}");
    template = file.toString();
  }

  private static Captured render(String context, String... arguments) {
    String[] all = new String[arguments.length + 4];
    all[0] = "chat-template";
    all[1] = "render";
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    all[all.length - 2] = "--context";
    all[all.length - 1] = "-";
    return Captured.run(context, all);
  }

  @Test
  void the_text_is_printed_and_nothing_else() {
    Captured run = render(CONTEXT, "--template", template);
    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
    assertThat(run.out()).isEqualTo("user: Chào 👋\n");
  }

  @Test
  void a_model_brings_its_special_tokens_unless_the_context_has_them() {
    assertThat(render(CONTEXT, "--model", folder.toString()).out()).isEqualTo("<s>user: Chào 👋\n");
    String own = "{\"bos_token\": \"B\", \"messages\": []}";
    assertThat(render(own, "--model", folder.toString()).out()).isEqualTo("B");
  }

  @Test
  void the_context_may_be_a_file() throws Exception {
    Path context = folder.resolve("context.json");
    Files.writeString(context, CONTEXT);
    Captured run =
        Captured.run(
            "", "chat-template", "render", "--template", template, "--context", context.toString());
    assertThat(run.out()).isEqualTo("user: Chào 👋\n");
  }

  @Test
  void errors_name_template_and_line_or_the_context() throws Exception {
    Files.writeString(Path.of(template), "\n{{ raise_exception('No system role') }}");
    Captured refused = render(CONTEXT, "--template", template);
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.out()).isEmpty();
    assertThat(refused.err())
        .isEqualTo("gamelan: chat-template render: " + template + ", line 2: No system role\n");
    assertThat(render("[]", "--template", template).err())
        .contains("stdin: the context must be a JSON object");
    assertThat(render("{", "--template", template).err()).contains("stdin: not JSON");
    assertThat(render("{}").status()).isEqualTo(2);
    assertThat(render("{}", "--template", template, "--model", template).status()).isEqualTo(2);
    assertThat(render("{}", "--template", template + "x").err()).contains("no such file");
  }
}
