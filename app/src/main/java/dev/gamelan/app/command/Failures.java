package dev.gamelan.app.command;

import dev.gamelan.app.console.Shell;
import dev.gamelan.data.DataException;
import dev.gamelan.model.family.Nearest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Turns what went wrong into one or two plain sentences on stderr and an exit status: 2 for wrong
 * usage and bad input, 1 for work that failed. The stack trace appears only with {@code --verbose}.
 */
final class Failures {
  private final Shell shell;
  private final Root root;

  Failures(Shell shell, Root root) {
    this.shell = shell;
    this.root = root;
  }

  /** Words on the command line that make no sense: says what and what was perhaps meant. */
  int onParameters(ParameterException e, String[] arguments) {
    CommandLine command = e.getCommandLine();
    StringBuilder sentence = new StringBuilder();
    if (e instanceof UnmatchedArgumentException unmatched) {
      sentence.append(kind(unmatched, command)).append(" '");
      sentence.append(unmatched.getUnmatched().getFirst()).append('\'');
      // Of what picocli finds similar, the most similar.
      Nearest.to(unmatched.getUnmatched().getFirst(), unmatched.getSuggestions())
          .ifPresent(near -> sentence.append("; did you mean ").append(near).append('?'));
    } else {
      sentence.append(plainWords(lowerFirst(firstLine(e))));
    }
    say(command, sentence.toString());
    shell.err().println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    trace(e);
    return ExitCode.USAGE;
  }

  /** An exception out of a command. */
  int onExecution(Exception e, CommandLine command, ParseResult parsed) {
    if (e instanceof ParameterException usage) {
      return onParameters(usage, new String[0]);
    }
    say(command, sentence(e));
    trace(e);
    return status(e);
  }

  /** An error out of a command that is no exception, such as memory that ran out. */
  int onError(Error e) {
    String heap = (Runtime.getRuntime().maxMemory() >> 20) + " MB";
    String sentence =
        switch (e) {
          case OutOfMemoryError memory ->
              "out of memory ("
                  + memory.getMessage()
                  + "); the heap may grow to "
                  + heap
                  + ": set GAMELAN_OPTS=-Xmx… to allow more, or ask for less at once";
          case StackOverflowError _ -> "the input is nested too deeply";
          case Error other -> unexpected(other);
        };
    shell.err().println("gamelan: " + sentence);
    trace(e);
    return ExitCode.SOFTWARE;
  }

  private static String kind(UnmatchedArgumentException e, CommandLine command) {
    if (e.isUnknownOption()) {
      return "unknown option";
    }
    return command.getSubcommands().isEmpty() ? "unexpected argument" : "unknown command";
  }

  private void say(CommandLine command, String sentence) {
    String name = command.getCommandSpec().qualifiedName();
    String operation = name.startsWith("gamelan ") ? name.substring(8) + ": " : "";
    // Some sentences begin with the operation already: "generate: the prompt is empty".
    boolean named = !operation.isEmpty() && sentence.startsWith(operation);
    shell.err().println("gamelan: " + (named ? "" : operation) + sentence);
  }

  private void trace(Throwable e) {
    if (root.verbose()) {
      e.printStackTrace(shell.err());
    }
  }

  private static int status(Exception e) {
    return switch (e) {
      case UncheckedIOException unchecked -> status(unchecked.getCause());
      case NoSuchFileException _, NotDirectoryException _, AccessDeniedException _ ->
          ExitCode.USAGE;
      case IllegalArgumentException _ -> ExitCode.USAGE;
      // Data that can't be read is bad input, unless the system failed beneath it.
      case DataException data when data.getCause() instanceof IOException io -> status(io);
      case DataException _ -> ExitCode.USAGE;
      case Exception _ -> ExitCode.SOFTWARE;
    };
  }

  private static String sentence(Exception e) {
    return switch (e) {
      case UncheckedIOException unchecked -> sentence(unchecked.getCause());
      case NoSuchFileException missing -> missing.getFile() + ": no such file or folder";
      case AccessDeniedException denied -> denied.getFile() + ": permission denied";
      case NotDirectoryException plain -> plain.getFile() + ": not a folder";
      case FileAlreadyExistsException there -> there.getFile() + ": exists already";
      case FileSystemException other when other.getReason() != null ->
          other.getFile() + ": " + other.getReason();
      case IOException io when io.getMessage() != null -> io.getMessage();
      // Deliberate complaints carry a message and come from our own code; the rest are our
      // mistakes.
      case IllegalArgumentException bad when bad.getMessage() != null -> bad.getMessage();
      case RuntimeException own when ownException(own) -> own.getMessage();
      case Exception other -> unexpected(other);
    };
  }

  private static boolean ownException(RuntimeException e) {
    return e.getMessage() != null && e.getClass().getName().startsWith("dev.gamelan.");
  }

  private static String unexpected(Throwable e) {
    return "this should not have happened ("
        + e
        + "); run it again with --verbose for the stack trace, and please report it";
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  /** Java's names of types, as people say them. */
  private static String plainWords(String message) {
    return message
        .replaceFirst("' is not (an int|a long)$", "' is not a whole number in range")
        .replaceFirst("' is not (a double|a float)$", "' is not a number");
  }

  private static String lowerFirst(String message) {
    return message.isEmpty()
        ? message
        : Character.toLowerCase(message.charAt(0)) + message.substring(1);
  }
}
