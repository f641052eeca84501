package dev.gamelan.app.command;

import dev.gamelan.text.Tokenizer;
import dev.gamelan.text.hf.TokenizerFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option by which a command is given a tokenizer. */
final class TokenizerArgument {
  @Option(
      names = "--tokenizer",
      required = true,
      paramLabel = "X",
      description = "A tokenizer.json (gzipped or not), or a folder that holds one, e.g. a model.")
  private Path path;

  Path path() {
    return path;
  }

  /** Reads it. */
  Tokenizer open() throws IOException {
    return open(path);
  }

  /** Reads the tokenizer of a file, or of a model's folder. */
  static Tokenizer open(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return TokenizerFiles.read(path);
    }
    for (String name : new String[] {"tokenizer.json", "tokenizer.json.gz"}) {
      if (Files.exists(path.resolve(name))) {
        return TokenizerFiles.read(path.resolve(name));
      }
    }
    throw new NoSuchFileException(path.resolve("tokenizer.json").toString());
  }
}
