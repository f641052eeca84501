package dev.gamelan.app.command;

import dev.gamelan.app.console.Shell;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/** What a command line gave: its exit status and both streams. */
record Captured(int status, String out, String err) {
  /** Runs one in this JVM, with {@code input} on stdin and no terminal in sight. */
  static Captured run(String input, String... arguments) {
    return run(input, Map.of(), false, arguments);
  }

  static Captured run(
      String input, Map<String, String> environment, boolean terminal, String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Shell shell =
        new Shell(
            new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
            new PrintStream(out, false, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            environment,
            terminal,
            terminal,
            Optional.empty());
    int status = Stages.run(shell, arguments);
    return new Captured(
        status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }
}
