package dev.gamelan.app;

import dev.gamelan.app.command.Stages;
import dev.gamelan.app.console.Logging;
import dev.gamelan.app.console.Shell;

/** Where the launcher enters. */
public final class Main {
  private Main() {}

  /** Runs one command and ends the JVM with its exit status. Ctrl-C ends it with 130. */
  public static void main(String[] arguments) {
    Logging.lazily();
    System.exit(Stages.run(Shell.ofProcess(), arguments));
  }
}
