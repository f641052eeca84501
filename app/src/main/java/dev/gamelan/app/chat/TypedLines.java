package dev.gamelan.app.chat;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.reader.impl.completer.StringsCompleter;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/**
 * Lines that somebody types at a terminal, with editing, history (of this conversation) and
 * completion of commands. Pasted text may have several lines.
 */
public final class TypedLines implements Lines {
  private static final String PROMPT = "> ";

  private final Terminal terminal;
  private final LineReader reader;
  private volatile boolean interrupted;

  /**
   * @param commands what the tab key completes
   */
  public TypedLines(List<String> commands) throws IOException {
    terminal = TerminalBuilder.builder().name("gamelan").system(true).dumb(false).build();
    terminal.handle(Terminal.Signal.INT, _ -> interrupted = true);
    // Apostrophes and backslashes are text here.
    DefaultParser parser = new DefaultParser().quoteChars(new char[0]).escapeChars(new char[0]);
    reader =
        LineReaderBuilder.builder()
            .terminal(terminal)
            .parser(parser)
            .completer(new StringsCompleter(commands))
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
            .option(LineReader.Option.HISTORY_IGNORE_SPACE, false)
            .option(LineReader.Option.BRACKETED_PASTE, true)
            .build();
  }

  @Override
  public Optional<String> next() {
    while (true) {
      try {
        String line = reader.readLine(PROMPT);
        interrupted = false;
        return Optional.of(line);
      } catch (UserInterruptException e) {
        if (e.getPartialLine().isEmpty()) {
          terminal.writer().println("Ctrl-D or /quit ends the conversation, /help says more.");
        }
      } catch (EndOfFileException e) {
        return Optional.empty();
      }
    }
  }

  @Override
  public BooleanSupplier interruption() {
    return () -> interrupted;
  }

  @Override
  public void close() throws IOException {
    terminal.close();
  }
}
