package dev.gamelan.app.command;

import dev.gamelan.text.Tokenizer;
import dev.gamelan.text.Tokenizers;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option by which a command is given a tokenizer. */
final class TokenizerArgument {
  @Option(
      names = "--tokenizer",
      required = true,
      paramLabel = "X",
      description = {
        "A tokenizer.json, SentencePiece's tokenizer.model, tiktoken's ranks, Tekken, merges.txt or"
            + " vocab.bpe with its vocabulary, GGUF, llama2.c's tokenizer.bin, gzipped or not, or"
            + " a folder that holds one, e.g. a model."
      })
  private Path path;

  Path path() {
    return path;
  }

  /** Reads it. */
  Tokenizer open() throws IOException {
    return Tokenizers.open(path);
  }
}
