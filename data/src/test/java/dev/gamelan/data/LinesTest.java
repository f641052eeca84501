package dev.gamelan.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class LinesTest {
  /** Gives at most {@code step} bytes at a time, as sockets and decompressors do. */
  private static InputStream trickle(byte[] bytes, int step) {
    return new ByteArrayInputStream(bytes) {
      @Override
      public synchronized int read(byte[] into, int off, int len) {
        return super.read(into, off, Math.min(len, step));
      }
    };
  }

  @Property(tries = 300)
  void lines_are_those_of_the_text_with_their_offsets(
      @ForAll @Size(max = 6) List<@IntRange(min = 0, max = 100_000) Integer> lengths,
      @ForAll boolean newlineAtEnd,
      @ForAll @IntRange(min = 1, max = 100_000) int step)
      throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < lengths.size(); i++) {
      text.append(String.valueOf((char) ('a' + i)).repeat(lengths.get(i)));
      if (i + 1 < lengths.size() || newlineAtEnd) {
        text.append('\n');
      }
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    Lines lines = new Lines(trickle(bytes, step), 100_000);
    List<String> read = new ArrayList<>();
    while (lines.advance()) {
      String line =
          new String(lines.bytes(), lines.start(), lines.length(), StandardCharsets.UTF_8);
      read.add(line);
      assertThat(lines.number()).isEqualTo(read.size());
      int offset = (int) lines.offset();
      assertThat(Arrays.copyOfRange(bytes, offset, offset + lines.length()))
          .isEqualTo(line.getBytes(StandardCharsets.UTF_8));
    }
    List<String> expected = new ArrayList<>(Arrays.asList(text.toString().split("\n", -1)));
    if (expected.getLast().isEmpty()) {
      expected.removeLast();
    }
    assertThat(read).isEqualTo(expected);
  }

  @Property(tries = 100)
  void a_line_over_the_limit_is_refused(
      @ForAll @IntRange(min = 1, max = 70_000) int limit,
      @ForAll @IntRange(min = 1, max = 100) int more)
      throws IOException {
    byte[] bytes = ("ok\n" + "x".repeat(limit + more + 2)).getBytes(StandardCharsets.UTF_8);
    Lines lines = new Lines(new ByteArrayInputStream(bytes), Math.max(limit, 2));
    assertThat(lines.advance()).isTrue();
    assertThatThrownBy(lines::advance).isInstanceOf(Lines.TooLong.class);
  }
}
