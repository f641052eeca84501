package dev.gamelan.app.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

final class MarkupTest {
  @Test
  void text_and_attributes_are_escaped() {
    assertThat(new Markup().element("p", "a<b> & \"c\" 'd'", "title", "\"><script>").toString())
        .isEqualToIgnoringNewLines(
            "<p title=\"&quot;&gt;&lt;script&gt;\">a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;</p>");
  }

  @Test
  void control_characters_become_their_pictures_and_lone_surrogates_a_replacement() {
    assertThat(new Markup().text("a\u0000\u001b\n\t\uD800b\uD83D\uDE00\uFFFF").toString())
        .isEqualTo("a\u2400\u241b\n\t\uFFFDb\uD83D\uDE00\uFFFD");
  }

  @Test
  void an_element_left_open_is_an_error() {
    Markup markup = new Markup().open("p");
    assertThatThrownBy(markup::toString).hasMessageContaining("still open: [p]");
  }

  @Property
  void no_text_can_open_a_tag(@ForAll String text) {
    assertThat(new Markup().text(text).toString()).doesNotContain("<", ">", "\"", "'");
  }
}
