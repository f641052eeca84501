package dev.gamelan.app.command;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code gamelan} itself: the options that every command shares. */
@Command(
    name = "gamelan",
    description = "An open, reproducible language model, end to end, on the JVM.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "'gamelan COMMAND --help' explains a command and gives examples.",
      "Exit status: 0 done, 1 the work or a check failed, 2 wrong usage or bad input,"
          + " 130 interrupted.",
      "Environment: GAMELAN_JAVA_HOME (the JDK to use), GAMELAN_OPTS (JVM options), NO_COLOR."
    })
final class Root implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Log in detail, and show stack traces with errors.")
  private boolean verbose;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this help.")
  private boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Show the version, the JDK and the machine.")
  private boolean version;

  boolean verbose() {
    return verbose;
  }

  @Override
  public Integer call() {
    // No command at all: somebody's first try. Help is the answer, but not a success.
    spec.commandLine().usage(spec.commandLine().getErr());
    return picocli.CommandLine.ExitCode.USAGE;
  }
}
