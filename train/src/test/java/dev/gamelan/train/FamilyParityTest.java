package dev.gamelan.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gamelan.model.checkpoint.Safetensors;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Backends;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every family runs as in the reference: logits, gradients, AdamW, greedy tokens, saving. */
class FamilyParityTest {
  /** Every folder beside this test, on both backends. */
  static Stream<Arguments> families() throws Exception {
    try (Stream<Path> folders = Files.list(own(""))) {
      return folders
          .map(f -> f.getFileName().toString())
          .sorted()
          .flatMap(f -> Stream.of(Arguments.of(f, "scalar"), Arguments.of(f, "vector")))
          .toList()
          .stream();
    }
  }

  @ParameterizedTest
  @MethodSource("families")
  void a_family_equals_its_reference_in_every_row(String family, String backend) throws Exception {
    List<Parity.Row> rows = check(own(family), backend);

    assertThat(rows).allMatch(Parity.Row::holds);
    assertThat(rows.stream().map(Parity.Row::what))
        .contains("tensors that saving changes")
        .containsAll(expectedRows(own(family).resolve("expected.safetensors")));
  }

  /** A row for everything that the reference holds. */
  private static Set<String> expectedRows(Path reference) {
    Set<String> rows = new TreeSet<>();
    for (String name : Safetensors.open(reference).names()) {
      switch (name) {
        case "input_ids" -> {}
        case "greedy" -> rows.add("greedy tokens that differ");
        case "adamw_losses" -> rows.add("adamw losses");
        case "adamw_grad_norms" -> rows.add("adamw gradient norms");
        default -> rows.add(name);
      }
    }
    assertThat(rows).contains("logits", "loss", "greedy tokens that differ").hasSizeGreaterThan(6);
    return rows;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "smollm2",
        "llama3-rope",
        "codellama",
        "deepseek-coder",
        "redpajama-incite",
        "llama1-bf16-sharded"
      })
  void a_shared_fixture_of_these_shapes_equals_its_reference(String family) {
    Path folder =
        Path.of(System.getProperty("gamelan.shared", "../../shared"), "fixtures/families", family);
    assumeTrue(Files.isDirectory(folder), () -> folder + " is absent");

    assertThat(check(folder, "vector")).isNotEmpty().allMatch(Parity.Row::holds);
  }

  @ParameterizedTest
  @CsvSource({
    "logits, logits",
    "loss, loss",
    "grad.model.layers.1.mlp.down_proj.weight, grad.model.layers.1.mlp.down_proj.weight",
    "adamw_losses, adamw losses",
    "adamw_grad_norms, adamw gradient norms",
    "greedy, greedy tokens that differ"
  })
  void one_wrong_value_in_the_reference_fails_its_row_and_no_other(
      String doctored, String row, @TempDir Path folder) throws Exception {
    Path own = own("llama1");
    Files.copy(own.resolve("config.json"), folder.resolve("config.json"));
    Files.copy(own.resolve("model.safetensors"), folder.resolve("model.safetensors"));
    Map<String, Tensor> expected = new LinkedHashMap<>();
    Safetensors reference = Safetensors.open(own.resolve("expected.safetensors"));
    for (String name : reference.names()) {
      expected.put(name, reference.tensor(name));
    }
    expected.computeIfPresent(doctored, (name, t) -> changed(t));
    Safetensors.write(folder.resolve("expected.safetensors"), expected, Map.of());

    assertThat(check(folder, "vector").stream().filter(r -> !r.holds()).map(Parity.Row::what))
        .containsExactly(row);
  }

  private static Tensor changed(Tensor t) {
    Tensor copy = Tensor.allocate(java.lang.foreign.Arena.ofAuto(), t.dtype(), t.shape().extents());
    copy.segment().copyFrom(t.segment());
    long column = t.columns() - 1;
    if (t.dtype() == dev.gamelan.tensor.DType.I32) {
      copy.setInt(t.rows() - 1, column, t.getInt(t.rows() - 1, column) ^ 1);
    } else {
      copy.set(t.rows() - 1, column, t.get(t.rows() - 1, column) * 1.01f + 0.01f);
    }
    return copy;
  }

  @Test
  void a_folder_without_a_reference_is_named(@TempDir Path folder) throws Exception {
    Path own = own("pythia");
    Files.copy(own.resolve("config.json"), folder.resolve("config.json"));
    Files.copy(own.resolve("model.safetensors"), folder.resolve("model.safetensors"));

    assertThatThrownBy(() -> check(folder, "scalar"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(folder.toString())
        .hasMessageContaining("expected.safetensors is missing");
  }

  @Test
  void a_reference_of_another_model_is_an_error_that_names_what_does_not_fit(@TempDir Path folder)
      throws IOException, URISyntaxException {
    Path own = own("pythia");
    Files.copy(own.resolve("config.json"), folder.resolve("config.json"));
    Files.copy(own.resolve("model.safetensors"), folder.resolve("model.safetensors"));
    Files.copy(
        own("llama1").resolve("expected.safetensors"), folder.resolve("expected.safetensors"));

    assertThatThrownBy(() -> check(folder, "scalar"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the reference has");
  }

  private static Path own(String family) throws URISyntaxException {
    return Path.of(FamilyParityTest.class.getResource("/families/" + family).toURI());
  }

  private static List<Parity.Row> check(Path folder, String backend) {
    try (Kernels kernels = Backends.open(Optional.of(backend), 2, ComputeMode.F32)) {
      return Parity.check(folder, kernels);
    }
  }
}
