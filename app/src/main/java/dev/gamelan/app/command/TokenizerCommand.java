package dev.gamelan.app.command;

import dev.gamelan.app.console.Shell;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code gamelan tokenizer …}. */
@Command(
    name = "tokenizer",
    description =
        "Learn a vocabulary from texts; turn text into token ids and back; convert and compare.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Examples:",
      "  gamelan tokenizer train --text corpus/ --vocab 8192 --out runs/tokenizer",
      "  echo 'Hello world' | gamelan tokenizer encode --tokenizer runs/tokenizer --show"
    })
final class TokenizerCommand extends Group {
  private TokenizerCommand() {}

  static CommandLine line(Shell shell) {
    return new CommandLine(new TokenizerCommand())
        .addSubcommand(new TokenizerTrainCommand(shell))
        .addSubcommand(new TokenizerEncodeCommand(shell))
        .addSubcommand(new TokenizerDecodeCommand(shell))
        .addSubcommand(new TokenizerConvertCommand(shell))
        .addSubcommand(new TokenizerCompareCommand(shell))
        .addSubcommand(new TokenizerSurveyCommand(shell));
  }
}
