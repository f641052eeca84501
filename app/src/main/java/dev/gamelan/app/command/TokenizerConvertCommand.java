package dev.gamelan.app.command;

import dev.gamelan.app.console.Shell;
import dev.gamelan.text.convert.Conversion;
import dev.gamelan.text.hf.HfTokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code gamelan tokenizer convert}. */
@Command(
    name = "convert",
    description = "Write a tokenizer of any format as tokenizer.json, which gives the same ids.",
    footer = {
      "",
      "Examples:",
      "  gamelan tokenizer convert --tokenizer llama2/tokenizer.model --out llama2-hf",
      "  gamelan tokenizer convert --tokenizer cl100k_base.tiktoken.gz --out cl100k",
      "  gamelan tokenizer convert --tokenizer model.gguf --out vocabulary"
    })
final class TokenizerConvertCommand extends Stage {
  @Mixin private TokenizerArgument tokenizer;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FOLDER",
      description = "Where tokenizer.json and tokenizer_config.json go.")
  private Path out;

  @Option(names = "--replace", description = "Replace a tokenizer that is there already.")
  private boolean replace;

  TokenizerConvertCommand(Shell shell) {
    super(shell);
  }

  @Override
  int run() throws Exception {
    Path file = out.resolve("tokenizer.json");
    if (Files.exists(file) && !replace) {
      throw badUsage(file + " exists; choose another --out, or give --replace");
    }
    HfTokenizer converted = Conversion.toHuggingFace(tokenizer.open());
    converted.save(out);
    shell().out().printf("%s: %d tokens%n", file, converted.vocabularySize());
    return DONE;
  }
}
