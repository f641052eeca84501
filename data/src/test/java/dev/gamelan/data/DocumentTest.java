package dev.gamelan.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class DocumentTest {
  @Property
  void bytes_are_those_of_utf8(@ForAll String text) {
    // The JDK writes '?' for a lone surrogate; readers of a corpus write U+FFFD.
    StringBuilder clean = new StringBuilder();
    text.codePoints().forEach(c -> clean.appendCodePoint(c >= 0xD800 && c <= 0xDFFF ? 0xFFFD : c));
    assertThat(new Document("i", text, "s").bytes())
        .isEqualTo(clean.toString().getBytes(StandardCharsets.UTF_8).length);
  }

  @Property
  void only_what_survives_a_round_trip_is_utf8(@ForAll byte[] bytes) {
    boolean valid =
        Arrays.equals(
            new String(bytes, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8), bytes);
    boolean nul = new String(bytes, StandardCharsets.ISO_8859_1).indexOf('\0') >= 0;
    assertThat(Utf8.decode(bytes, 0, bytes.length) instanceof Utf8.Decoded.Text)
        .isEqualTo(valid && !nul);
  }

  @Test
  void a_document_has_an_id_and_a_source() {
    assertThatThrownBy(() -> new Document("", "t", "s")).hasMessageContaining("neither");
    assertThatThrownBy(() -> new Document("i", "t", "")).hasMessageContaining("neither");
  }
}
