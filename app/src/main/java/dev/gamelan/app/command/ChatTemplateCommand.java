package dev.gamelan.app.command;

import dev.gamelan.app.console.Shell;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code gamelan chat-template …}. */
@Command(
    name = "chat-template",
    description = "Turn conversations into the texts that chat models are trained on.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Example:",
      "  gamelan chat-template render --template chatml.jinja --context conversation.json"
    })
final class ChatTemplateCommand extends Group {
  private ChatTemplateCommand() {}

  static CommandLine line(Shell shell) {
    return new CommandLine(new ChatTemplateCommand())
        .addSubcommand(new ChatTemplateRenderCommand(shell));
  }
}
