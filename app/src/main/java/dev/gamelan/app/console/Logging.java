package dev.gamelan.app.console;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.logging.LogManager;

/**
 * How {@link System.Logger} reaches the user: one line a record on stderr; warnings only, or
 * everything of Gamelan's own with {@code --verbose}. Named in {@code
 * java.util.logging.config.class}, so that the JVM makes one when the first line is logged, and not
 * before: it would cost every start.
 */
public final class Logging {
  private static final String DETAIL = "gamelan.verbose";

  /** Made by the JVM's log manager. */
  public Logging() {
    configure();
  }

  /** Has the log manager configured by this class once it is needed. */
  public static void lazily() {
    System.setProperty("java.util.logging.config.class", Logging.class.getName());
  }

  /** Logs everything from now on. */
  public static void inDetail() {
    System.setProperty(DETAIL, "true");
    configure();
  }

  private static void configure() {
    boolean detail = Boolean.getBoolean(DETAIL);
    System.setProperty(
        "java.util.logging.SimpleFormatter.format", "gamelan: %4$s: %3$s: %5$s%6$s%n");
    String properties =
        """
        handlers = java.util.logging.ConsoleHandler
        java.util.logging.ConsoleHandler.level = %s
        .level = WARNING
        dev.gamelan.level = %s
        """
            .formatted(detail ? "ALL" : "WARNING", detail ? "ALL" : "WARNING");
    try {
      LogManager.getLogManager()
          .readConfiguration(
              new ByteArrayInputStream(properties.getBytes(StandardCharsets.ISO_8859_1)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
