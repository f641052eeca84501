package dev.gamelan.text.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ModelTemplatesTest {
  @TempDir private Path folder;

  private void write(String file, String text) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private String rendered(boolean tools) throws IOException {
    return ModelTemplates.open(folder).choose(tools).render(Map.of()).text();
  }

  @Test
  void the_configuration_holds_one_template_and_the_special_tokens() throws IOException {
    write(
        "tokenizer_config.json",
        """
        {"chat_template": "one", "bos_token": "<s>", "eos_token": {"content": "</s>"}, "pad_token": null}
        """);
    assertThat(rendered(true)).isEqualTo("one");
    assertThat(ModelTemplates.open(folder).specialTokens())
        .isEqualTo(Map.of("bos_token", "<s>", "eos_token", "</s>"));
  }

  @Test
  void of_several_the_one_for_tools_is_taken_where_there_are_tools() throws IOException {
    write(
        "tokenizer_config.json",
        """
        {"chat_template": [{"name": "default", "template": "plain"}, {"name": "tool_use", "template": "tools"}]}
        """);
    assertThat(rendered(false)).isEqualTo("plain");
    assertThat(rendered(true)).isEqualTo("tools");
  }

  @Test
  void a_file_of_its_own_comes_first_and_may_have_others_beside_it() throws IOException {
    write("tokenizer_config.json", "{\"chat_template\": \"config\", \"bos_token\": \"B\"}");
    write("chat_template.json", "{\"chat_template\": \"processor\"}");
    assertThat(rendered(false)).isEqualTo("processor");
    write("chat_template.jinja", "file");
    write("additional_chat_templates/tool_use.jinja", "tools");
    assertThat(rendered(false)).isEqualTo("file");
    assertThat(rendered(true)).isEqualTo("tools");
    assertThat(ModelTemplates.open(folder).specialTokens()).containsEntry("bos_token", "B");
  }

  @Test
  void what_is_missing_or_wrong_is_named() throws IOException {
    assertThatThrownBy(() -> ModelTemplates.open(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no chat template; looked for chat_template.jinja");
    write("tokenizer_config.json", "{\"chat_template\": 3}");
    assertThatThrownBy(() -> ModelTemplates.open(folder))
        .hasMessageContaining("chat_template: a string or a list is needed");
    write("tokenizer_config.json", "{\"chat_template\": \"\\n{{\"}");
    assertThatThrownBy(() -> ModelTemplates.open(folder))
        .hasMessageContaining("tokenizer_config.json, chat_template, line 2: ");
    write("tokenizer_config.json", "{\"chat_template\": [{\"name\": \"x\", \"template\": \"\"}]}");
    assertThatThrownBy(() -> rendered(false)).hasMessageContaining("there are [x]");
    write("tokenizer_config.json", "{");
    assertThatThrownBy(() -> ModelTemplates.open(folder)).hasMessageContaining("not JSON");
  }
}
