package dev.gamelan.app.console;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a command sees of the world outside: its streams, the environment, and whether somebody
 * watches. Results go to {@code out}, progress and complaints to {@code err}.
 *
 * @param in standard input, in bytes
 * @param out where results go, in UTF-8
 * @param err where progress, notes and errors go, in UTF-8
 * @param environment the environment variables
 * @param outIsTerminal whether somebody looks at {@code out}
 * @param errIsTerminal whether somebody looks at {@code err}, so that a line may be redrawn
 * @param home the folder of the Gamelan checkout that runs, where the launcher named one
 */
public record Shell(
    InputStream in,
    PrintStream out,
    PrintStream err,
    Map<String, String> environment,
    boolean outIsTerminal,
    boolean errIsTerminal,
    Optional<Path> home) {

  public Shell {
    environment = Map.copyOf(environment);
  }

  /**
   * This process's own streams. The launcher says in the system property {@code gamelan.terminals}
   * which of them are terminals (Java can't tell for stderr alone), and in {@code gamelan.home}
   * where it stands.
   */
  public static Shell ofProcess() {
    List<String> terminals = List.of(System.getProperty("gamelan.terminals", "").split(","));
    return new Shell(
        System.in,
        new ResultStream(new FileOutputStream(FileDescriptor.out)),
        new PrintStream(System.err, true, StandardCharsets.UTF_8),
        System.getenv(),
        terminals.contains("out"),
        terminals.contains("err"),
        Optional.ofNullable(System.getProperty("gamelan.home")).map(Path::of));
  }

  /** Whether somebody types {@code in} and looks at {@code out}: then a line can be edited. */
  public boolean isInteractive() {
    List<String> terminals = List.of(System.getProperty("gamelan.terminals", "").split(","));
    return in == System.in && outIsTerminal && terminals.contains("in");
  }

  /**
   * All of standard input as text.
   *
   * @throws IllegalArgumentException if it is not UTF-8
   */
  public String text() throws IOException {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(in.readAllBytes()))
          .toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "stdin is not UTF-8 text; convert it (iconv -f ENCODING -t UTF-8)", e);
    }
  }

  /**
   * Whether results may carry colours: not into files and pipes, not on a dumb terminal, and not
   * where <a href="https://no-color.org">NO_COLOR</a> is set to something.
   */
  public boolean outHasColour() {
    return outIsTerminal && coloursWanted();
  }

  /** Whether messages may carry colours; see {@link #outHasColour()}. */
  public boolean errHasColour() {
    return errIsTerminal && coloursWanted();
  }

  /** Whether one line on {@code err} can be redrawn in place. */
  public boolean errIsLive() {
    return errIsTerminal && !"dumb".equals(environment.getOrDefault("TERM", "dumb"));
  }

  private boolean coloursWanted() {
    return environment.getOrDefault("NO_COLOR", "").isEmpty()
        && !"dumb".equals(environment.getOrDefault("TERM", "dumb"));
  }
}
