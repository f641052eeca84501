package dev.gamelan.app.command;

import dev.gamelan.app.console.Shell;
import dev.gamelan.text.InOrder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * JSON objects from stdin, one a line, each answered by one on stdout. Lines are worked on by many
 * threads and answered in order; who waits for an answer before the next question gets it.
 */
final class JsonLines {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  /** Turns one object into its answer; called by many threads at once. */
  interface Step {
    /**
     * Appends the answer, a JSON object.
     *
     * @throws IllegalArgumentException if the object isn't what it should be
     */
    void answer(JsonNode object, StringBuilder out);
  }

  private JsonLines() {}

  /**
   * Answers every line; blank ones are passed over. An error names its line, after all lines before
   * it are answered. Where nobody reads on, it returns, for the caller to say so.
   */
  static void answer(Shell shell, int threads, Step step) throws IOException {
    long[] answered = {0};
    try {
      new InOrder<byte[], String>(threads, line -> line.length, line -> answer(line, step))
          .run(
              new Lines(shell.in()),
              new InOrder.Sink<String, IOException>() {
                @Override
                public boolean take(String answer) {
                  answered[0]++;
                  shell.out().append(answer);
                  return answered[0] % 1024 != 0 || !shell.out().checkError();
                }

                @Override
                public void pause() {
                  shell.out().flush();
                }
              });
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "stdin, line %d: not JSON: %s".formatted(answered[0] + 1, e.getOriginalMessage()), e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "stdin, line %d: %s".formatted(answered[0] + 1, e.getMessage()), e);
    }
  }

  private static String answer(byte[] bytes, Step step) {
    String line;
    try {
      line = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("not UTF-8", e);
    }
    if (line.isBlank()) {
      return "";
    }
    JsonNode object = MAPPER.readTree(line);
    if (!object.isObject()) {
      throw new IllegalArgumentException("a JSON object is needed");
    }
    StringBuilder out = new StringBuilder(2 * line.length());
    step.answer(object, out);
    return out.append('\n').toString();
  }

  /** Appends a string as JSON writes it. */
  static void quote(String text, StringBuilder out) {
    out.append(MAPPER.writeValueAsString(text));
  }

  /** The lines of stdin, in bytes. */
  private static final class Lines implements InOrder.Source<byte[], IOException> {
    private final InputStream in;
    private byte[] buffer = new byte[1 << 16];
    private int from;
    private int to;
    // Up to here there is no line feed.
    private int searched;

    Lines(InputStream in) {
      this.in = in;
    }

    @Override
    public Optional<byte[]> next() throws IOException {
      for (; ; ) {
        int end = feed();
        if (end >= 0) {
          byte[] line = Arrays.copyOfRange(buffer, from, end);
          from = end + 1;
          searched = from;
          return Optional.of(line);
        }
        if (!fill()) {
          byte[] rest = Arrays.copyOfRange(buffer, from, to);
          from = to;
          searched = to;
          return rest.length == 0 ? Optional.empty() : Optional.of(rest);
        }
      }
    }

    @Override
    public boolean ready() throws IOException {
      return feed() >= 0 || in.available() > 0;
    }

    private int feed() {
      while (searched < to && buffer[searched] != '\n') {
        searched++;
      }
      return searched < to ? searched : -1;
    }

    private boolean fill() throws IOException {
      if (from > 0) {
        System.arraycopy(buffer, from, buffer, 0, to - from);
        searched -= from;
        to -= from;
        from = 0;
      }
      if (to == buffer.length) {
        buffer = Arrays.copyOf(buffer, Math.multiplyExact(2, to));
      }
      int n = in.read(buffer, to, buffer.length - to);
      to += Math.max(0, n);
      return n > 0;
    }
  }
}
