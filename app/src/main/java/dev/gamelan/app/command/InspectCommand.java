package dev.gamelan.app.command;

import dev.gamelan.app.console.Figures;
import dev.gamelan.app.console.Shell;
import dev.gamelan.model.Decoder;
import dev.gamelan.model.DecoderSpec;
import dev.gamelan.model.SequencePass;
import dev.gamelan.model.checkpoint.Checkpoint;
import dev.gamelan.model.checkpoint.GgufModel;
import dev.gamelan.model.generate.KvCache;
import dev.gamelan.model.vision.VisionPass;
import dev.gamelan.model.vision.VisionSpec;
import dev.gamelan.model.vision.VisionTower;
import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.tape.Plan;
import dev.gamelan.tensor.tape.Tape;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
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
      description = "A folder, a .gguf, a llama2.c .bin or hf:OWNER/NAME in the cache.")
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
    Checkpoint checkpoint = Checkpoint.open(path);
    DecoderSpec spec = checkpoint.family().spec();
    int positions = context.orElse(spec.context());
    if (positions < 1 || positions > spec.context()) {
      throw badUsage(
          "--context is %d; it must be between 1 and the model's context of %d"
              .formatted(positions, spec.context()));
    }
    Decoder decoder = new Decoder(spec);
    var config = checkpoint.family().config();
    line("family", config.path("model_type").asString(""));
    DecoderSpec.Attention a = spec.attention();
    line(
        "shape",
        "%d layers of width %d, %d heads of %d (%d for keys and values), MLP %d, vocabulary %d%s, context %d"
            .formatted(
                spec.layers(),
                spec.width(),
                a.heads(),
                a.headDim(),
                a.kvHeads(),
                spec.mlp().hidden(),
                spec.vocabulary(),
                spec.tied() ? " (tied)" : "",
                spec.context()));
    line(
        "parameters",
        "%,d (%s)".formatted(decoder.parameterCount(), Figures.count(decoder.parameterCount())));
    decoder.vision().ifPresent(this::vision);
    types(checkpoint.tensors());
    long cache = KvCache.bytes(spec, positions);
    line(
        "cache",
        "%s for the keys and values of %,d positions in f32"
            .formatted(Figures.bytes(cache), positions));
    Plan plan =
        SequencePass.plan(
            decoder, 1, positions, SequencePass.Output.LOG_PROBS, Tape.Purpose.INFERENCE);
    line(
        "work",
        "%s FLOPs a token, the mean over %,d positions"
            .formatted(Figures.count((double) plan.cost().forward() / positions), positions));
    Optional<String> licence = GgufModel.is(path) ? GgufModel.licence(path) : Optional.empty();
    line("licence", licence.orElse("not said in the files"));
    return DONE;
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

  private void types(Map<String, Tensor> tensors) {
    Map<DType, Long> bytes = new EnumMap<>(DType.class);
    Map<DType, Integer> counts = new EnumMap<>(DType.class);
    for (Tensor t : tensors.values()) {
      bytes.merge(t.dtype(), t.dtype().bytes(t.elements()), Long::sum);
      counts.merge(t.dtype(), 1, Integer::sum);
    }
    bytes.forEach(
        (dtype, n) ->
            line(dtype.name(), "%d tensors, %s".formatted(counts.get(dtype), Figures.bytes(n))));
  }

  private void line(String what, String value) {
    shell().out().printf("%-10s  %s%n", what, value);
  }
}
