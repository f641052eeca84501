package dev.gamelan.app.command;

import dev.gamelan.app.console.Shell;
import dev.gamelan.model.family.Nearest;
import dev.gamelan.tensor.spi.Backends;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options by which a command is told what to compute with. */
final class KernelArguments {
  @Option(
      names = "--kernels",
      paramLabel = "NAME",
      description = "The backend: x86, vector, scalar (default: the fastest that runs here).")
  private Optional<String> kernels = Optional.empty();

  @Option(
      names = "--compute",
      paramLabel = "MODE",
      defaultValue = "f32",
      description = "What operands of products are rounded to: f32, bf16 (default: f32).")
  private ComputeMode compute;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads that compute (default: all processors). They don't change results.")
  private Optional<Integer> threads = Optional.empty();

  /**
   * Opens the kernels asked for. Where the best ones lack the mode, and slower ones are taken, that
   * is said.
   *
   * @throws IllegalArgumentException if they cannot be had; for an unknown name with the nearest
   */
  Kernels open(Shell shell) {
    List<String> known = Backends.probe().stream().map(Backends.Candidate::name).toList();
    Optional<String> named = kernels.filter(name -> !name.equals("auto"));
    named
        .filter(name -> !known.contains(name))
        .ifPresent(
            name -> {
              throw new IllegalArgumentException(
                  "there is no backend '%s'; the nearest is '%s'; known are %s"
                      .formatted(
                          name, Nearest.to(name, known).orElse("none"), String.join(", ", known)));
            });
    Kernels opened = Backends.open(named, threads(), compute);
    if (named.isEmpty() && !opened.name().equals(known.getFirst())) {
      shell
          .err()
          .printf(
              "gamelan: kernels: %s computes, which is slower: %s cannot be had in mode %s here%n",
              opened.name(), known.getFirst(), compute);
    }
    return opened;
  }

  int threads() {
    return threads.orElseGet(() -> Runtime.getRuntime().availableProcessors());
  }
}
