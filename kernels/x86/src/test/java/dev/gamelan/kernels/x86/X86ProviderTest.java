package dev.gamelan.kernels.x86;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.kernels.x86.CpuFeatures.Feature;
import dev.gamelan.tensor.spi.Availability;
import dev.gamelan.tensor.spi.Backends;
import dev.gamelan.tensor.spi.ComputeMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class X86ProviderTest {
  private static String refusal(Availability availability) {
    return switch (availability) {
      case Availability.Unusable(String reason) -> reason;
      case Availability.Usable _ -> "";
    };
  }

  @Test
  void other_systems_and_processors_are_refused_with_the_reason() {
    assertThat(X86Provider.machine("Linux", "amd64")).isEmpty();
    assertThat(X86Provider.machine("Linux", "aarch64").orElseThrow()).contains("aarch64");
    assertThat(X86Provider.machine("Mac OS X", "x86_64").orElseThrow()).contains("Mac OS X");
    assertThat(X86Provider.vectorModule(false).orElseThrow()).contains("--add-modules");
    CpuFeatures old = new CpuFeatures("Old CPU", Set.of(Feature.AVX2, Feature.FMA));
    assertThat(refusal(X86Provider.choose(old, 16))).contains("Old CPU").contains("F16C");
    assertThat(refusal(X86Provider.choose(old, 8))).contains("vector width here is 128");
  }

  @Test
  void the_width_of_the_vectors_chooses_the_kernels() {
    CpuFeatures wide = new CpuFeatures("Wide CPU", Set.of(Feature.values()));
    for (int columns : new int[] {16, 32}) {
      assertThat(X86Provider.choose(wide, columns))
          .isInstanceOfSatisfying(
              Availability.Usable.class,
              u ->
                  assertThat(u.capabilities().hardware())
                      .contains(columns == 16 ? "AVX2 kernels" : "AVX512 kernels"));
    }
  }

  @Test
  void the_processor_has_what_linux_says_it_has() throws Exception {
    Machine.assumeRuns(Simd.AVX2);
    CpuFeatures cpu = CpuFeatures.detect(new CodeMemory());
    String flags = Files.readString(Path.of("/proc/cpuinfo"));
    assertThat(cpu.has().contains(Feature.AVX2)).isEqualTo(flags.contains(" avx2"));
    assertThat(cpu.has().contains(Feature.FMA)).isEqualTo(flags.contains(" fma"));
    assertThat(cpu.has().contains(Feature.AVX512)).isEqualTo(flags.contains(" avx512vl"));
    assertThat(cpu.has().contains(Feature.AMX_BF16)).isEqualTo(flags.contains(" amx_bf16"));
    assertThat(flags).contains(cpu.brand());
  }

  @Test
  void it_is_preferred_to_the_vector_backend_and_refuses_modes_it_lacks() throws Exception {
    Machine.assumeRuns(Simd.AVX2);
    try (var kernels = Backends.open(Optional.empty(), 1, ComputeMode.F32)) {
      assertThat(kernels.name()).isEqualTo("x86");
      assertThat(kernels.hardware()).contains("kernels");
    }
    assertThatThrownBy(() -> new X86Provider().open(1, ComputeMode.BF16))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("F32 only");
  }
}
