package dev.gamelan.app.command;

import dev.gamelan.app.console.Figures;
import dev.gamelan.app.console.Shell;
import dev.gamelan.model.Decoder;
import dev.gamelan.model.DecoderSpec;
import dev.gamelan.model.SequencePass;
import dev.gamelan.model.checkpoint.Checkpoint;
import dev.gamelan.model.checkpoint.Format;
import dev.gamelan.model.checkpoint.Licence;
import dev.gamelan.model.checkpoint.TensorSource;
import dev.gamelan.model.generate.KvCache;
import dev.gamelan.model.vision.VisionPass;
import dev.gamelan.model.vision.VisionSpec;
import dev.gamelan.model.vision.VisionTower;
import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.tape.Plan;
import dev.gamelan.tensor.tape.Tape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code gamelan inspect}. */
@Command(
    name = "inspect",
    customSynopsis = "gamelan inspect MODEL [--context N]",
    description = "Say what a model is: family, shape, parameters, types, memory and work.",
    footer = {
      "",
      "Examples:",
      "  gamelan inspect runs/tour/model",
      "  gamelan inspect SmolLM2.Q4_1.gguf --context 2048",
      "",
      "Reads the header only; memory and work come from the plan of the computation."
    })
final class InspectCommand extends Stage {
  @Parameters(
      paramLabel = "MODEL",
      description = "A folder, a .gguf, .safetensors, .bin or .pth, or hf:OWNER/NAME in the cache.")
  private ModelName model;

  @Option(
      names = "--context",
      paramLabel = "N",
      description = "Positions to reckon memory and work for (default: the model's context).")
  private Optional<Integer> context = Optional.empty();

  InspectCommand(Shell shell) {
    super(shell);
  }

  @Override
  int run() {
    Path path = model.locate(shell());
    Format format = Format.of(path);
    if ((format == Format.SAFETENSORS || format == Format.PYTORCH) && !hasConfig(path)) {
      return tensorsOnly(path, format);
    }
    long start = System.nanoTime();
    Checkpoint checkpoint = Checkpoint.open(path);
    long opened = System.nanoTime();
    DecoderSpec spec = checkpoint.spec();
    int positions = context.orElse(spec.context());
    if (positions < 1 || positions > spec.context()) {
      throw badUsage(
          "--context is %d; it must be between 1 and the model's context of %d"
              .formatted(positions, spec.context()));
    }
    Decoder decoder = new Decoder(spec);
    line("format", name(format));
    line("family", checkpoint.family().config().path("model_type").asString(""));
    line("shape", shape(spec));
    line(
        "parameters",
        "%,d (%s)".formatted(decoder.parameterCount(), Figures.count(decoder.parameterCount())));
    decoder.vision().ifPresent(this::vision);
    long weights = types(checkpoint.kept());
    Plan plan =
        SequencePass.plan(
            decoder, 1, positions, SequencePass.Output.LOG_PROBS, Tape.Purpose.INFERENCE);
    long cache = KvCache.bytes(spec, positions);
    line(
        "memory",
        "%s of weights, %s of keys and values in f32, for %,d positions"
            .formatted(Figures.bytes(weights), Figures.bytes(cache), positions));
    line(
        "work",
        "%s FLOPs a token, the mean over %,d positions"
            .formatted(Figures.count((double) plan.cost().forward() / positions), positions));
    line("licence", licence(path));
    line("opened", "in %.0f ms".formatted((opened - start) / 1e6));
    return DONE;
  }

  private static String licence(Path path) {
    return Licence.of(path).orElse("not stated");
  }

  private static boolean hasConfig(Path path) {
    return Files.exists(path.toAbsolutePath().getParent().resolve("config.json"));
  }

  /** A file of tensors with nothing that says what they make up. */
  private int tensorsOnly(Path path, Format format) {
    if (context.isPresent()) {
      throw badUsage(
          "--context: no config.json lies beside %s, so its family isn't known".formatted(model));
    }
    long start = System.nanoTime();
    List<TensorSource.Listed> tensors = TensorSource.open(path).listing();
    long opened = System.nanoTime();
    line("format", name(format));
    line("family", "not stated: no config.json lies beside the file");
    long elements = 0;
    Map<String, Long> bytes = new TreeMap<>();
    Map<String, Integer> counts = new TreeMap<>();
    for (TensorSource.Listed t : tensors) {
      elements = Math.addExact(elements, t.shape().elements());
      bytes.merge(t.dtype(), t.bytes(), Long::sum);
      counts.merge(t.dtype(), 1, Integer::sum);
    }
    line("elements", "%,d (%s)".formatted(elements, Figures.count(elements)));
    bytes.forEach(
        (dtype, n) -> line(dtype, "%d tensors, %s".formatted(counts.get(dtype), Figures.bytes(n))));
    line("licence", licence(path));
    line("opened", "in %.0f ms".formatted((opened - start) / 1e6));
    for (TensorSource.Listed t : tensors) {
      shell().out().printf("  %-8s %s  %s%n", t.dtype(), t.name(), t.shape());
    }
    return DONE;
  }

  private static String name(Format format) {
    return switch (format) {
      case FOLDER -> "Hugging Face folder";
      case GGUF -> "GGUF";
      case SAFETENSORS -> "safetensors";
      case PYTORCH -> "PyTorch pickle";
      case LLAMA2C -> "llama2.c";
    };
  }

  private static String shape(DecoderSpec spec) {
    DecoderSpec.Attention a = spec.attention();
    String experts =
        spec.mlp()
            .experts()
            .map(e -> ", %d of %d experts a token".formatted(e.chosen(), e.count()))
            .orElse("");
    String window = a.window() > 0 ? ", window %d".formatted(a.window()) : "";
    return "%d layers of width %d, %d heads of %d (%d for keys and values)%s, MLP %d%s, vocabulary %d%s, context %d"
        .formatted(
            spec.layers(),
            spec.width(),
            a.heads(),
            a.headDim(),
            a.kvHeads(),
            window,
            spec.mlp().hidden(),
            experts,
            spec.vocabulary(),
            spec.tied() ? " (tied)" : "",
            spec.context());
  }

  private void vision(VisionTower tower) {
    VisionSpec v = tower.spec();
    long parameters = tower.parameters().stream().mapToLong(p -> p.shape().elements()).sum();
    line(
        "images",
        "%d×%d pixels in patches of %d: %d tokens each; a tower of %d layers of width %d, %d heads; %,d of the parameters; %s FLOPs an image"
            .formatted(
                v.imageSize(),
                v.imageSize(),
                v.patchSize(),
                v.features(),
                v.layers(),
                v.width(),
                v.heads(),
                parameters,
                Figures.count((double) VisionPass.plan(tower).cost().forward())));
  }

  /** One line a type; the bytes of all. */
  private long types(Map<String, Tensor> tensors) {
    Map<DType, Long> bytes = new EnumMap<>(DType.class);
    Map<DType, Integer> counts = new EnumMap<>(DType.class);
    for (Tensor t : tensors.values()) {
      bytes.merge(t.dtype(), t.dtype().bytes(t.elements()), Long::sum);
      counts.merge(t.dtype(), 1, Integer::sum);
    }
    bytes.forEach(
        (dtype, n) ->
            line(dtype.name(), "%d tensors, %s".formatted(counts.get(dtype), Figures.bytes(n))));
    return bytes.values().stream().mapToLong(Long::longValue).sum();
  }

  private void line(String what, String value) {
    shell().out().printf("%-10s  %s%n", what, value);
  }
}
