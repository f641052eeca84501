package dev.gamelan.app.console;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/** A stream for results, in UTF-8, that knows why writing failed. It keeps nothing back. */
public final class ResultStream extends PrintStream {
  private final Recorder recorder;

  /** Writes to {@code out}. */
  public ResultStream(OutputStream out) {
    this(new Recorder(out));
  }

  private ResultStream(Recorder recorder) {
    super(recorder, false, StandardCharsets.UTF_8);
    this.recorder = recorder;
  }

  /** Why writing failed first; empty as long as it didn't. */
  public Optional<IOException> failure() {
    return recorder.failure;
  }

  /** Whether writing failed because who read the pipe has ended, as {@code head} does. */
  public boolean readerHasGone() {
    // The system's words, in its language: all that I/O in Java says.
    return recorder
        .failure
        .map(IOException::getMessage)
        .filter(message -> message.toLowerCase(Locale.ROOT).contains("pipe"))
        .isPresent();
  }

  private static final class Recorder extends FilterOutputStream {
    private Optional<IOException> failure = Optional.empty();

    Recorder(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      try {
        out.write(bytes, from, length);
      } catch (IOException e) {
        failure = failure.or(() -> Optional.of(e));
        throw e;
      }
    }

    @Override
    public void flush() throws IOException {
      try {
        out.flush();
      } catch (IOException e) {
        failure = failure.or(() -> Optional.of(e));
        throw e;
      }
    }
  }
}
