package dev.gamelan.text.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.text.template.Fixtures.Row;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.ObjectNode;

/** The templates of published models against Jinja2 3.1 with Hugging Face's settings. */
final class PublishedTemplatesTest {
  private static final Map<String, ObjectNode> CONTEXTS = Fixtures.contexts();

  static List<Row> rows() {
    return Fixtures.rows();
  }

  @ParameterizedTest
  @MethodSource("rows")
  void every_rendering_is_that_of_jinja_byte_for_byte(Row row) {
    ChatTemplate template = ChatTemplate.parse(row.template(), Fixtures.source(row.template()));
    ObjectNode context = CONTEXTS.get(row.context());
    if (row.outcome().has("expected")) {
      assertThat(template.render(context, Limits.DEFAULT, Fixtures.CLOCK).text())
          .isEqualTo(row.outcome().get("expected").stringValue());
    } else if (row.outcome().has("error")) {
      assertThatThrownBy(() -> template.render(context, Limits.DEFAULT, Fixtures.CLOCK))
          .asInstanceOf(InstanceOfAssertFactories.type(TemplateException.class))
          .returns(row.outcome().get("error").stringValue(), TemplateException::reason)
          .returns(row.template(), TemplateException::template)
          .matches(e -> e.line().isPresent());
    } else {
      // Python's own errors aren't binding in their words; all of them are errors here too.
      assertThat(row.outcome().has("python_error")).isTrue();
      assertThatThrownBy(() -> template.render(context, Limits.DEFAULT, Fixtures.CLOCK))
          .isInstanceOf(TemplateException.class);
    }
  }

  @Test
  void no_row_is_left_out() {
    List<Row> rows = Fixtures.rows();
    assertThat(rows).hasSize(200);
    assertThat(rows.stream().filter(row -> row.outcome().has("expected"))).hasSize(173);
    assertThat(rows.stream().filter(row -> row.outcome().has("error"))).hasSize(22);
    assertThat(rows.stream().filter(row -> row.outcome().has("python_error"))).hasSize(5);
    assertThat(Fixtures.sources()).hasSize(40);
  }
}
