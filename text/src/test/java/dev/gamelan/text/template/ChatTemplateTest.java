package dev.gamelan.text.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.text.template.Rendering.Span;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

final class ChatTemplateTest {
  @Test
  void generation_blocks_mark_the_assistants_words() {
    ChatTemplate template = ChatTemplate.parse(Fixtures.source("qwen3_training"));
    Rendering rendering =
        template.render(Fixtures.contexts().get("multi"), Limits.DEFAULT, Fixtures.CLOCK);
    assertThat(rendering.generated().stream().map(s -> cut(rendering, s)))
        .isNotEmpty()
        .allMatch(text -> text.endsWith("<|im_end|>") || text.endsWith("<|im_end|>\n"))
        .noneMatch(text -> text.contains("user"));
  }

  @Test
  void every_training_template_marks_as_many_spans_as_there_are_answers() {
    for (String name : List.of("llama3_training", "qwen2_5_training", "qwen3_training")) {
      Rendering rendering =
          ChatTemplate.parse(Fixtures.source(name))
              .render(Fixtures.contexts().get("multi"), Limits.DEFAULT, Fixtures.CLOCK);
      assertThat(rendering.generated()).as(name).hasSize(2);
      assertThat(cut(rendering, rendering.generated().getFirst())).as(name).contains("2");
    }
  }

  private static String cut(Rendering rendering, Span span) {
    return rendering.text().substring(span.start(), span.end());
  }

  @Test
  void spans_count_utf16_and_lie_in_order() {
    Rendering rendering =
        render("👋{% for x in 'ab' %}{% generation %}{{ x }}👋{% endgeneration %}-{% endfor %}");
    assertThat(rendering.text()).isEqualTo("👋a👋-b👋-");
    assertThat(rendering.generated()).containsExactly(new Span(2, 5), new Span(6, 9));
  }

  @Test
  void what_is_set_in_a_generation_block_stays_there() {
    assertThat(
            render(
                    "{% set x = 1 %}{% generation %}{% set x = 2 %}{{ x }}{% endgeneration %}{{ x }}")
                .text())
        .isEqualTo("21");
  }

  @Test
  void a_generation_block_in_a_macro_renders_but_has_no_place() {
    Rendering rendering =
        render("{% macro m() %}\n{% generation %}x{% endgeneration %}{% endmacro %}{{ m() }}");
    assertThat(rendering.text()).isEqualTo("x");
    assertThatThrownBy(rendering::generated)
        .isInstanceOf(TemplateException.class)
        .hasMessageContaining("line 2")
        .hasMessageContaining("move it out");
  }

  @Test
  void a_refusal_is_the_templates_own_with_name_and_line() {
    ChatTemplate template =
        ChatTemplate.parse("m.jinja", "a\n{% if x %}\n{{ raise_exception('No ' ~ x) }}{% endif %}");
    assertThatThrownBy(() -> template.render(Map.of("x", "way")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("m.jinja, line 3: No way")
        .asInstanceOf(InstanceOfAssertFactories.type(TemplateException.class))
        .returns("No way", TemplateException::reason)
        .returns(true, TemplateException::raisedByTemplate)
        .returns("m.jinja", TemplateException::template)
        .matches(e -> e.line().getAsInt() == 3);
    assertThatThrownBy(
            () -> ChatTemplate.parse("\n\n{{ 1 + x.y.z }}").render(Map.of("x", Map.of())))
        .hasMessage("chat template, line 3: 'dict object' has no attribute 'y'")
        .asInstanceOf(InstanceOfAssertFactories.type(TemplateException.class))
        .returns(false, TemplateException::raisedByTemplate);
  }

  @Test
  void an_error_names_the_line_of_the_operation_also_after_a_macro() {
    assertThatThrownBy(() -> render("{% macro m() %}\n\n\nx{% endmacro %}\n{{ 1 +\n m() }}"))
        .hasMessage("chat template, line 5: unsupported operand type(s) for +: 'int' and 'str'");
  }

  @Test
  void syntax_errors_name_the_line_and_what_was_expected() {
    assertThatThrownBy(() -> ChatTemplate.parse("f", "a\n{% if x %}\nb"))
        .hasMessage("f, line 3: the template ends, one of these is missing: [elif, else, endif]");
    assertThatThrownBy(() -> ChatTemplate.parse("f", "\n{% include 'x' %}"))
        .hasMessage("f, line 2: 'include' is not for chat templates, which are one file each");
    assertThatThrownBy(() -> ChatTemplate.parse("f", "{{ x y }}"))
        .hasMessage("f, line 1: expected '}}', got 'y'");
  }

  @Test
  void java_values_become_pythons() {
    Map<String, Object> context = new LinkedHashMap<>();
    context.put("a", Arrays.asList(1, 2L, (short) 3, 1.5f, 2.0, true, null, 'c'));
    context.put("b", Map.of("k", Optional.of("v")));
    context.put("c", new BigInteger("100000000000000000000"));
    context.put("d", Optional.empty());
    assertThat(ChatTemplate.parse("{{ a }} {{ b }} {{ c }} {{ d }}").render(context).text())
        .isEqualTo("[1, 2, 3, 1.5, 2.0, True, None, 'c'] {'k': 'v'} 100000000000000000000 None");
  }

  @Test
  void the_context_hides_functions_of_the_same_name() {
    assertThat(ChatTemplate.parse("{{ range }}").render(Map.of("range", 1)).text()).isEqualTo("1");
  }

  @Test
  void the_time_is_the_clocks_in_its_zone() {
    Clock clock =
        Clock.fixed(Instant.parse("2025-01-01T20:05:09.5Z"), ZoneId.of("Asia/Ho_Chi_Minh"));
    String pattern =
        "%Y-%m-%d %-d %e %H:%M:%S.%f %I%p %j %a %A %b %B %y %U %W %V %u %w %% %D %F %T %R %C";
    assertThat(
            ChatTemplate.parse("{{ strftime_now(f) }}")
                .render(Map.of("f", pattern), Limits.DEFAULT, clock)
                .text())
        .isEqualTo(
            "2025-01-02 2  2 03:05:09.500000 03AM 002 Thu Thursday Jan January 25 00 00 01 4 4 %"
                + " 01/02/25 2025-01-02 03:05:09 03:05 20");
  }

  @Test
  void one_template_serves_many_threads() {
    ChatTemplate template = ChatTemplate.parse(Fixtures.source("llama3_1"));
    String alone =
        template.render(Fixtures.contexts().get("tools"), Limits.DEFAULT, Fixtures.CLOCK).text();
    assertThat(
            IntStream.range(0, 64)
                .parallel()
                .mapToObj(
                    i ->
                        template
                            .render(
                                Fixtures.contexts().get("tools"), Limits.DEFAULT, Fixtures.CLOCK)
                            .text())
                .distinct())
        .containsExactly(alone);
  }

  private static Rendering render(String source) {
    return ChatTemplate.parse(source).render(Map.of());
  }
}
