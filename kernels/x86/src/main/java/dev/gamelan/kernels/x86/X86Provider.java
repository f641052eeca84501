package dev.gamelan.kernels.x86;

import dev.gamelan.kernels.vector.InnerLoops;
import dev.gamelan.kernels.vector.VectorBackend;
import dev.gamelan.tensor.spi.Availability;
import dev.gamelan.tensor.spi.Capabilities;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.KernelProvider;
import dev.gamelan.tensor.spi.Kernels;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Kernels assembled at start-up: Linux on x86-64 with AVX2 or AVX-512, f32. What isn't an innermost
 * loop of a product is the vector backend's.
 */
public final class X86Provider implements KernelProvider {
  private static final String VECTOR_MODULE = "jdk.incubator.vector";
  private static final int PREFERENCE = 200;

  @Override
  public String name() {
    return "x86";
  }

  @Override
  public Availability probe() {
    return machine(System.getProperty("os.name", ""), System.getProperty("os.arch", ""))
        .or(() -> vectorModule(ModuleLayer.boot().findModule(VECTOR_MODULE).isPresent()))
        .<Availability>map(Availability.Unusable::new)
        .orElseGet(X86Provider::processor);
  }

  /** Why this machine can't, if it can't. */
  static Optional<String> machine(String system, String architecture) {
    boolean fits =
        system.toLowerCase(Locale.ROOT).startsWith("linux")
            && (architecture.equals("amd64") || architecture.equals("x86_64"));
    return fits
        ? Optional.empty()
        : Optional.of("it needs Linux on x86-64; this is %s on %s".formatted(system, architecture));
  }

  static Optional<String> vectorModule(boolean there) {
    return there
        ? Optional.empty()
        : Optional.of(
            "its other operations need the module %s; start java with --add-modules=%s"
                .formatted(VECTOR_MODULE, VECTOR_MODULE));
  }

  private static Availability processor() {
    try {
      return choose(CpuFeatures.detect(new CodeMemory()), InnerLoops.columns());
    } catch (CodeMemory.RefusedException e) {
      return new Availability.Unusable(e.getMessage());
    }
  }

  /**
   * Which kernels suit: a pure function of the processor and the panels that the vector backend's
   * width gives.
   */
  static Availability choose(CpuFeatures cpu, int columns) {
    Optional<Simd> simd = simd(columns);
    if (simd.isEmpty()) {
      return new Availability.Unusable(
          "there are kernels for vectors of 256 and 512 bits, the vector width here is %d"
              .formatted(columns * 16));
    }
    Set<CpuFeatures.Feature> lacking = new java.util.TreeSet<>(simd.get().needs());
    lacking.removeAll(cpu.has());
    if (!lacking.isEmpty()) {
      return new Availability.Unusable(
          "%s lacks %s"
              .formatted(
                  cpu.brand(),
                  lacking.stream().map(Object::toString).collect(Collectors.joining(", "))));
    }
    return new Availability.Usable(
        new Capabilities(describe(cpu, simd.get()), Set.of(ComputeMode.F32), PREFERENCE));
  }

  private static Optional<Simd> simd(int columns) {
    for (Simd simd : Simd.values()) {
      if (simd.columns() == columns) {
        return Optional.of(simd);
      }
    }
    return Optional.empty();
  }

  private static String describe(CpuFeatures cpu, Simd simd) {
    return "%s, %s kernels; the CPU has %s".formatted(cpu.brand(), simd, cpu.list());
  }

  @Override
  public Kernels open(int threads, ComputeMode mode) {
    return switch (mode) {
      case F32 -> open(threads);
      case BF16 ->
          throw new IllegalArgumentException(
              "kernels: 'x86' offers mode F32 only, not %s".formatted(mode));
    };
  }

  private static Kernels open(int threads) {
    return switch (new X86Provider().probe()) {
      case Availability.Unusable(String reason) ->
          throw new IllegalStateException("kernels: 'x86' can't be opened: " + reason);
      case Availability.Usable(Capabilities capabilities) -> {
        Simd simd = simd(InnerLoops.columns()).orElseThrow();
        yield VectorBackend.open(threads, loops(simd, capabilities.hardware()));
      }
    };
  }

  static InnerLoops loops(Simd simd, String hardware) {
    try {
      CodeMemory memory = new CodeMemory();
      return new InnerLoops(
          "x86",
          hardware,
          simd.rows(),
          new NativePanels(memory.place(PanelCode.emit(simd).toBytes())),
          Optional.of(new NativeCompact(memory, simd)));
    } catch (CodeMemory.RefusedException e) {
      throw new IllegalStateException("kernels: 'x86': " + e.getMessage(), e);
    }
  }
}
