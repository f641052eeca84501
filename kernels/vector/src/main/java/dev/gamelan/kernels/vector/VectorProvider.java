package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.spi.Availability;
import dev.gamelan.tensor.spi.Capabilities;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.KernelProvider;
import dev.gamelan.tensor.spi.Kernels;
import java.util.Set;

/**
 * Kernels written with the Vector API ({@code jdk.incubator.vector}), f32. The width is the
 * machine's own, or what the system property {@code gamelan.vector.bits} (128, 256, 512) says.
 */
public final class VectorProvider implements KernelProvider {
  private static final String MODULE = "jdk.incubator.vector";
  private static final Set<String> WIDTHS = Set.of("128", "256", "512");
  private static final int PREFERENCE = 100;

  @Override
  public String name() {
    return "vector";
  }

  @Override
  public Availability probe() {
    return probe(ModuleLayer.boot().findModule(MODULE).isPresent());
  }

  /** Touches no class of the Vector API unless it is there. */
  static Availability probe(boolean vectorApi) {
    if (!vectorApi) {
      return new Availability.Unusable(
          "the module " + MODULE + " isn't there; start java with --add-modules=" + MODULE);
    }
    String bits = System.getProperty("gamelan.vector.bits", "256");
    if (!WIDTHS.contains(bits)) {
      return new Availability.Unusable(
          "gamelan.vector.bits is \"%s\", but must be 128, 256 or 512".formatted(bits));
    }
    return new Availability.Usable(
        new Capabilities(VectorKernels.vectors(), Set.of(ComputeMode.F32), PREFERENCE));
  }

  @Override
  public Kernels open(int threads, ComputeMode mode) {
    return switch (mode) {
      case F32 -> new VectorKernels(threads);
      case BF16 ->
          throw new IllegalArgumentException(
              "kernels: 'vector' offers mode F32 only, not %s".formatted(mode));
    };
  }
}
