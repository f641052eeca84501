package dev.gamelan.model;

import dev.gamelan.model.adapter.Lora;
import dev.gamelan.model.checkpoint.Checkpoint;
import dev.gamelan.model.checkpoint.GgufModel;
import dev.gamelan.model.family.Family;
import dev.gamelan.model.generate.Generator;
import dev.gamelan.model.generate.Generator.Generation;
import dev.gamelan.model.generate.Sampling;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.tape.Tape;
import dev.gamelan.text.Tokenizer;
import dev.gamelan.text.Tokenizers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A model that was loaded: its decoder, its weights where they lie in the files, its tokenizer. Not
 * safe for concurrent use.
 */
public final class Model {
  private static final String NONE_BESIDE =
      "model: no tokenizer lies beside the model; name one (--tokenizer FILE)";

  private final Family family;
  private final Decoder decoder;
  private final ModelParameters parameters;
  private final Kernels kernels;
  private final Optional<Tokenizer> tokenizer;
  private final String whyNoTokenizer;

  private Model(
      Checkpoint checkpoint,
      Optional<Path> adapter,
      Kernels kernels,
      Optional<Tokenizer> tokenizer,
      String whyNoTokenizer) {
    this.family = checkpoint.family();
    Optional<Lora> lora = adapter.map(folder -> Lora.open(folder, family));
    this.decoder = lora.map(Lora::decoder).orElseGet(() -> new Decoder(checkpoint.spec()));
    this.kernels = kernels;
    this.parameters =
        ModelParameters.inPlace(
            decoder,
            kernels,
            lora.map(l -> l.unmerged(checkpoint.tensors())).orElseGet(checkpoint::kept));
    this.tokenizer = tokenizer;
    this.whyNoTokenizer = whyNoTokenizer;
  }

  /**
   * Opens a model folder or file with the tokenizer that lies beside it, if any: {@code
   * tokenizer.json} in the folder; for a llama2.c {@code NAME.bin}, a {@code tok*.bin} or {@code
   * tokenizer.bin} in its folder; a GGUF file carries its own.
   *
   * @throws IllegalArgumentException if it isn't a model, or is damaged
   */
  public static Model open(Path path, Kernels kernels) {
    return open(path, Optional.empty(), Optional.empty(), kernels);
  }

  /**
   * {@link #open(Path, Kernels)} with a tokenizer in a file of its own, and with an adapter that
   * runs beside the model's weights.
   *
   * @param adapter a folder that peft has saved
   */
  public static Model open(
      Path path, Optional<Path> tokenizer, Optional<Path> adapter, Kernels kernels) {
    Checkpoint checkpoint = Checkpoint.open(path);
    if (tokenizer.isPresent()) {
      return new Model(
          checkpoint, adapter, kernels, tokenizer.map(Model::openTokenizer), NONE_BESIDE);
    }
    if (GgufModel.is(path)) {
      // A model without a tokenizer that we can read still scores ids.
      Optional<Tokenizer> own = Optional.empty();
      String why = NONE_BESIDE;
      try {
        own = Optional.of(GgufModel.tokenizer(path));
      } catch (IllegalArgumentException e) {
        why = e.getMessage();
      }
      return new Model(checkpoint, adapter, kernels, own, why);
    }
    return new Model(
        checkpoint, adapter, kernels, tokenizerBeside(path).map(Model::openTokenizer), NONE_BESIDE);
  }

  /** {@link #open(Path, Kernels)} with the tokenizer in a file of its own. */
  public static Model open(Path path, Path tokenizer, Kernels kernels) {
    return open(path, Optional.of(tokenizer), Optional.empty(), kernels);
  }

  private static Tokenizer openTokenizer(Path path) {
    try {
      return Tokenizers.open(path);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "tokenizer %s: cannot be read: %s".formatted(path, e.getMessage()), e);
    }
  }

  private static Optional<Path> tokenizerBeside(Path path) {
    if (Files.isDirectory(path)) {
      return List.of("tokenizer.json", "tokenizer.json.gz").stream()
          .map(path::resolve)
          .filter(Files::exists)
          .findFirst();
    }
    Path folder = path.toAbsolutePath().getParent();
    return List.of("tokenizer.bin", "tok512.bin", "tok4096.bin", "tok32000.bin").stream()
        .map(folder::resolve)
        .filter(Files::exists)
        .findFirst();
  }

  public Family family() {
    return family;
  }

  public Decoder decoder() {
    return decoder;
  }

  public ModelParameters parameters() {
    return parameters;
  }

  public boolean hasTokenizer() {
    return tokenizer.isPresent();
  }

  /**
   * The model's tokenizer.
   *
   * @throws IllegalArgumentException if none was found
   */
  public Tokenizer tokenizer() {
    return tokenizer.orElseThrow(() -> new IllegalArgumentException(whyNoTokenizer));
  }

  /**
   * Continues a prompt.
   *
   * @param stream gets the text as it becomes certain
   */
  public Generation generate(String prompt, Sampling sampling, Consumer<String> stream) {
    return generate(prompt, List.of(), sampling, stream);
  }

  /**
   * Continues a prompt with images.
   *
   * @param images normalised, as an {@link dev.gamelan.model.vision.ImageProcessor} gives them; an
   *     image token of the prompt stands for each
   * @param stream gets the text as it becomes certain
   */
  public Generation generate(
      String prompt, List<Tensor> images, Sampling sampling, Consumer<String> stream) {
    return new Generator(decoder, parameters, kernels, tokenizer(), family.eos())
        .generate(prompt, images, sampling, stream);
  }

  /**
   * The log-probability (natural logarithm) of every token after the first, given those before it.
   *
   * @param ids at least 2, at most the context + 1
   * @return one less than ids: entry i is that of ids[i + 1]
   */
  public float[] logProbabilities(int[] ids) {
    if (decoder.spec().labels().isPresent()) {
      throw new IllegalArgumentException(
          "score: this model has a head of %d scores and no log-probabilities of tokens"
              .formatted(decoder.spec().labels().get()));
    }
    if (ids.length < 2) {
      throw new IllegalArgumentException(
          "score: %d tokens; at least 2 are needed, since the first has nothing before it"
              .formatted(ids.length));
    }
    int n = ids.length - 1;
    for (int id : ids) {
      if (id < 0 || id >= decoder.spec().vocabulary()) {
        throw new IllegalArgumentException(
            "score: token %d is outside the model's vocabulary of %d; is this its tokenizer?"
                .formatted(id, decoder.spec().vocabulary()));
      }
    }
    SequencePass pass =
        new SequencePass(
            decoder,
            parameters,
            kernels,
            1,
            n,
            SequencePass.Output.LOG_PROBS,
            name -> false,
            Tape.Purpose.INFERENCE);
    for (int i = 0; i < n; i++) {
      pass.tokens().setInt(0, i, ids[i]);
      pass.targets().setInt(0, i, ids[i + 1]);
    }
    pass.forward();
    return pass.result().toFloats();
  }
}
