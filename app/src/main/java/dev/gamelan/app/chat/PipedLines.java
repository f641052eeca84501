package dev.gamelan.app.chat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Lines of a file or a pipe: each is a turn; empty ones are none. */
public final class PipedLines implements Lines {
  private final BufferedReader reader;

  /** Over a stream of UTF-8, which is not closed. */
  public PipedLines(InputStream in) {
    this.reader =
        new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()));
  }

  @Override
  public Optional<String> next() throws IOException {
    try {
      return Optional.ofNullable(reader.readLine());
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "stdin is not UTF-8 text; convert it (iconv -f ENCODING -t UTF-8)", e);
    }
  }

  @Override
  public void close() {
    // The stream is the process's own.
  }
}
