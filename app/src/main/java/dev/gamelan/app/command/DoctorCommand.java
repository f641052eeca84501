package dev.gamelan.app.command;

import dev.gamelan.app.console.Figures;
import dev.gamelan.app.console.Shell;
import dev.gamelan.kernels.vector.MachinePeak;
import dev.gamelan.kernels.vector.Workers;
import dev.gamelan.tensor.spi.Availability;
import dev.gamelan.tensor.spi.Backends;
import dev.gamelan.tensor.spi.Backends.Candidate;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code gamelan doctor}. */
@Command(
    name = "doctor",
    description =
        "Say what computes here and why, how fast it can be, and what would make it faster.",
    footer = {
      "",
      "Examples:",
      "  gamelan doctor",
      "  gamelan doctor --threads 1 --json",
      "",
      "Takes about a second, and some memory: peak and bandwidth are measured."
    })
final class DoctorCommand extends Stage {
  @Mixin private KernelArguments kernels;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  private record Finding(
      Kernels opened, List<Candidate> candidates, MachinePeak peak, List<String> advice) {}

  DoctorCommand(Shell shell) {
    super(shell);
  }

  @Override
  int run() {
    try (Kernels opened = kernels.open(shell())) {
      List<Candidate> candidates = Backends.probe();
      MachinePeak peak;
      try (Workers workers = new Workers(opened.threads())) {
        peak = MachinePeak.measure(workers);
      }
      Finding finding = new Finding(opened, candidates, peak, advice(opened, candidates, peak));
      if (json) {
        printJson(finding);
      } else {
        printText(finding);
      }
    }
    return DONE;
  }

  /** What would make this machine faster, as far as it can be seen. */
  private static List<String> advice(Kernels opened, List<Candidate> candidates, MachinePeak peak) {
    List<String> advice = new ArrayList<>();
    int processors = Runtime.getRuntime().availableProcessors();
    if (opened.threads() < processors) {
      advice.add(
          "%d threads compute, there are %d processors: --threads %d"
              .formatted(opened.threads(), processors, processors));
    } else if (opened.threads() > processors) {
      advice.add(
          "%d threads compute on %d processors, and wait for each other: --threads %d"
              .formatted(opened.threads(), processors, processors));
    }
    if (!opened.name().equals(candidates.getFirst().name())) {
      advice.add(
          "%s computes; %s is faster".formatted(opened.name(), candidates.getFirst().name()));
    }
    for (Candidate candidate : candidates) {
      if (candidate.availability() instanceof Availability.Unusable(String reason)) {
        advice.add("%s can't compute: %s".formatted(candidate.name(), reason));
      }
    }
    double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    if (load > processors * 0.5) {
      advice.add(
          String.format(
              Locale.ROOT,
              "other processes keep the machine busy (load %.1f in the last minute): figures here"
                  + " are too low",
              load));
    }
    if (peak.threads() > 1 && peak.gigaflopsTogether() < 0.8 * peak.threads() * peak.gigaflops()) {
      advice.add(
          String.format(
              Locale.ROOT,
              "%d threads together reach %.1f times what one does: processors are shared, or slow"
                  + " down together",
              peak.threads(),
              peak.gigaflopsTogether() / peak.gigaflops()));
    }
    return advice;
  }

  private void printText(Finding f) {
    print("computes with   %s: %s%n", f.opened().name(), f.opened().hardware());
    print("mode            %s%n%n", mode(f.opened().mode()));
    print("backends, best first%n");
    for (Candidate c : f.candidates()) {
      print("  %-10s %s%n", c.name(), standing(c));
    }
    MachinePeak peak = f.peak();
    print("%n%-24s %12s %12s%n", "measured", "one thread", threads(peak));
    print("%-24s %12.1f %12.1f%n", "f32 GFLOP/s", peak.gigaflops(), peak.gigaflopsTogether());
    print("%-24s %12.1f %12.1f%n", "memory GB/s", peak.gigabytes(), peak.gigabytesTogether());
    print("%-24s %12s%n", "memory of the JVM", Figures.bytes(Runtime.getRuntime().maxMemory()));
    print("%nwhat would make it faster%n");
    if (f.advice().isEmpty()) {
      print("  nothing that can be seen from here%n");
    }
    f.advice().forEach(a -> print("  %s%n", a));
  }

  private static String threads(MachinePeak peak) {
    return peak.threads() == 1 ? "one thread" : peak.threads() + " threads";
  }

  private static String mode(ComputeMode mode) {
    return mode.name().toLowerCase(Locale.ROOT);
  }

  private static String standing(Candidate candidate) {
    return switch (candidate.availability()) {
      case Availability.Usable(var c) -> "usable: " + c.hardware();
      case Availability.Unusable(String reason) -> "not usable: " + reason;
    };
  }

  private void print(String format, Object... values) {
    shell().out().print(String.format(Locale.ROOT, format, values));
  }

  private void printJson(Finding f) {
    ObjectNode node =
        JsonMapper.shared()
            .createObjectNode()
            .put("kernels", f.opened().name())
            .put("hardware", f.opened().hardware())
            .put("mode", mode(f.opened().mode()))
            .put("threads", f.opened().threads());
    ArrayNode backends = node.putArray("backends");
    for (Candidate c : f.candidates()) {
      Optional<String> refusal =
          c.availability() instanceof Availability.Unusable(String reason)
              ? Optional.of(reason)
              : Optional.empty();
      ObjectNode entry =
          backends.addObject().put("name", c.name()).put("usable", refusal.isEmpty());
      entry.put("says", standing(c));
    }
    MachinePeak peak = f.peak();
    node.put("gigaflops", peak.gigaflops())
        .put("gigaflops_together", peak.gigaflopsTogether())
        .put("gigabytes_per_second", peak.gigabytes())
        .put("gigabytes_per_second_together", peak.gigabytesTogether());
    ArrayNode advice = node.putArray("advice");
    f.advice().forEach(advice::add);
    shell().out().println(node.toPrettyString());
  }
}
