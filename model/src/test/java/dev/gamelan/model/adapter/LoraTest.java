package dev.gamelan.model.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.gamelan.model.Decoder;
import dev.gamelan.model.ModelParameters;
import dev.gamelan.model.ParameterSpec;
import dev.gamelan.model.SequencePass;
import dev.gamelan.model.TinyModels;
import dev.gamelan.model.checkpoint.Safetensors;
import dev.gamelan.model.family.Config;
import dev.gamelan.model.family.Families;
import dev.gamelan.model.family.Family;
import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Backends;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.tape.Tape;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class LoraTest {
  private static final String SHAPE =
      """
      "vocab_size": 50, "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2,
      "num_attention_heads": 2, "max_position_embeddings": 64, "num_local_experts": 3,
      "n_positions": 64, "n_layer": 2, "n_head": 2""";

  private static Family family(String type) {
    return Families.read(
        new Config(
            "test",
            JsonMapper.builder()
                .build()
                .readTree("{\"model_type\": \"" + type + "\", " + SHAPE + "}")));
  }

  private static LoraConfig config(String json) {
    return LoraConfig.read("test", JsonMapper.builder().build().readTree(json));
  }

  /** Random A and B of every side path. */
  private static Map<String, Tensor> tensors(Lora lora) {
    Map<String, Tensor> all = TinyModels.weights(lora.decoder(), 9);
    all.keySet().removeIf(name -> !lora.learns(name));
    return all;
  }

  private static Lora saved(Family family, LoraConfig config, Path folder) {
    Lora lora = Lora.create(config, family);
    lora.save(folder, tensors(lora));
    return Lora.open(folder, family);
  }

  private static float[] logits(Decoder decoder, Map<String, Tensor> weights, String backend) {
    try (Kernels kernels = Backends.open(Optional.of(backend), 2, ComputeMode.F32)) {
      SequencePass pass =
          new SequencePass(
              decoder,
              ModelParameters.inPlace(decoder, kernels, weights),
              kernels,
              1,
              20,
              SequencePass.Output.LOGITS,
              name -> false,
              Tape.Purpose.INFERENCE);
      for (int i = 0; i < 20; i++) {
        pass.tokens().setInt(0, i, 7 * i % 50);
      }
      pass.forward();
      return pass.result().toFloats();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "mixtral", "gpt2", "gpt_neox"})
  void side_paths_of_every_linear_part_give_what_the_merged_weights_give(
      String type, @TempDir Path folder) {
    Family family = family(type);
    // By an expression, so that experts and routers are among them.
    Lora lora =
        saved(family, config("{\"r\": 3, \"lora_alpha\": 6, \"target_modules\": \".*\"}"), folder);
    Decoder plain = new Decoder(family.spec());
    Map<String, Tensor> base = TinyModels.weights(plain, 4);

    float[] without = logits(plain, base, "scalar");
    for (String backend : List.of("scalar", "vector")) {
      float[] beside = logits(lora.decoder(), lora.unmerged(base), backend);
      assertThat(logits(plain, lora.merged(base), backend))
          .usingComparatorWithPrecision(2e-4f)
          .containsExactly(beside);
      assertThat(beside).isNotEqualTo(without);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "mixtral", "gpt2", "gpt_neox"})
  void what_is_saved_opens_with_the_same_bytes_under_pefts_names(
      String type, @TempDir Path folder, @TempDir Path again) throws Exception {
    Family family = family(type);
    Lora lora = saved(family, LoraConfig.of(2, 4, List.of()), folder);
    Lora.open(folder, family).save(again, lora.tensors());

    for (String file : List.of("adapter_model.safetensors", "adapter_config.json")) {
      assertThat(again.resolve(file)).hasSameBinaryContentAs(folder.resolve(file));
    }
    assertThat(Safetensors.open(folder.resolve("adapter_model.safetensors")).names())
        .allMatch(name -> name.matches("base_model\\.model\\..*\\.lora_[AB]\\.weight"));
  }

  @Test
  void only_the_side_paths_learn() {
    Lora lora = Lora.create(LoraConfig.of(2, 4, List.of("q_proj", "down_proj")), family("llama"));

    Set<String> learning = new TreeSet<>();
    for (ParameterSpec p : lora.decoder().parameters()) {
      if (lora.learns(p.name())) {
        learning.add(p.name());
      }
    }
    assertThat(learning)
        .hasSize(8)
        .contains("layers.0.attention.q.lora_a.weight", "layers.1.mlp.down.lora_b.weight");
    assertThat(
            lora.decoder().parameterCount() - new Decoder(family("llama").spec()).parameterCount())
        .isEqualTo(2L * 2 * (16 + 16 + 24 + 16));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[\"q_proj\"] | model.layers.0.self_attn.q_proj | true",
        "[\"proj\"] | model.layers.0.self_attn.q_proj | false",
        "[\"self_attn.q_proj\"] | model.layers.0.self_attn.q_proj | true",
        "\"all-linear\" | model.layers.0.self_attn.q_proj | true",
        "\".*attn.*\" | model.layers.0.self_attn.q_proj | true",
        "\"attn\" | model.layers.0.self_attn.q_proj | false",
      })
  void targets_are_the_last_parts_of_names_or_an_expression_of_the_whole(
      String targets, String module, boolean meant) {
    assertThat(config("{\"target_modules\": " + targets + "}").targets(module)).isEqualTo(meant);
  }

  @Test
  void layers_and_exclusions_narrow_the_targets() {
    LoraConfig config =
        config(
            """
            {"target_modules": ["q_proj", "down_proj"], "layers_to_transform": [1],
             "layers_pattern": "layers", "exclude_modules": ["mlp.down_proj"]}""");

    assertThat(config.targets("model.layers.1.self_attn.q_proj")).isTrue();
    assertThat(config.targets("model.layers.0.self_attn.q_proj")).isFalse();
    assertThat(config.targets("model.layers.1.mlp.down_proj")).isFalse();
  }

  @Test
  void ranks_and_scales_follow_their_patterns() {
    LoraConfig config =
        config(
            """
            {"r": 8, "lora_alpha": 16, "target_modules": "all-linear",
             "rank_pattern": {"q_proj": 4, "^x": 2}, "alpha_pattern": {"mlp.*": 24}}""");
    assertThat(config.lowRank("model.layers.0.self_attn.v_proj")).isEqualTo(new LowRank(8, 2));
    assertThat(config.lowRank("model.layers.0.self_attn.q_proj")).isEqualTo(new LowRank(4, 4));
    assertThat(config.lowRank("model.layers.0.mlp.up_proj")).isEqualTo(new LowRank(8, 3));

    LoraConfig stabilised =
        config("{\"r\": 16, \"lora_alpha\": 8, \"use_rslora\": true, \"target_modules\": [\"q\"]}");
    assertThat(stabilised.lowRank("q")).isEqualTo(new LowRank(16, 2));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "peft_type | \"LOHA\"",
        "use_dora | true",
        "use_qalora | true",
        "lora_bias | true",
        "layer_replication | [[0, 2]]",
        "target_parameters | [\"experts\"]",
        "trainable_token_indices | [1]",
        "init_lora_weights | \"pissa\"",
        "r | 0",
        "r | 2.5",
        "r | -3",
        "r | 2000000000",
        "lora_alpha | \"x\"",
        "lora_dropout | 1.5",
        "bias | \"some\"",
        "target_modules | []",
        "target_modules | null",
        "target_modules | \"(\"",
        "rank_pattern | {\"q\": 0}",
        "alpha_pattern | {\"q\": \"x\"}",
        "layers_to_transform | [0.5]"
      })
  void what_is_wrong_or_not_known_is_refused_by_its_key(String key, String value) {
    String json =
        "{\"target_modules\": [\"q\"], \"%s\": %s}"
            .formatted(key, value)
            .replaceFirst(
                key.equals("target_modules") ? "\"target_modules\": \\[\"q\"\\], " : "$^", "");

    assertThatThrownBy(() -> config(json))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(value.equals("\"(\"") ? "regular expression" : key);
  }

  @Test
  void missing_surplus_and_misshapen_tensors_are_named(@TempDir Path folder) {
    Family family = family("llama");
    Lora lora = saved(family, LoraConfig.of(2, 4, List.of("q_proj")), folder);
    Path file = folder.resolve("adapter_model.safetensors");
    Map<String, Tensor> all = new LinkedHashMap<>();
    Safetensors good = Safetensors.open(file);
    good.names().forEach(name -> all.put(name, copy(good.tensor(name))));
    String a = "base_model.model.model.layers.1.self_attn.q_proj.lora_A.weight";

    Map<String, Tensor> changed = new LinkedHashMap<>(all);
    changed.remove(a);
    changed.put("base_model.model.lm_head.lora_A.weight", Tensor.zeros(2, 16));
    Safetensors.write(file, changed, Map.of());
    assertThatThrownBy(() -> Lora.open(folder, family))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(a)
        .hasMessageContaining("lm_head");

    all.put(a, Tensor.zeros(3, 16));
    Safetensors.write(file, all, Map.of());
    assertThatThrownBy(() -> Lora.open(folder, family))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(a)
        .hasMessageContaining("[2, 16]");
    assertThat(lora.tensors()).hasSize(4);
  }

  private static Tensor copy(Tensor t) {
    Tensor copy = Tensor.allocate(Arena.ofAuto(), t.dtype(), t.shape().extents());
    copy.segment().copyFrom(t.segment());
    return copy;
  }

  @Test
  void an_adapter_of_another_model_names_what_this_one_has() {
    assertThatThrownBy(() -> Lora.create(LoraConfig.of(2, 4, List.of("c_attn")), family("llama")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("q_proj")
        .hasMessageContaining("down_proj");
  }

  @Test
  void a_folder_without_an_adapter_and_one_that_is_no_json_are_told(@TempDir Path folder)
      throws Exception {
    assertThat(Lora.is(folder)).isFalse();
    assertThatThrownBy(() -> Lora.open(folder, family("llama")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("adapter_config.json is missing");
    Files.writeString(folder.resolve("adapter_config.json"), "{nope");
    assertThatThrownBy(() -> Lora.open(folder, family("llama")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no JSON");
    Files.writeString(folder.resolve("adapter_config.json"), "{\"target_modules\": [\"q_proj\"]}");
    assertThatThrownBy(() -> Lora.open(folder, family("llama")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("adapter_model.safetensors");
  }

  @Test
  void merging_keeps_the_type_of_the_base_and_touches_nothing_else() {
    Family family = family("llama");
    Lora created = Lora.create(LoraConfig.of(2, 4, List.of("q_proj")), family);
    Lora lora = created.with(tensors(created));
    Map<String, Tensor> base = TinyModels.weights(new Decoder(family.spec()), 4);
    Tensor half = Tensor.allocate(Arena.ofAuto(), DType.BF16, 16, 16);
    for (int i = 0; i < 16; i++) {
      half.set(i, i, 1);
    }
    base.put("layers.0.attention.q.weight", half);

    Map<String, Tensor> merged = lora.merged(base);
    assertThat(merged).containsOnlyKeys(base.keySet());
    Tensor q = merged.get("layers.0.attention.q.weight");
    assertThat(q.dtype()).isEqualTo(DType.BF16);
    Tensor a = lora.tensors().get("layers.0.attention.q.lora_a.weight");
    Tensor b = lora.tensors().get("layers.0.attention.q.lora_b.weight");
    float sum = 1 + 2 * (b.get(3, 0) * a.get(0, 3) + b.get(3, 1) * a.get(1, 3));
    assertThat(q.get(3, 3)).isCloseTo(sum, within(0.01f));
    assertThatThrownBy(() -> created.merged(base))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no tensors yet");
    assertThat(merged.get("layers.0.mlp.up.weight")).isSameAs(base.get("layers.0.mlp.up.weight"));
  }
}
