package dev.gamelan.app.command;

import dev.gamelan.app.console.Figures;
import dev.gamelan.app.console.Shell;
import dev.gamelan.model.Decoder;
import dev.gamelan.model.Footprint;
import dev.gamelan.model.checkpoint.Checkpoint;
import dev.gamelan.model.family.Config;
import dev.gamelan.model.family.Families;
import dev.gamelan.model.family.Family;
import dev.gamelan.model.family.Presets;
import dev.gamelan.model.vision.VisionPass;
import dev.gamelan.model.vision.VisionTower;
import dev.gamelan.tensor.DType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code gamelan plan}. */
@Command(
    name = "plan",
    customSynopsis = "gamelan plan (--preset NAME | --model MODEL) [OPTIONS]",
    description = "Say what a model needs: parameters, memory, work. Allocates nothing.",
    footer = {
      "",
      "Examples:",
      "  gamelan plan --preset llama2-70b --context 4096",
      "  gamelan plan --preset pythia-160m --batch 8 --json",
      "  gamelan plan --model runs/tour/model",
      "",
      "Work counts a multiply-add as two operations. Training is AdamW in f32: weights, gradients,"
          + " two moments, and the activations of a step on the whole batch.",
      "gamelan families lists the presets. Of a model only the configuration is needed, not the"
          + " weights."
    })
final class PlanCommand extends Stage {
  private static final List<DType> WEIGHTS = List.of(DType.F32, DType.BF16);

  /** More rows than any device holds; products of sizes stay within 63 bits. */
  private static final long MOST_TOKENS = 1L << 26;

  /** One of these. */
  private static final class Of {
    @Option(
        names = "--preset",
        required = true,
        paramLabel = "NAME",
        description = "A published configuration, e.g. llama2-70b.")
    private String preset;

    @Option(
        names = "--model",
        required = true,
        paramLabel = "MODEL",
        description =
            "A folder with config.json, a .gguf, a llama2.c .bin, or hf:OWNER/NAME in the cache.")
    private ModelName model;

    String name() {
      return preset != null ? preset : model.given();
    }
  }

  @ArgGroup(multiplicity = "1")
  private Of of = new Of();

  @Option(
      names = "--context",
      paramLabel = "TOKENS",
      description = "Tokens a sequence (default: the model's context).")
  private Optional<Integer> context = Optional.empty();

  @Option(
      names = "--batch",
      paramLabel = "SEQUENCES",
      defaultValue = "1",
      description = "Sequences at a time (default: ${DEFAULT-VALUE}).")
  private int batch;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  PlanCommand(Shell shell) {
    super(shell);
  }

  @Override
  int run() {
    Family family = of.preset != null ? Presets.load().read(of.preset) : familyOfModel();
    Decoder decoder = new Decoder(family.spec());
    int tokens = context.orElse(decoder.spec().context());
    if (batch < 1 || tokens < 1 || tokens > decoder.spec().context()) {
      throw badUsage(
          "plan: --context %d, --batch %d; both must be at least 1, the context at most the model's %d"
              .formatted(tokens, batch, decoder.spec().context()));
    }
    if ((long) batch * tokens > MOST_TOKENS) {
      throw badUsage(
          "plan: --context %d times --batch %d is %,d tokens at a time; at most %,d are planned"
              .formatted(tokens, batch, (long) batch * tokens, MOST_TOKENS));
    }
    Footprint f = Footprint.of(decoder, tokens, batch);
    Map<ModelParts, Long> parts = ModelParts.count(decoder.parameters());
    if (json) {
      printJson(f, parts, tokens, decoder);
    } else {
      printTable(f, parts, tokens, decoder);
    }
    return DONE;
  }

  /** From the configuration alone where there is one, so that no weights need be there. */
  private Family familyOfModel() {
    Path path = of.model.locate(shell());
    Path config = path.resolve("config.json");
    if (!Files.isRegularFile(config)) {
      return Checkpoint.open(path).family();
    }
    try {
      return Families.read(
          new Config(config.toString(), JsonMapper.builder().build().readTree(config.toFile())));
    } catch (JacksonException e) {
      throw new IllegalArgumentException(config + ": no JSON: " + e.getOriginalMessage(), e);
    }
  }

  private void printTable(Footprint f, Map<ModelParts, Long> parts, int tokens, Decoder decoder) {
    line(
        "model", "%s, %d sequence%s of %d tokens", of.name(), batch, batch == 1 ? "" : "s", tokens);
    line("parameters", "%,d (%s)", f.parameters(), Figures.count(f.parameters()));
    parts.forEach(
        (part, n) ->
            line(
                "  " + part.word(),
                "%,d (%s), %s in bf16",
                n,
                Figures.percent((double) n / f.parameters()),
                Figures.bytes(DType.BF16.bytes(n))));
    for (DType dtype : WEIGHTS) {
      line(
          "weights " + dtype.name().toLowerCase(Locale.ROOT),
          "%s",
          Figures.bytes(f.weightBytes(dtype)));
    }
    line("keys and values", "%s (f32)", Figures.bytes(f.kvCacheBytes()));
    line("scoring", "%s beside the weights", Figures.bytes(f.scoringBytes()));
    line(
        "training",
        "%s: %s for the parameters, %s for activations",
        Figures.bytes(f.trainingBytes()),
        Figures.bytes(f.trainingBytes() - f.trainingActivationBytes()),
        Figures.bytes(f.trainingActivationBytes()));
    line(
        "work a token",
        "%s operations forward, %s in training",
        Figures.count(f.forwardFlops()),
        Figures.count(f.trainingFlops()));
    decoder
        .vision()
        .ifPresent(
            v ->
                line(
                    "work an image",
                    "%s operations forward; it is %d tokens; its tower has %,d of the parameters",
                    Figures.count(imageFlops(v)),
                    v.spec().features(),
                    imageParameters(v)));
  }

  private static double imageFlops(VisionTower tower) {
    return VisionPass.plan(tower).cost().forward();
  }

  private static long imageParameters(VisionTower tower) {
    return tower.parameters().stream().mapToLong(p -> p.shape().elements()).sum();
  }

  private void line(String what, String format, Object... values) {
    shell().out().printf("%-16s %s%n", what, String.format(Locale.ROOT, format, values));
  }

  private void printJson(Footprint f, Map<ModelParts, Long> parts, int tokens, Decoder decoder) {
    ObjectNode node =
        JsonMapper.builder()
            .build()
            .createObjectNode()
            .put(of.preset != null ? "preset" : "model", of.name())
            .put("context", tokens)
            .put("batch", batch)
            .put("parameters", f.parameters());
    ObjectNode counts = node.putObject("parts");
    parts.forEach((part, n) -> counts.put(part.word(), n));
    ObjectNode weights = node.putObject("weight_bytes");
    for (DType dtype : WEIGHTS) {
      weights.put(dtype.name().toLowerCase(Locale.ROOT), f.weightBytes(dtype));
    }
    node.put("kv_cache_bytes", f.kvCacheBytes())
        .put("scoring_bytes", f.scoringBytes())
        .put("training_bytes", f.trainingBytes())
        .put("training_activation_bytes", f.trainingActivationBytes())
        .put("forward_flops_a_token", f.forwardFlops())
        .put("training_flops_a_token", f.trainingFlops());
    decoder
        .vision()
        .ifPresent(
            v ->
                node.putObject("images")
                    .put("parameters", imageParameters(v))
                    .put("tokens_an_image", v.spec().features())
                    .put("forward_flops_an_image", imageFlops(v)));
    shell().out().println(node.toPrettyString());
  }
}
