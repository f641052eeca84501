package dev.gamelan.app.command;

import dev.gamelan.app.console.Shell;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code gamelan completion bash|zsh}. */
@Command(
    name = "completion",
    description = "Print a script that completes Gamelan's commands and options in a shell.",
    footer = {
      "",
      "Examples:",
      "  source <(gamelan completion bash)                     in ~/.bashrc",
      "  autoload -U compinit bashcompinit && compinit && bashcompinit",
      "  source <(gamelan completion zsh)                      in ~/.zshrc, both lines"
    })
final class CompletionCommand extends Stage {
  enum Kind {
    bash,
    zsh
  }

  @Parameters(paramLabel = "SHELL", description = "One of: ${COMPLETION-CANDIDATES}.")
  private Kind kind;

  CompletionCommand(Shell shell) {
    super(shell);
  }

  @Override
  int run() {
    // One script serves both: under zsh it asks for bash's way of completing by itself.
    shell().out().print(AutoComplete.bash("gamelan", spec().root().commandLine()));
    return DONE;
  }
}
