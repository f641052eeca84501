package dev.gamelan.text.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Templates that mean harm: each ends in an error that says which limit it met. */
final class HostileTemplatesTest {
  private static final String MANY = "{% for i in range(100000) %}";

  @ParameterizedTest
  @CsvSource(
      delimiter = '¦',
      value = {
        // endless, or nearly
        MANY + MANY + "{% endfor %}{% endfor %} ¦ more than 2000000 steps",
        MANY + "{{ [1, 2, 3]|sum }}{% set x = range(90000)|sort %}{% endfor %} ¦ steps",
        "{% set s = 'x' * 1000000 %}" + MANY + "{{ s|upper|length }}{% endfor %} ¦ steps",
        "{% set s = 'a' * 3000000 %}"
            + MANY
            + "{{ s.find('a' * 1500000 ~ 'b') }}{% endfor %} ¦ steps",
        "{% set s = 'ab' * 1000000 %}"
            + MANY
            + "{{ s.replace('a', '')|length }}{% endfor %} ¦ steps",
        "{% set s = 'é👋' * 500000 %}" + MANY + "{{ s[-1] }}{% endfor %} ¦ steps",
        "{% set s = ' ' * 1000000 %}" + MANY + "{{ s|trim }}{% endfor %} ¦ steps",
        "{% set l = range(100000)|list %}" + MANY + "{{ l == l }}{% endfor %} ¦ steps",
        "{% set l = range(100000)|list %}" + MANY + "{% set m = l[::-1] %}{% endfor %} ¦ steps",
        "{% set l = range(100000)|list %}" + MANY + "{{ -1 in l }}{% endfor %} ¦ steps",
        "{% set n = 3 ** 2500 %}" + MANY + "{% set m = n * n %}{% endfor %} ¦ integer of more than",
        "{% set n = 3 ** 1200 %}" + MANY + "{% set m = n * n % 7 %}{% endfor %} ¦ steps",
        MANY + "{{ '%d' % (3 ** 2500) }}{% endfor %} ¦ steps",
        // huge
        MANY + "{{ 'x' * 10000 }}{% endfor %} ¦ the output is longer than 4000000 characters",
        "{{ 'x' * 100000000000 }} ¦ at most 4000000 are allowed",
        "{{ [0] * 100000000000 }} ¦ at most 100000 are allowed",
        "{{ range(100001) }} ¦ a list of 100001 items; at most 100000 are allowed",
        "{{ range(10 ** 100) }} ¦ range() of",
        "{{ 10 ** (10 ** 10) }} ¦ integer of more than 4096 bits",
        "{{ 7 ** (7 ** 77) }} ¦ integer of more than 4096 bits",
        "{{ 'x'.center(2000000000) }} ¦ at most 4000000",
        "{{ 'x'|indent(2000000000) }} ¦ at most 4000000",
        "{{ '%999999999d' % 1 }} ¦ at most 4000000",
        "{{ '{:999999999}'.format(1) }} ¦ at most 4000000",
        "{{ [[[1]]]|tojson(indent='x' * 3000000) }} ¦ at most 4000000",
        "{{ [1, 2]|batch(2000000000, 0)|list }} ¦ at most 100000",
        "{{ [1, 2]|slice(2000000000)|list }} ¦ at most 100000",
        "{% set ns = namespace(s='xx') %}"
            + MANY
            + "{% set ns.s = ns.s ~ ns.s %}{% endfor %} ¦ 4000000",
        "{% set ns = namespace(s='xx') %}"
            + MANY
            + "{% set ns.s = ns.s.replace('x', ns.s) %}{% endfor %} ¦ allowed",
        "{% set ns = namespace(s=[1, 1]) %}"
            + MANY
            + "{% set ns.s = ns.s + ns.s %}{% endfor %} ¦ at most 100000",
        "{% set ns = namespace(s=[1]) %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s }} ¦ allowed",
        "{% set ns = namespace(s=[1]) %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s|tojson }} ¦ allowed",
        "{% set ns = namespace(s=[1], t=[1]) %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% set ns.t = [ns.t, ns.t] %}{% endfor %}{{ ns.s == ns.t }} ¦ steps",
        // deep
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }} ¦ nests or recurses deeper than 500",
        "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }} ¦ deeper",
        "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %} ¦ deeper than 500",
        "{% macro m() %}{{ caller() }}{% endmacro %}{% macro r() %}{% call m() %}{{ r() }}{% endcall %}{% endmacro %}{{ r() }} ¦ deeper",
        "{% macro m(x=m()) %}{% endmacro %}{{ m() }} ¦ deeper",
        "{% set ns = namespace(s=[]) %}"
            + MANY
            + "{% set ns.s = [ns.s] %}{% endfor %}{{ ns.s }} ¦ deeper",
        "{% set ns = namespace(s=[]) %}"
            + MANY
            + "{% set ns.s = [ns.s] %}{% endfor %}{{ ns.s|tojson }} ¦ deeper",
        "{% set ns = namespace(s=(1,)) %}"
            + MANY
            + "{% set ns.s = (ns.s,) %}{% endfor %}{{ {ns.s: 1} }} ¦ deeper",
        "{% set ns = namespace() %}{% set ns.self = ns %}{{ ns }} ¦ deeper than 500",
        "{{ ['map']|map('map', 'map')|list|tojson }} ¦ needs the name of a filter",
      })
  void what_would_never_end_ends_and_says_why(String source, String reason) {
    assertThatThrownBy(() -> ChatTemplate.parse(source).render(Map.of()))
        .isInstanceOf(TemplateException.class)
        .hasMessageStartingWith("chat template, line 1: ")
        .hasMessageContaining(reason);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{ ''.__class__ }}",
        "{{ ''['__class__'] }}",
        "{{ [].__class__.__base__.__subclasses__() }}",
        "{{ {}.__init__.__globals__ }}",
        "{{ raise_exception.__globals__ }}",
        "{{ ''|attr('__class__') }}",
        "{{ [1]|map(attribute='__class__')|list }}",
        "{{ [1]|selectattr('__class__')|list }}",
        "{{ [1]|sort(attribute='__class__') }}",
        "{{ '{0.__class__}'.format(1) }}",
        "{{ '{x.__class__}'.format(x=1) }}",
        "{{ messages.getClass() }}",
        "{{ messages.class.forName('java.lang.Runtime') }}",
        "{{ messages[0].role.class.classLoader }}",
        "{{ namespace.__init__ }}",
        "{{ loop.__class__ }}",
        "{{ self.__init__ }}",
        "{% macro m() %}{% endmacro %}{{ m.__globals__ }}",
        "{{ cycler.next() }}",
        "{{ lipsum.x }}",
        "{% import 'os' as os %}",
        "{% include '/etc/passwd' %}",
        "{% extends 'x' %}",
        "{{ messages.append(1) }}",
        "{{ messages[0].update(role='x') }}",
        "{{ messages.sort() }}",
        "{% set messages.x = 1 %}",
        "{% set messages[0].role = 'x' %}",
      })
  void there_is_no_way_out_of_the_values(String source) {
    Map<String, Object> context = Map.of("messages", List.of(Map.of("role", "user")));
    assertThatThrownBy(() -> ChatTemplate.parse(source).render(context))
        .isInstanceOf(TemplateException.class)
        .hasMessageContaining("line 1: ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(",
        "[",
        "{1:",
        "-",
        "not ",
        "x[",
        "x(",
        "1 if 1 else ",
        "x|f(",
        "'a' ~ (",
        "1 is f("
      })
  void deep_expressions_are_refused_by_the_parser_or_the_evaluator(String part) {
    String source = "{{ " + part.repeat(50_000) + "1 }}";
    assertThatThrownBy(() -> ChatTemplate.parse(source).render(Map.of("x", 1)))
        .isInstanceOf(TemplateException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% if 1 %}",
        "{% for x in [1] %}",
        "{% macro m() %}",
        "{% set x %}",
        "{% filter upper %}"
      })
  void deep_blocks_are_refused_by_the_parser(String tag) {
    assertThatThrownBy(() -> ChatTemplate.parse(tag.repeat(50_000)))
        .isInstanceOf(TemplateException.class)
        .hasMessageContaining("nested deeper than 200");
  }

  @ParameterizedTest
  @ValueSource(strings = {" + 1", ".a", "|abs", " and 1", "[0]", "()", " * 2"})
  void endless_chains_are_refused_or_evaluated(String link) {
    ChatTemplate template = ChatTemplate.parse("{{ 1" + link.repeat(100_000) + " }}");
    assertThatThrownBy(() -> template.render(Map.of()))
        .isInstanceOf(TemplateException.class)
        .hasMessageContaining("deeper than 500");
  }

  @Test
  void odd_sources_are_lexed_in_linear_time() {
    for (String part :
        List.of("{% ", "{{ '", "{#", "{%- raw %}", "1_", "{", "%}", "\n", "{%raw%}{%", " \t")) {
      String source = part.repeat(200_000);
      try {
        ChatTemplate.parse("a", source);
      } catch (TemplateException e) {
        assertThat(e).hasMessageStartingWith("a");
      }
      try {
        ChatTemplate.parse("a", "{{ " + source + " }}");
      } catch (TemplateException e) {
        assertThat(e).hasMessageStartingWith("a");
      }
    }
  }

  @Test
  void a_template_too_long_is_refused() {
    assertThatThrownBy(() -> ChatTemplate.parse("x".repeat(4_000_001)))
        .hasMessage("chat template: 4000001 characters; at most 4000000 are allowed");
  }

  @Test
  void a_context_that_holds_itself_or_java_objects_is_refused() {
    Map<String, Object> self = new HashMap<>();
    self.put("self", self);
    ChatTemplate template = ChatTemplate.parse("{{ x }}");
    assertThatThrownBy(() -> template.render(self))
        .isInstanceOf(TemplateException.class)
        .hasMessage("chat template: the context is nested deeper than 200");
    assertThatThrownBy(() -> template.render(Map.of("x", List.of(Thread.currentThread()))))
        .isInstanceOf(TemplateException.class)
        .hasMessageContaining("the context's x[0] is a java.lang.Thread; a template takes strings");
  }

  @Test
  void limits_can_be_tightened() {
    ChatTemplate template = ChatTemplate.parse("{% for x in range(5) %}ab{% endfor %}");
    Clock clock = Fixtures.CLOCK;
    assertThat(template.render(Map.of(), new Limits(100, 10, 5, 10), clock).text()).hasSize(10);
    assertThatThrownBy(() -> template.render(Map.of(), new Limits(10, 10, 5, 10), clock))
        .hasMessageContaining("more than 10 steps");
    assertThatThrownBy(() -> template.render(Map.of(), new Limits(100, 9, 5, 10), clock))
        .hasMessageContaining("longer than 9 characters");
    assertThatThrownBy(() -> template.render(Map.of(), new Limits(100, 10, 4, 10), clock))
        .hasMessageContaining("at most 4 are allowed");
    assertThatThrownBy(() -> template.render(Map.of(), new Limits(100, 10, 5, 1), clock))
        .hasMessageContaining("deeper than 1");
    assertThatThrownBy(() -> new Limits(0, 1, 1, 1)).hasMessageContaining("at least 1");
    assertThatThrownBy(() -> new Limits(1, 1, 1, 2001)).hasMessageContaining("1..2000");
  }
}
