package dev.gamelan.tensor.scalar;

import dev.gamelan.tensor.spi.Availability;
import dev.gamelan.tensor.spi.Capabilities;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.KernelProvider;
import dev.gamelan.tensor.spi.Kernels;
import java.util.Set;

/** The scalar backend: runs everywhere, in both modes, and is chosen last. */
public final class ScalarProvider implements KernelProvider {
  /** What {@code --kernels} knows it by. */
  static final String NAME = "scalar";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Availability probe() {
    return new Availability.Usable(
        new Capabilities(
            ScalarKernels.HARDWARE,
            Set.of(ComputeMode.F32, ComputeMode.BF16),
            Integer.MIN_VALUE + 1));
  }

  /**
   * @param threads at least 1; one computes, whatever it is
   */
  @Override
  public Kernels open(int threads, ComputeMode mode) {
    if (threads < 1) {
      throw new IllegalArgumentException(
          "scalar kernels: threads is " + threads + "; at least 1 is needed");
    }
    return new ScalarKernels(threads, mode);
  }
}
