package dev.gamelan.app.command;

import dev.gamelan.app.console.Shell;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code gamelan data …}. */
@Command(
    name = "data",
    description = "Turn texts into the token shards that training reads; look into them.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Examples:",
      "  gamelan data prepare --text corpus/ --tokenizer runs/tokenizer --out runs/data",
      "  gamelan data show runs/data"
    })
final class DataCommand extends Group {
  private DataCommand() {}

  static CommandLine line(Shell shell) {
    return new CommandLine(new DataCommand())
        .addSubcommand(new DataPrepareCommand(shell))
        .addSubcommand(new DataShowCommand(shell));
  }
}
