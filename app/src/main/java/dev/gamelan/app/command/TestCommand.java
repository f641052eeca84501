package dev.gamelan.app.command;

import dev.gamelan.app.console.Shell;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code gamelan test}: the launcher runs it, because Maven does the work; this is its help. */
@Command(
    name = "test",
    description = "Run every test, name the skipped ones, and count them.",
    footer = {
      "",
      "Examples:",
      "  gamelan test                              everything, as CI does",
      "  gamelan test -pl text -am                 one module and those below it",
      "",
      "Ends with a line '12 passed, 0 failed, 1 skipped'; exit status 0 only if the whole build"
          + " is good."
    })
final class TestCommand extends Stage {
  @Parameters(arity = "0..*", paramLabel = "MAVEN", description = "More arguments for Maven.")
  private List<String> maven = List.of();

  TestCommand(Shell shell) {
    super(shell);
  }

  @Override
  int run() {
    throw badUsage(
        "tests are run by the launcher, as the first word: ./gamelan test "
            + String.join(" ", maven));
  }
}
