package dev.gamelan.kernels.x86;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gamelan.tensor.contract.KernelsContract;
import dev.gamelan.tensor.spi.Availability;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;

/** The kernels of the path that this machine's vectors choose: AVX2 or AVX-512. */
class X86KernelsTest extends KernelsContract {
  @Override
  protected Kernels open(int threads, ComputeMode mode) {
    if (new X86Provider().probe() instanceof Availability.Unusable(String reason)) {
      assumeTrue(false, "skipped: x86: " + reason);
    }
    return new X86Provider().open(threads, mode);
  }
}
