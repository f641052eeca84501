package dev.gamelan.text.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** Expected texts are Jinja 3.1's with StrictUndefined, and those of Python's re. */
final class PromptTemplateTest {
  private static String render(String template, String document) {
    return PromptTemplate.parse("test", template)
        .render(JsonMapper.shared().readTree(document.replace('\'', '"')));
  }

  @Test
  void every_line_end_stays() {
    assertThat(render("{% if true %}\nA\n  {% endif %}\nB\n", "{}")).isEqualTo("\nA\n  \nB\n");
    assertThat(render("{#- c #}\n x\n", "{}")).isEqualTo("\n x\n");
    assertThat(render("{% raw %}\n{{a}}\n{% endraw %}\n", "{}")).isEqualTo("\n{{a}}\n\n");
    assertThat(render("a\r\nb\n", "{}")).isEqualTo("a\nb\n");
  }

  @Test
  void chat_templates_still_trim() {
    assertThat(ChatTemplate.parse("{% if true %}\nA\n  {% endif %}\nB\n").render(Map.of()).text())
        .isEqualTo("A\nB");
  }

  @Test
  void lists_render_as_python_prints_them() {
    assertThat(
            render("{{choices.text}}", "{'choices': {'text': ['a', 'it\\u0027s', 1, 2.5, null]}}"))
        .isEqualTo("['a', \"it's\", 1, 2.5, None]");
    assertThat(render("{{[a, b]}}", "{'a': 'x', 'b': true}")).isEqualTo("['x', True]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{x}}",
        "{{x.y}}",
        "{% if x %}{% endif %}",
        "{{ x == 1 }}",
        "{{ not x }}",
        "{{ x ~ 'a' }}",
        "{% for a in x %}{% endfor %}",
        "{{ x|length }}",
        "{{ x or 1 }}",
        "{{ a.missing }}"
      })
  void what_isnt_defined_cant_be_used(String template) {
    assertThatThrownBy(() -> render(template, "{'a': {}}")).isInstanceOf(TemplateException.class);
  }

  @Test
  void what_isnt_defined_can_be_asked_for() {
    assertThat(render("{{ x is defined }} {{ x|default('d') }}", "{}")).isEqualTo("False d");
  }

  @Test
  void regular_expressions_replace() {
    assertThat(render("{{ a|regex_replace('(\\\\d+)', '<\\\\1>') }}", "{'a': '1 and 23'}"))
        .isEqualTo("<1> and <23>");
    assertThat(render("{{ a|regex_replace('a', 'b', count=1) }}", "{'a': 'aaa'}")).isEqualTo("baa");
    assertThatThrownBy(() -> render("{{ a|regex_replace('(', 'b') }}", "{'a': 'aaa'}"))
        .isInstanceOf(TemplateException.class);
    assertThatThrownBy(
            () -> ChatTemplate.parse("{{ 'a'|regex_replace('a', 'b') }}").render(Map.of()))
        .as("strangers' templates don't get patterns")
        .isInstanceOf(TemplateException.class);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "`(?P<n>a)(?P=n)`, `x\\g<n>y`, `aab`, `xayb`",
        "`[[&&a]`, `-`, `[&ab`, `---b`",
        "`[]a]+`, `-`, `]a[`, `-[`",
        "`[^]a]`, `-`, `]ab`, `]a-`",
        "`a\\Z`, `-`, `aa`, `a-`",
        "`\\w+`, `<\\g<0>>`, `é_1 b`, `<é_1> <b>`",
        "`b*`, `-`, `abc`, `-a--c-`"
      })
  void patterns_are_pythons(String pattern, String repl, String text, String expected) {
    assertThat(PythonPattern.of(pattern).replace(text, repl, 0)).isEqualTo(expected);
  }

  @Test
  void patterns_find_and_split() {
    assertThat(PythonPattern.of("^a$", Pattern.MULTILINE).findAll("a\na\r\na"))
        .extracting(MatchResult::start)
        .containsExactly(0, 5);
    assertThat(PythonPattern.of("\\s+").split(" a  b ")).containsExactly("", "a", "b", "");
    assertThat(PythonPattern.of("x").search("abc")).isEmpty();
    assertThatThrownBy(() -> PythonPattern.of("(a"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("(a");
    assertThatThrownBy(() -> PythonPattern.of("\\Q"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("bad escape");
    assertThatThrownBy(() -> PythonPattern.of("a").replace("a", "\\2", 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("group");
  }
}
