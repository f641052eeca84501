package dev.gamelan.text.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * Small templates, one feature each, against what Jinja2 3.1 made of them: {@code features.py}
 * beside the rows wrote them.
 */
final class JinjaFeaturesTest {
  private static final List<JsonNode> LINES =
      Fixtures.resource("features.jsonl").lines().map(Fixtures.JSON::readTree).toList();
  private static final JsonNode CONTEXT = LINES.getFirst().get("context");

  static List<JsonNode> rows() {
    return LINES.subList(1, LINES.size());
  }

  @ParameterizedTest
  @MethodSource("rows")
  void small_templates_do_what_jinja_does(JsonNode row) {
    String source = row.get("source").stringValue();
    if (row.has("expected")) {
      assertThat(render(source)).isEqualTo(row.get("expected").stringValue());
      return;
    }
    var thrown =
        assertThatThrownBy(() -> render(source))
            .asInstanceOf(InstanceOfAssertFactories.type(TemplateException.class))
            .matches(e -> e.line().isPresent());
    // The words of Jinja's own errors are kept; Python's and the parser's are ours.
    if (row.has("error")) {
      thrown.returns(row.get("error").stringValue(), TemplateException::reason);
    }
  }

  private static String render(String source) {
    return ChatTemplate.parse(source).render(CONTEXT, Limits.DEFAULT, Fixtures.CLOCK).text();
  }
}
