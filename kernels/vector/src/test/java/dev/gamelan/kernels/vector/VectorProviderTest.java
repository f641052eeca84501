package dev.gamelan.kernels.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.tensor.spi.Availability;
import dev.gamelan.tensor.spi.Backends;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VectorProviderTest {
  @Test
  void it_is_found_on_the_class_path_and_chosen_before_the_scalar_backend() {
    try (Kernels kernels = Backends.open(Optional.empty(), 2, ComputeMode.F32)) {
      assertThat(kernels.name()).isEqualTo("vector");
      assertThat(kernels.hardware()).contains("-bit vectors, 2 threads");
    }
  }

  @Test
  void without_the_vector_module_it_says_what_to_do_and_the_process_goes_on() throws Exception {
    assertThat(probeIn(List.of()))
        .contains("vector: Unusable")
        .contains("--add-modules=jdk.incubator.vector")
        .contains("scalar: Usable");
  }

  @Test
  void a_width_that_is_none_makes_it_unusable_with_the_reason() throws Exception {
    assertThat(probeIn(List.of("--add-modules=jdk.incubator.vector", "-Dgamelan.vector.bits=100")))
        .contains("vector: Unusable")
        .contains("gamelan.vector.bits is \"100\"");
  }

  @Test
  void the_width_that_is_asked_for_is_taken() throws Exception {
    assertThat(probeIn(List.of("--add-modules=jdk.incubator.vector", "-Dgamelan.vector.bits=128")))
        .contains("vector: Usable")
        .contains("128-bit vectors");
  }

  @Test
  void mode_bf16_is_refused_by_name() {
    assertThatThrownBy(() -> new VectorProvider().open(1, ComputeMode.BF16))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("F32 only");
  }

  /** What {@link Probe} prints in a JVM with these options. */
  private static String probeIn(List<String> options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Probe.class.getName()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  /** A line for every backend on the class path. */
  static final class Probe {
    private Probe() {}

    public static void main(String[] arguments) {
      for (Backends.Candidate candidate : Backends.probe()) {
        System.out.println(
            switch (candidate.availability()) {
              case Availability.Usable(var capabilities) ->
                  candidate.name() + ": Usable: " + capabilities.hardware();
              case Availability.Unusable(String reason) ->
                  candidate.name() + ": Unusable: " + reason;
            });
      }
    }
  }
}
