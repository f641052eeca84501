package dev.gamelan.app.command;

import dev.gamelan.app.console.Shell;
import dev.gamelan.model.Model;
import dev.gamelan.model.vision.ImageFile;
import dev.gamelan.model.vision.ImageProcessor;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Kernels;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options by which a command is given a model. */
final class ModelArguments {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "MODEL",
      description =
          "A folder with config.json, weights (.safetensors, or PyTorch's .bin or .pth) and"
              + " tokenizer.json; one such file of weights in such a folder; a .gguf; a llama2.c"
              + " .bin; or hf:OWNER/NAME, fetched before by 'pull'.")
  private ModelName model;

  @Option(names = "--pull", description = "Fetch an hf:OWNER/NAME that isn't in the cache.")
  private boolean pull;

  @Option(
      names = "--tokenizer",
      paramLabel = "FILE",
      description = "The tokenizer, where it doesn't lie beside the model.")
  private Optional<Path> tokenizer = Optional.empty();

  @Option(
      names = "--adapter",
      paramLabel = "FOLDER",
      description = "A LoRA to run beside the weights: a folder that peft has saved.")
  private Optional<Path> adapter = Optional.empty();

  /** Where the model lies; what is on the Hub only is fetched if that is wanted. */
  Path path(Shell shell) {
    return pull ? model.fetch(shell) : model.locate(shell);
  }

  /**
   * Images as the model reads them, by the processor's configuration beside it.
   *
   * @throws IllegalArgumentException if the model reads none, or a file is no image
   */
  List<Tensor> images(Shell shell, Model opened, List<Path> files) {
    if (files.isEmpty()) {
      return List.of();
    }
    if (opened.decoder().spec().vision().isEmpty()) {
      throw new IllegalArgumentException(
          "image %s: model %s reads text only".formatted(files.getFirst(), path(shell)));
    }
    ImageProcessor processor = ImageProcessor.open(path(shell));
    return files.stream().map(file -> processor.process(ImageFile.read(file))).toList();
  }

  /** Opens the model. A tokenizer much smaller than its vocabulary is doubted, not refused. */
  Model open(Shell shell, Kernels kernels) {
    Path path = path(shell);
    Model opened = Model.open(path, tokenizer, adapter, kernels);
    if (tokenizer.isPresent()) {
      int known = opened.tokenizer().vocabularySize();
      int rows = opened.decoder().spec().vocabulary();
      if (known > rows) {
        throw new IllegalArgumentException(
            "tokenizer %s has %d tokens, the model %d; this tokenizer isn't the model's"
                .formatted(tokenizer.get(), known, rows));
      }
      // Published models are padded by a few percent at most, small ones to a multiple of 128.
      if (rows - known > Math.max(127, rows / 20)) {
        shell
            .err()
            .printf(
                "gamelan: tokenizer %s has %d tokens only, the model %d; is it the model's?%n",
                tokenizer.get(), known, rows);
      }
    }
    return opened;
  }
}
