package dev.gamelan.app.command;

import dev.gamelan.app.console.Shell;
import dev.gamelan.model.Model;
import dev.gamelan.model.SequencePass;
import dev.gamelan.model.checkpoint.Safetensors;
import dev.gamelan.model.generate.Inference;
import dev.gamelan.model.generate.KvCache;
import dev.gamelan.model.generate.Sequence;
import dev.gamelan.model.vision.VisionPass;
import dev.gamelan.model.vision.VisionSpec;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.tape.Tape;
import dev.gamelan.text.Tokenizer;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code gamelan logits}. */
@Command(
    name = "logits",
    customSynopsis = "gamelan logits --model MODEL (--ids N,N,… | --text TEXT) [OPTIONS]",
    description = "Show what a model expects next, or write its logits at every position.",
    footer = {
      "",
      "Examples:",
      "  gamelan logits --model SmolLM2.Q4_1.gguf --text \"The capital of France is\" --top 10",
      "  gamelan logits --model llava-1.5-7b-hf --image photo.jpg --text \"<image> shows a\"",
      "  gamelan logits --model runs/tour/model --ids 1,2,3 --out logits.safetensors",
      "",
      "The file has input_ids [1, n] and logits [1, n, vocabulary]."
    })
final class LogitsCommand extends Stage {
  /** One of the two. */
  static final class Given {
    @Option(names = "--ids", split = ",", paramLabel = "N", description = "Token ids.")
    private int[] ids = {};

    @Option(
        names = "--text",
        paramLabel = "TEXT",
        description = "A text; names of special tokens in it are those tokens.")
    private Optional<String> text = Optional.empty();
  }

  @Mixin private ModelArguments model;

  @ArgGroup(multiplicity = "1")
  private Given given = new Given();

  @Option(
      names = "--top",
      defaultValue = "5",
      paramLabel = "K",
      description = "Show the K likeliest tokens after the last (default: ${DEFAULT-VALUE}).")
  private int top;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Write the logits at every position to a safetensors file.")
  private Optional<Path> out = Optional.empty();

  @Option(
      names = "--image",
      paramLabel = "FILE",
      description =
          "A PNG or JPEG file in place of the next image token; may be given several times.")
  private List<Path> images = List.of();

  @Mixin private KernelArguments kernels;

  LogitsCommand(Shell shell) {
    super(shell);
  }

  @Override
  int run() {
    if (top < 1) {
      throw badUsage("--top is " + top + "; it must be at least 1");
    }
    try (Kernels opened = kernels.open(shell())) {
      Model loaded = model.open(shell(), opened);
      int[] ids =
          given.text.isPresent()
              ? loaded.tokenizer().encode(given.text.get(), Tokenizer.Special.PARSE)
              : given.ids;
      if (ids.length == 0) {
        throw badUsage("there is no token; give at least one");
      }
      List<Tensor> pixels = model.images(shell(), loaded, images);
      if (!pixels.isEmpty()) {
        VisionSpec vision = loaded.decoder().spec().vision().orElseThrow();
        ids = vision.expanded(ids, pixels.size(), "id " + vision.imageToken());
      }
      show(
          loaded,
          out.isPresent()
              ? all(loaded, opened, ids, pixels, out.get())
              : last(loaded, opened, ids, pixels));
    }
    return DONE;
  }

  private static float[] last(Model loaded, Kernels opened, int[] ids, List<Tensor> pixels) {
    Optional<Tensor> features =
        pixels.isEmpty()
            ? Optional.empty()
            : loaded
                .decoder()
                .vision()
                .map(v -> new VisionPass(v, loaded.parameters(), opened).features(pixels));
    KvCache cache =
        new KvCache(loaded.decoder().spec(), opened, Math.max(ids.length, KvCache.PAGE_SIZE));
    Inference inference = new Inference(loaded.decoder(), loaded.parameters(), opened, cache, 1);
    try (Sequence sequence = new Sequence(cache)) {
      return inference.feed(sequence, ids, features).toFloats();
    }
  }

  private static float[] all(
      Model loaded, Kernels opened, int[] ids, List<Tensor> pixels, Path file) {
    int vocabulary = loaded.decoder().spec().vocabulary();
    int context = loaded.decoder().spec().context();
    if (ids.length > context) {
      throw new IllegalArgumentException(
          "logits: %d tokens; the model's context is %d".formatted(ids.length, context));
    }
    SequencePass pass =
        new SequencePass(
            loaded.decoder(),
            loaded.parameters(),
            opened,
            1,
            ids.length,
            pixels.size(),
            SequencePass.Output.LOGITS,
            name -> false,
            Tape.Purpose.INFERENCE,
            1);
    for (int i = 0; i < pixels.size(); i++) {
      pass.image(i, pixels.get(i));
    }
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] < 0 || ids[i] >= vocabulary) {
        throw new IllegalArgumentException(
            "logits: token %d is outside the model's vocabulary of %d"
                .formatted(ids[i], vocabulary));
      }
      pass.tokens().setInt(0, i, ids[i]);
    }
    pass.forward();
    opened.finish();
    Tensor logits = pass.result();
    Safetensors.write(
        file,
        Map.of(
            "input_ids",
            Tensor.copyOf(ids, 1, ids.length),
            "logits",
            logits.reshape(1, ids.length, vocabulary)),
        Map.of());
    return logits.rows(ids.length - 1, ids.length).toFloats();
  }

  private void show(Model loaded, float[] logits) {
    double largest = Double.NEGATIVE_INFINITY;
    for (float x : logits) {
      largest = Math.max(largest, x);
    }
    double sum = 0;
    for (float x : logits) {
      sum += Math.exp(x - largest);
    }
    double log = largest + Math.log(sum);
    int[] best =
        IntStream.range(0, logits.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -logits[i]))
            .limit(top)
            .mapToInt(i -> i)
            .toArray();
    shell().out().printf("%8s  %10s  %8s%n", "id", "logit", "log-prob");
    for (int id : best) {
      shell()
          .out()
          .printf(
              "%8d  %10.4f  %8.4f%s%n",
              id,
              logits[id],
              logits[id] - log,
              loaded.hasTokenizer() ? "  " + piece(loaded, id) : "");
    }
  }

  private static String piece(Model loaded, int id) {
    return id < loaded.tokenizer().vocabularySize()
        ? new ShownTokens(loaded.tokenizer(), false).show(new int[] {id}).strip()
        : "";
  }
}
