package dev.gamelan.app.command;

import dev.gamelan.app.console.ResultStream;
import dev.gamelan.app.console.Shell;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * A command that does something. One command is one class: picocli's annotations say its name,
 * options, description and examples; {@link #run} does the work and gives the exit status; {@link
 * Stages} lists it.
 *
 * <p>What {@code run} throws becomes one or two sentences and an exit status in {@link Failures}:
 * {@link BadUsage} and {@link IllegalArgumentException} are the caller's (2), everything else is
 * work that failed (1).
 */
abstract class Stage implements Callable<Integer> {
  /** The work was done and every check held. */
  static final int DONE = 0;

  /** The work, or a check, failed. */
  static final int FAILED = 1;

  /** Who read the results wants no more, as {@code head}: what a shell says of SIGPIPE. */
  static final int READER_GONE = 141;

  @Spec private CommandSpec spec;

  private final Shell shell;

  Stage(Shell shell) {
    this.shell = shell;
  }

  /** The streams to work with. */
  final Shell shell() {
    return shell;
  }

  /** What picocli knows of this command. */
  final CommandSpec spec() {
    return spec;
  }

  /**
   * Does the work.
   *
   * @return {@link #DONE}, or {@link #FAILED} where a check failed and the command has said which
   */
  abstract int run() throws Exception;

  @Override
  public final Integer call() throws Exception {
    int status = run();
    // A full disk or a reader that has gone would otherwise pass for success.
    if (shell.out().checkError()) {
      Optional<IOException> why = Optional.empty();
      if (shell.out() instanceof ResultStream results) {
        if (results.readerHasGone()) {
          return READER_GONE;
        }
        why = results.failure();
      }
      throw new IOException(
          "could not write the result: "
              + why.map(IOException::getMessage).orElse("the disk is full"));
    }
    return status;
  }

  /** An error in how the command was called, with the remedy: exit status 2. */
  final ParameterException badUsage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
