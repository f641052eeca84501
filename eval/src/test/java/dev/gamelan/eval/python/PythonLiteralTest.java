package dev.gamelan.eval.python;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

final class PythonLiteralTest {
  private static JsonNode json(String text) {
    return JsonMapper.shared().readTree(text);
  }

  @Test
  void lists_tuples_and_dictionaries_are_read() {
    assertThat(PythonLiteral.parse("['a', \"b's\", 'c\\n\\x41\\u00e9']"))
        .contains(json("[\"a\", \"b's\", \"c\\nAé\"]"));
    assertThat(PythonLiteral.parse(" (1, -2.5, True, None,) "))
        .contains(json("[1, -2.5, true, null]"));
    assertThat(PythonLiteral.parse("{'k': [1], 'm': {}}")).contains(json("{\"k\":[1],\"m\":{}}"));
    assertThat(PythonLiteral.parse("'a' \"b\"")).contains(json("\"ab\""));
    assertThat(PythonLiteral.parse("'''a'b'''")).contains(json("\"a'b\""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[1", "a", "01", "[1 2]", "'a", "{1}", "1 2", "--1", "1e", "'\\x4'"})
  void what_isnt_a_literal_is_none(String text) {
    assertThat(PythonLiteral.parse(text)).isEmpty();
  }

  @Test
  void nesting_without_end_is_no_literal() {
    assertThat(PythonLiteral.parse("[".repeat(100_000))).isEmpty();
  }

  @Property(tries = 300)
  void what_repr_writes_is_read_back(@ForAll String text) {
    JsonNode node = JsonNodeFactory.instance.arrayNode().add(text);
    assertThat(PythonLiteral.parse(PythonText.repr(node))).contains(node);
  }

  @ParameterizedTest
  @CsvSource({
    "1.0, 1.0", "0.1, 0.1", "1e22, 1e+22", "1e16, 1e+16",
        "123456789012345680, 1.2345678901234568e+17",
    "0.0001, 0.0001", "0.00001, 1e-05", "-2.5e-7, -2.5e-07", "1234567.5, 1234567.5", "100, 100.0"
  })
  void floats_print_as_in_python(double value, String python) {
    assertThat(PythonText.real(value)).isEqualTo(python);
  }

  @Test
  void json_is_written_as_python_writes_it() {
    JsonNode value = json("{\"a\": [1, 2.50, \"é\\u0007\"], \"b\": {}, \"c\": null, \"d\": true}");
    assertThat(PythonText.json(value, 0, true))
        .isEqualTo("{\"a\": [1, 2.5, \"\\u00e9\\u0007\"], \"b\": {}, \"c\": null, \"d\": true}");
    assertThat(PythonText.json(value, 2, false))
        .isEqualTo(
            "{\n  \"a\": [\n    1,\n    2.5,\n    \"é\\u0007\"\n  ],\n  \"b\": {},\n  \"c\": null,\n  \"d\": true\n}");
  }

  @Test
  void capitalizing_lowers_the_rest() {
    assertThat(PythonText.capitalize("hELLO World")).isEqualTo("Hello world");
    assertThat(PythonText.capitalize("")).isEmpty();
    assertThat(PythonText.rstrip("a \n\u3000")).isEqualTo("a");
  }
}
