package dev.gamelan.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gamelan.model.Decoder;
import dev.gamelan.model.DecoderSpec;
import dev.gamelan.model.TinyModels;
import dev.gamelan.model.family.Config;
import dev.gamelan.model.family.Families;
import dev.gamelan.model.family.Family;
import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Shape;
import dev.gamelan.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

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
        .ignoringFields("attention.windowed", "mlp.experts.value.balance")
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

  /** Three experts of 16 and a shared one of 24 in both layers. */
  private static final String QWEN2_MOE =
      """
      {"architectures": ["Qwen2MoeForCausalLM"], "model_type": "qwen2_moe", "vocab_size": 50,
       "hidden_size": 32, "intermediate_size": 40, "num_hidden_layers": 2,
       "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 64,
       "rms_norm_eps": 1e-6, "rope_theta": 1000000.0, "num_experts": 3, "num_experts_per_tok": 2,
       "moe_intermediate_size": 16, "shared_expert_intermediate_size": 24}
      """;

  @Test
  void the_experts_of_a_layer_lie_in_one_tensor_beside_the_shared_one() {
    Family family =
        Families.read(new Config("test", JsonMapper.builder().build().readTree(QWEN2_MOE)));
    Decoder decoder = new Decoder(family.spec());
    Map<String, Tensor> weights = TinyModels.weights(decoder, 5);
    Checkpoint.save(folder.resolve("moe"), family, weights);
    Path gguf = folder.resolve("moe.gguf");
    Conversion.of(folder.resolve("moe")).toGguf(gguf, Optional.of(FileType.F32));

    Gguf file = Gguf.open(gguf);
    assertThat(file.tensor("blk.1.ffn_down_exps.weight").shape()).isEqualTo(new Shape(3, 32, 16));
    assertThat(file.tensor("blk.1.ffn_gate_inp_shexp.weight").elements()).isEqualTo(32);
    Checkpoint back = Checkpoint.open(gguf);
    assertThat(back.family().spec()).isEqualTo(family.spec());
    weights.forEach(
        (name, t) -> assertThat(back.kept().get(name).toFloats()).isEqualTo(t.toFloats()));
    float[] second = weights.get("layers.1.mlp.experts.1.down.weight").toFloats();
    assertThat(file.tensor("blk.1.ffn_down_exps.weight").rows(32, 64).toFloats()).isEqualTo(second);
  }

  @Test
  void qwen_3_s_experts_come_back_without_a_shared_one() {
    String json =
        QWEN2_MOE
            .replace("Qwen2MoeForCausalLM", "Qwen3MoeForCausalLM")
            .replace("qwen2_moe", "qwen3_moe")
            .replace(
                "\"num_experts\": 3",
                "\"num_experts\": 3, \"norm_topk_prob\": true, \"head_dim\": 16");
    Family family = Families.read(new Config("test", JsonMapper.builder().build().readTree(json)));
    Map<String, Tensor> weights = TinyModels.weights(new Decoder(family.spec()), 6);
    Checkpoint.save(folder.resolve("moe3"), family, weights);
    Path gguf = folder.resolve("moe3.gguf");
    Conversion.of(folder.resolve("moe3")).toGguf(gguf, Optional.of(FileType.F32));
    Checkpoint back = Checkpoint.open(gguf);
    assertThat(back.family().spec()).isEqualTo(family.spec());
    weights.forEach(
        (name, t) -> assertThat(back.kept().get(name).toFloats()).isEqualTo(t.toFloats()));
  }

  @Test
  void what_an_architecture_has_no_key_for_is_refused_before_anything_is_written() {
    String plain =
        QWEN2_MOE.replace("\"num_experts\": 3", "\"num_experts\": 3, \"mlp_only_layers\": [0]");
    Family family = Families.read(new Config("test", JsonMapper.builder().build().readTree(plain)));
    Path moe = folder.resolve("mixed");
    Checkpoint.save(moe, family, TinyModels.weights(new Decoder(family.spec()), 5));
    Path gguf = folder.resolve("mixed.gguf");
    assertThatThrownBy(() -> Conversion.of(moe).toGguf(gguf, Optional.empty()))
        .hasMessageContaining("mlp_only_layers is [0]")
        .hasMessageContaining("the architecture qwen2moe has no key for it");
    assertThat(gguf).doesNotExist();
  }

  @Test
  void a_file_in_parts_opens_as_one_whichever_part_is_named() {
    Path whole = folder.resolve("whole.gguf");
    Conversion.of(fixture("llama2-gqa")).toGguf(whole, Optional.of(FileType.F32));
    Gguf file = Gguf.open(whole);
    List<String> names = List.copyOf(file.names());
    for (int part = 0; part < 3; part++) {
      writePart(file, names, part, 3);
    }
    Map<String, Tensor> expected = Checkpoint.open(whole).tensors();
    for (int part = 1; part <= 3; part++) {
      Path named = folder.resolve("cut-0000%d-of-00003.gguf".formatted(part));
      Map<String, Tensor> read = Checkpoint.open(named).tensors();
      assertThat(read.keySet()).isEqualTo(expected.keySet());
      expected.forEach((n, t) -> assertThat(read.get(n).toFloats()).isEqualTo(t.toFloats()));
    }
    Path second = folder.resolve("cut-00002-of-00003.gguf");
    Path first = folder.resolve("cut-00001-of-00003.gguf");
    writePart(file, names, 0, 3, second);
    assertThatThrownBy(() -> Gguf.open(first)).hasMessageContaining("it says it is part 0 of 3");
    second.toFile().delete();
    assertThatThrownBy(() -> Gguf.open(first))
        .hasMessageContaining("its part cut-00002-of-00003.gguf is missing");
  }

  private void writePart(Gguf file, List<String> names, int part, int count) {
    Path to = folder.resolve("cut-%05d-of-%05d.gguf".formatted(part + 1, count));
    writePart(file, names, part, count, to);
  }

  private static void writePart(Gguf file, List<String> names, int part, int count, Path to) {
    Map<String, GgufValue> keys = new LinkedHashMap<>(part == 0 ? file.metadata() : Map.of());
    keys.put("split.no", new GgufValue.Whole(GgufValue.Type.UINT16, part));
    keys.put("split.count", new GgufValue.Whole(GgufValue.Type.UINT16, count));
    keys.put("split.tensors.count", new GgufValue.Whole(GgufValue.Type.INT32, names.size()));
    List<GgufWriter.Entry> entries = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      if (i * count / names.size() == part) {
        Tensor t = file.tensor(names.get(i));
        entries.add(GgufWriter.Entry.of(names.get(i), t, t.dtype()));
      }
    }
    GgufWriter.write(to, keys, entries);
  }

  @Test
  void mixtures_are_llama_quantize_s() {
    // What llama-quantize chose for SmolLM2-135M, whose 576 columns are no whole super-blocks.
    DecoderSpec spec =
        Families.read(new Config("test", JsonMapper.builder().build().readTree(SMOLLM2))).spec();
    GgufMixture medium = new GgufMixture(FileType.Q4_K_M, "llama", spec);
    Shape attention = new Shape(192, 576);
    Shape down = new Shape(576, 1536);
    assertThat(medium.of("token_embd.weight", new Shape(49152, 576))).isEqualTo(DType.Q8_0);
    assertThat(medium.of("blk.0.attn_v.weight", attention)).isEqualTo(DType.Q8_0);
    assertThat(medium.of("blk.3.attn_v.weight", attention)).isEqualTo(DType.Q5_0);
    assertThat(medium.of("blk.5.attn_v.weight", attention)).isEqualTo(DType.Q8_0);
    assertThat(medium.of("blk.0.ffn_down.weight", down)).isEqualTo(DType.Q6_K);
    assertThat(medium.of("blk.4.ffn_down.weight", down)).isEqualTo(DType.Q4_K);
    assertThat(medium.of("blk.29.ffn_down.weight", down)).isEqualTo(DType.Q6_K);
    assertThat(medium.of("blk.0.attn_norm.weight", new Shape(576))).isEqualTo(DType.F32);
    GgufMixture small = new GgufMixture(FileType.Q4_K_S, "llama", spec);
    assertThat(small.of("blk.2.ffn_down.weight", down)).isEqualTo(DType.Q5_K);
    assertThat(small.of("blk.3.ffn_down.weight", down)).isEqualTo(DType.Q4_K);
    assertThat(small.of("blk.3.attn_v.weight", attention)).isEqualTo(DType.Q5_1);
    assertThat(new GgufMixture(FileType.Q4_0, "llama", spec).of("token_embd.weight", attention))
        .isEqualTo(DType.Q8_0);
    assertThat(medium.of("blk.0.ffn_up.weight", new Shape(10, 33))).isEqualTo(DType.F16);
  }

  private static final String SMOLLM2 =
      """
      {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 49152,
       "hidden_size": 576, "intermediate_size": 1536, "num_hidden_layers": 30,
       "num_attention_heads": 9, "num_key_value_heads": 3, "max_position_embeddings": 8192,
       "tie_word_embeddings": true}
      """;
}
