package dev.gamelan.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gamelan.app.console.ResultStream;
import dev.gamelan.app.console.Shell;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class GoneReaderTest {
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void a_reader_that_has_gone_ends_a_command_without_a_word() {
    assertThat(completionInto("Broken pipe")).isEqualTo(141);
    assertThat(err.size()).isZero();
  }

  @Test
  void a_full_disk_is_said_and_the_status_is_1() {
    assertThat(completionInto("No space left on device")).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains("could not write the result: No space left on device");
  }

  @Test
  void a_stream_remembers_its_first_failure_only() {
    ResultStream stream = new ResultStream(failing("first"));
    assertThat(stream.failure()).isEmpty();
    stream.print("a");
    stream.print("b");
    assertThat(stream.failure().orElseThrow()).hasMessage("first");
    assertThat(stream.readerHasGone()).isFalse();
  }

  private int completionInto(String failure) {
    Shell shell =
        new Shell(
            new ByteArrayInputStream(new byte[0]),
            new ResultStream(failing(failure)),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            Map.of(),
            false,
            false,
            Optional.empty());
    return Stages.run(shell, "completion", "bash");
  }

  private static OutputStream failing(String message) {
    return new OutputStream() {
      private int writes;

      @Override
      public void write(int b) throws IOException {
        throw new IOException(writes++ == 0 ? message : message + " again");
      }
    };
  }
}
