package dev.gamelan.app.command;

import dev.gamelan.model.Model;
import dev.gamelan.tensor.spi.Kernels;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options by which a command is given a model. */
final class ModelArguments {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "MODEL",
      description =
          "A folder with config.json, model.safetensors and tokenizer.json, a .gguf, or a llama2.c"
              + " .bin.")
  private Path model;

  @Option(
      names = "--tokenizer",
      paramLabel = "FILE",
      description = "The tokenizer, where it doesn't lie beside the model.")
  private Optional<Path> tokenizer = Optional.empty();

  Model open(Kernels kernels) {
    return tokenizer.isPresent()
        ? Model.open(model, tokenizer.get(), kernels)
        : Model.open(model, kernels);
  }
}
