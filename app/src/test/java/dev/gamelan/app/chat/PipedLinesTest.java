package dev.gamelan.app.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class PipedLinesTest {
  @Test
  void lines_come_one_by_one_and_end() throws Exception {
    try (PipedLines lines =
        new PipedLines(new ByteArrayInputStream("á\n\nb".getBytes(StandardCharsets.UTF_8)))) {
      assertThat(lines.next()).contains("á");
      assertThat(lines.next()).contains("");
      assertThat(lines.next()).contains("b");
      assertThat(lines.next()).isEmpty();
    }
  }

  @Test
  void bytes_that_are_no_text_are_refused_with_the_remedy() {
    PipedLines lines = new PipedLines(new ByteArrayInputStream(new byte[] {(byte) 0xE9, '\n'}));

    assertThatThrownBy(lines::next).hasMessageContainingAll("UTF-8", "iconv");
  }
}
