package dev.gamelan.app.command;

import dev.gamelan.app.bench.InferenceSpeed;
import dev.gamelan.app.bench.InferenceSpeed.Figure;
import dev.gamelan.app.bench.Roofline;
import dev.gamelan.app.console.Figures;
import dev.gamelan.app.console.Shell;
import dev.gamelan.kernels.vector.MachinePeak;
import dev.gamelan.kernels.vector.Workers;
import dev.gamelan.model.Model;
import dev.gamelan.tensor.spi.Kernels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code gamelan bench}. */
@Command(
    name = "bench",
    description =
        "Measure how fast a model reads prompts and writes, beside what the machine allows.",
    footer = {
      "",
      "Examples:",
      "  gamelan bench model.gguf",
      "  gamelan bench model.gguf --prompt 512 --generate 128 --sequences 1,16 --json",
      "",
      "ppN: a prompt of N tokens is read. tgN: N tokens are written, one by one, from an empty"
          + " context; @S: 32 at most of each of S sequences at once, tokens a second of all together. Figures are"
          + " medians. The roofline is what the memory and the f32 arithmetic of this machine,"
          + " measured just before, allow."
    })
final class BenchCommand extends Stage {
  /** Tokens of each sequence at most, where there are several: these runs take long. */
  private static final int BATCHED = 32;

  @Mixin private KernelArguments kernels;

  // Not required by the parser, which would ask for it before `bench train` too.
  @Parameters(
      arity = "0..1",
      paramLabel = "MODEL",
      description = "A folder with config.json and model.safetensors, a .gguf, or a llama2.c .bin.")
  private Optional<Path> given = Optional.empty();

  @Option(
      names = "--prompt",
      paramLabel = "TOKENS",
      defaultValue = "512",
      description = "Tokens of the prompt; 0 leaves it out (default: ${DEFAULT-VALUE}).")
  private int prompt;

  @Option(
      names = "--generate",
      paramLabel = "TOKENS",
      defaultValue = "128",
      description = "Tokens written a sequence; 0 leaves it out (default: ${DEFAULT-VALUE}).")
  private int generate;

  @Option(
      names = "--sequences",
      paramLabel = "N",
      split = ",",
      defaultValue = "1,4,16,64",
      description = "Sequences written at once (default: ${DEFAULT-VALUE}).")
  private List<Integer> sequences;

  @Option(
      names = "--repeat",
      paramLabel = "N",
      defaultValue = "3",
      description = "Repetitions of each (default: ${DEFAULT-VALUE}).")
  private int repeat;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  private BenchCommand(Shell shell) {
    super(shell);
  }

  static CommandLine line(Shell shell) {
    return new CommandLine(new BenchCommand(shell)).addSubcommand(new BenchTrainCommand(shell));
  }

  @Override
  int run() {
    Path model =
        given.orElseThrow(
            () -> badUsage("bench: say what to measure: a model, or 'train' for training steps"));
    if (prompt < 0 || generate < 0 || repeat < 1 || sequences.stream().anyMatch(s -> s < 1)) {
      throw badUsage(
          "bench: --prompt %d, --generate %d, --sequences %s, --repeat %d; sequences and repetitions must be at least 1, tokens not negative"
              .formatted(prompt, generate, sequences, repeat));
    }
    try (Kernels opened = kernels.open(shell())) {
      Model loaded = Model.open(model, opened);
      int context = loaded.decoder().spec().context();
      if (prompt > context || generate > context) {
        throw badUsage(
            "bench: --prompt %d, --generate %d; the model's context is %d"
                .formatted(prompt, generate, context));
      }
      // Before and after: a moment in which others compute would lower the roofline.
      MachinePeak before = peak(opened);
      List<Figure> figures = measure(loaded, opened);
      Roofline roofline =
          Roofline.of(loaded.decoder(), loaded.parameters()::tensor, before.atBest(peak(opened)));
      if (json) {
        printJson(model, opened, roofline, figures);
      } else {
        printTable(opened, roofline, figures);
      }
    }
    return DONE;
  }

  private static MachinePeak peak(Kernels opened) {
    try (Workers workers = new Workers(opened.threads())) {
      return MachinePeak.measure(workers);
    }
  }

  private List<Figure> measure(Model loaded, Kernels opened) {
    InferenceSpeed speed =
        new InferenceSpeed(loaded.decoder(), loaded.parameters(), opened, repeat);
    List<Figure> figures = new ArrayList<>();
    if (prompt > 0) {
      figures.add(speed.prefill(prompt));
    }
    if (generate > 0) {
      for (int s : sequences) {
        figures.add(speed.decode(s == 1 ? generate : Math.min(generate, BATCHED), s));
      }
    }
    return figures;
  }

  private void printTable(Kernels opened, Roofline roofline, List<Figure> figures) {
    MachinePeak peak = roofline.peak();
    print("kernels   %s, %s, mode %s%n", opened.name(), opened.hardware(), opened.mode());
    print("weights   %s a pass%n", Figures.bytes(roofline.weightBytes()));
    print(
        "machine   %.0f GFLOP/s f32, %.1f GB/s, %d threads%n%n",
        peak.gigaflopsTogether(), peak.gigabytesTogether(), peak.threads());
    print("%-10s %12s %16s %12s %8s%n", "test", "tokens/s", "least–most", "roofline", "share");
    for (Figure f : figures) {
      print(
          "%-10s %12.1f %16s %12.1f %8s%n",
          f.test(),
          f.tokensPerSecond(),
          String.format(Locale.ROOT, "%.1f–%.1f", f.least(), f.most()),
          f.roofline(roofline),
          Figures.percent(f.tokensPerSecond() / f.roofline(roofline)));
    }
  }

  private void print(String format, Object... values) {
    shell().out().print(String.format(Locale.ROOT, format, values));
  }

  private void printJson(Path model, Kernels opened, Roofline roofline, List<Figure> figures) {
    ObjectNode node =
        JsonMapper.shared()
            .createObjectNode()
            .put("model", model.toString())
            .put("kernels", opened.name())
            .put("hardware", opened.hardware())
            .put("mode", opened.mode().name().toLowerCase(Locale.ROOT))
            .put("threads", opened.threads())
            .put("weight_bytes", roofline.weightBytes())
            .put("gigaflops", roofline.peak().gigaflopsTogether())
            .put("gigabytes_per_second", roofline.peak().gigabytesTogether());
    ArrayNode list = node.putArray("tests");
    for (Figure f : figures) {
      list.addObject()
          .put("test", f.test())
          .put("tokens_per_second", f.tokensPerSecond())
          .put("least", f.least())
          .put("most", f.most())
          .put("roofline", f.roofline(roofline));
    }
    shell().out().println(node.toPrettyString());
  }
}
