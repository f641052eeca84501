package dev.gamelan.app.command;

import dev.gamelan.app.bench.TrainingSpeed;
import dev.gamelan.app.bench.TrainingSpeed.Part;
import dev.gamelan.app.bench.TrainingSpeed.Result;
import dev.gamelan.app.console.Figures;
import dev.gamelan.app.console.Shell;
import dev.gamelan.kernels.vector.MachinePeak;
import dev.gamelan.kernels.vector.Workers;
import dev.gamelan.model.Decoder;
import dev.gamelan.model.family.Presets;
import dev.gamelan.tensor.spi.Kernels;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code gamelan bench train}. */
@Command(
    name = "train",
    description = "Measure training steps of a published shape on random tokens.",
    footer = {
      "",
      "Examples:",
      "  gamelan bench train --preset pythia-14m --sequences 4 --length 512",
      "  gamelan bench train --preset pythia-14m --profile",
      "",
      "A step is forward, backward, clipping and AdamW; figures are of the median step. With"
          + " --profile every op is timed: shares of the peak are those of the f32 peak measured"
          + " just before, GB/s those of its operands, each counted once.",
      "gamelan families lists the presets."
    })
final class BenchTrainCommand extends Stage {
  @Mixin private KernelArguments kernels;

  @Option(
      names = "--preset",
      paramLabel = "NAME",
      defaultValue = "pythia-14m",
      description = "A published configuration (default: ${DEFAULT-VALUE}).")
  private String preset;

  @Option(
      names = "--sequences",
      paramLabel = "N",
      defaultValue = "4",
      description = "Sequences a step (default: ${DEFAULT-VALUE}).")
  private int sequences;

  @Option(
      names = "--length",
      paramLabel = "TOKENS",
      defaultValue = "512",
      description = "Tokens a sequence (default: ${DEFAULT-VALUE}).")
  private int length;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "15",
      description = "How long to train, a third of it to warm up (default: ${DEFAULT-VALUE}).")
  private double seconds;

  @Option(names = "--profile", description = "Time every op.")
  private boolean profile;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  BenchTrainCommand(Shell shell) {
    super(shell);
  }

  @Override
  int run() {
    Decoder decoder = new Decoder(Presets.load().read(preset).spec());
    int context = decoder.spec().context();
    if (sequences < 1 || length < 1 || length > context || !(seconds > 0)) {
      throw badUsage(
          "bench train: --sequences %d, --length %d, --seconds %s; all must be positive, the length at most the context, %d"
              .formatted(sequences, length, seconds, context));
    }
    try (Kernels opened = kernels.open(shell())) {
      // Before and after: a moment in which others compute would lower the yardstick.
      MachinePeak before = peak(opened);
      Result result =
          new TrainingSpeed(decoder, opened, sequences, length).measure(seconds, profile);
      MachinePeak peak = before.atBest(peak(opened));
      if (json) {
        printJson(opened, peak, result);
      } else {
        printTable(opened, peak, result);
      }
    }
    return DONE;
  }

  private static MachinePeak peak(Kernels opened) {
    try (Workers workers = new Workers(opened.threads())) {
      return MachinePeak.measure(workers);
    }
  }

  private void printTable(Kernels opened, MachinePeak peak, Result r) {
    print("kernels   %s, %s, mode %s%n", opened.name(), opened.hardware(), opened.mode());
    print(
        "machine   %.0f GFLOP/s f32, %.1f GB/s, %d threads%n",
        peak.gigaflopsTogether(), peak.gigabytesTogether(), peak.threads());
    print("shape     %s, %d × %d tokens%n%n", preset, sequences, length);
    print(
        "%.0f tokens/s: %.1f ms a step, %.1f GFLOP/s, %.1f%% of the peak (median of %d steps)%n",
        r.tokensPerSecond(),
        r.milliseconds(),
        r.gigaflops(),
        100 * r.gigaflops() / peak.gigaflopsTogether(),
        r.steps());
    if (!r.ops().isEmpty()) {
      print("%n%-28s %7s %10s %10s %8s %8s%n", "op", "calls", "ms", "GFLOP/s", "of peak", "GB/s");
    }
    for (Part p : r.ops()) {
      double flops = p.flops() / p.milliseconds() / 1e6;
      print(
          "%-28s %7.0f %10.3f %10s %8s %8s%n",
          p.op(),
          p.calls(),
          p.milliseconds(),
          p.flops() == 0 ? "–" : String.format(Locale.ROOT, "%.1f", flops),
          p.flops() == 0 ? "–" : Figures.percent(flops / peak.gigaflopsTogether()),
          p.bytes() == 0
              ? "–"
              : String.format(Locale.ROOT, "%.1f", p.bytes() / p.milliseconds() / 1e6));
    }
  }

  private void print(String format, Object... values) {
    shell().out().print(String.format(Locale.ROOT, format, values));
  }

  private void printJson(Kernels opened, MachinePeak peak, Result r) {
    ObjectNode node =
        JsonMapper.shared()
            .createObjectNode()
            .put("preset", preset)
            .put("sequences", sequences)
            .put("length", length)
            .put("kernels", opened.name())
            .put("hardware", opened.hardware())
            .put("mode", opened.mode().name().toLowerCase(Locale.ROOT))
            .put("threads", opened.threads())
            .put("steps", r.steps())
            .put("milliseconds", r.milliseconds())
            .put("tokens_per_second", r.tokensPerSecond())
            .put("gigaflops", r.gigaflops())
            .put("peak_gigaflops", peak.gigaflopsTogether());
    ArrayNode ops = node.putArray("ops");
    for (Part p : r.ops()) {
      ops.addObject()
          .put("op", p.op())
          .put("calls", p.calls())
          .put("milliseconds", p.milliseconds())
          .put("flops", p.flops())
          .put("bytes", p.bytes());
    }
    shell().out().println(node.toPrettyString());
  }
}
