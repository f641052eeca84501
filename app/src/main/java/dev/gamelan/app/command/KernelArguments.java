package dev.gamelan.app.command;

import dev.gamelan.tensor.spi.Backends;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options by which a command is told what to compute with. */
final class KernelArguments {
  @Option(
      names = "--kernels",
      paramLabel = "NAME",
      description = "The backend: vector, scalar (default: the fastest that runs here).")
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

  Kernels open() {
    return Backends.open(kernels.filter(name -> !name.equals("auto")), threads(), compute);
  }

  int threads() {
    return threads.orElseGet(() -> Runtime.getRuntime().availableProcessors());
  }
}
