package dev.gamelan.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Hugging Face → GGUF → Hugging Face, over the fixtures of all families that GGUF has. */
class ConversionTest {
  @TempDir private Path folder;

  private static Path fixture(String name) {
    Path path =
        Path.of(System.getProperty("gamelan.shared", "../../shared"))
            .resolve("fixtures/families")
            .resolve(name);
    assumeTrue(Files.exists(path), () -> "skipped: there is no " + path);
    return path;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "llama1",
        "llama2-gqa",
        "smollm2",
        "pythia",
        "redpajama-incite",
        "codellama",
        "deepseek-coder",
        "llama3-rope",
        "mistral",
        "mixtral",
        "qwen",
        "qwen2",
        "qwen3",
        "olmo",
        "olmo2",
        "gpt2",
        "starcoder",
        "starcoder2",
        "falcon-7b",
        "mpt",
        "llama1-bin",
        "llama1-bf16-sharded"
      })
  void a_model_comes_back_from_gguf_to_the_bit(String name) {
    Path gguf = folder.resolve("model.gguf");
    Path back = folder.resolve("back");

    Conversion.of(fixture(name)).toGguf(gguf, Optional.of(FileType.F32));
    Conversion.of(gguf).toSafetensors(back, Optional.empty());

    Checkpoint before = Checkpoint.open(fixture(name));
    Checkpoint after = Checkpoint.open(back);
    // GGUF has no key for the weight of the balancing loss, nor for where no window begins.
    assertThat(after.family().spec())
        .usingRecursiveComparison()
        .ignoringFields("attention.firstWindowedLayer", "mlp.experts.value.balance")
        .isEqualTo(before.family().spec());
    assertThat(after.tensors().keySet()).isEqualTo(before.tensors().keySet());
    before
        .tensors()
        .forEach(
            (key, t) -> assertThat(after.tensors().get(key).toFloats()).isEqualTo(t.toFloats()));
  }

  @Test
  void rows_of_queries_lie_in_the_file_as_neighbours_that_turn_together() {
    Path gguf = folder.resolve("model.gguf");
    Path fixture = fixture("llama2-gqa");
    Conversion.of(fixture).toGguf(gguf, Optional.of(FileType.F32));
    Checkpoint ours = Checkpoint.open(fixture);
    Tensor q = ours.tensors().get("layers.0.attention.q.weight");
    Tensor file = Gguf.open(gguf).tensor("blk.0.attn_q.weight");
    int half = ours.family().spec().attention().headDim() / 2;
    assertThat(file.rows(0, 1).toFloats()).isEqualTo(q.rows(0, 1).toFloats());
    assertThat(file.rows(1, 2).toFloats()).isEqualTo(q.rows(half, half + 1).toFloats());
    assertThat(file.rows(2, 3).toFloats()).isEqualTo(q.rows(1, 2).toFloats());
  }

  @ParameterizedTest
  @EnumSource(FileType.class)
  void matrices_become_the_type_that_was_asked_for_and_stay_close(FileType type) {
    Path gguf = folder.resolve("model.gguf");
    Map<String, DType> written =
        Conversion.of(fixture("llama2-gqa")).toGguf(gguf, Optional.of(type));
    Map<String, Tensor> before = Checkpoint.open(fixture("llama2-gqa")).tensors();
    // The fixture's rows are 32 wide: no whole block of the K types.
    DType up =
        switch (type) {
          case Q4_K_S, Q4_K_M -> DType.Q5_0;
          case Q5_K_S, Q5_K_M -> DType.Q5_1;
          case Q6_K -> DType.Q8_0;
          case F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1 -> type.dtype();
        };
    assertThat(written).containsEntry("output_norm.weight", DType.F32);
    assertThat(written).containsEntry("blk.0.ffn_up.weight", up);
    assertThat(written)
        .containsEntry("output.weight", type.dtype().isQuantized() ? DType.Q8_0 : type.dtype());
    boolean four = type == FileType.Q4_0 || type == FileType.Q4_1;
    boolean five = up == DType.Q5_0 || up == DType.Q5_1;
    Checkpoint.open(gguf)
        .tensors()
        .forEach(
            (name, t) -> {
              float[] a = before.get(name).toFloats();
              float[] b = t.toFloats();
              double error = 0;
              double size = 0;
              for (int i = 0; i < a.length; i++) {
                error += (a[i] - b[i]) * (double) (a[i] - b[i]);
                size += a[i] * (double) a[i];
              }
              assertThat(Math.sqrt(error / size)).isLessThan(four ? 0.12 : five ? 0.06 : 0.01);
            });
  }

  @Test
  void types_that_a_format_lacks_are_refused() {
    Conversion conversion = Conversion.of(fixture("llama2-gqa"));
    assertThatThrownBy(
            () -> conversion.toSafetensors(folder.resolve("x"), Optional.of(FileType.Q8_0)))
        .hasMessageContaining("safetensors has no Q8_0");
    assertThatThrownBy(
            () -> Conversion.of(fixture("galactica")).toGguf(folder.resolve("x"), Optional.empty()))
        .hasMessageContaining("models of the type \"opt\" are not written");
    assertThat(folder.resolve("x")).doesNotExist();
  }
}
