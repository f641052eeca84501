package dev.gamelan.model.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.gamelan.model.Decoder;
import dev.gamelan.model.DecoderSpec;
import dev.gamelan.model.ParameterSpec;
import dev.gamelan.model.RopeScaling;
import dev.gamelan.tensor.spi.Activation;
import dev.gamelan.tensor.spi.RotaryStyle;
import dev.gamelan.tensor.spi.WeightLayout;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** Pins the families' defaults, keys, names and sizes. */
class FamiliesTest {
  private static final String SHAPE =
      """
      "vocab_size": 32000, "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2,
      "num_attention_heads": 4, "max_position_embeddings": 128""";

  private static Family read(String json) {
    return Families.read(new Config("test", JsonMapper.builder().build().readTree(json)));
  }

  private static Family llama(String more) {
    return read("{\"model_type\": \"llama\", " + SHAPE + more + "}");
  }

  private static Family neox(String more) {
    return read("{\"model_type\": \"gpt_neox\", " + SHAPE + more + "}");
  }

  @Test
  void a_llama_configuration_of_the_least_keys_has_the_published_defaults() {
    assertThat(llama(""))
        .isEqualTo(
            new Llama(
                32000,
                64,
                96,
                2,
                4,
                4,
                16,
                128,
                1e-6,
                10000,
                new RopeScaling.None(),
                Activation.SILU,
                false,
                false,
                false,
                Optional.empty(),
                Optional.empty()));
  }

  @Test
  void a_neox_configuration_of_the_least_keys_has_the_published_defaults() {
    assertThat(neox(""))
        .isEqualTo(
            new GptNeoX(
                32000,
                64,
                96,
                2,
                4,
                128,
                1e-5,
                10000,
                0.25,
                new RopeScaling.None(),
                Activation.GELU,
                true,
                true,
                false,
                Optional.empty(),
                Optional.empty()));
  }

  @Test
  void a_llama_is_sequential_with_rms_norms_a_gate_and_whole_heads_turning_by_halves() {
    DecoderSpec spec = llama(", \"num_key_value_heads\": 2").spec();

    assertThat(spec.norm())
        .isEqualTo(new DecoderSpec.Norm(DecoderSpec.NormKind.RMS, 1e-6f, true, false));
    assertThat(spec.residual()).isEqualTo(DecoderSpec.Residual.SEQUENTIAL);
    assertThat(spec.attention().kvHeads()).isEqualTo(2);
    assertThat(spec.attention().scale()).isEqualTo(0.25f);
    assertThat(spec.attention().layout()).isEqualTo(DecoderSpec.QkvLayout.SEPARATE);
    assertThat(spec.position())
        .isEqualTo(
            new DecoderSpec.Rotary(RotaryStyle.HALF_SPLIT, 16, 10000, new RopeScaling.None()));
    assertThat(spec.mlp().gated()).isTrue();
    assertThat(spec.layout()).isEqualTo(WeightLayout.OUT_IN);
  }

  @Test
  void a_neox_is_parallel_with_layer_norms_biases_fused_heads_and_a_quarter_turning() {
    DecoderSpec spec = neox("").spec();

    assertThat(spec.norm())
        .isEqualTo(new DecoderSpec.Norm(DecoderSpec.NormKind.LAYER, 1e-5f, true, true));
    assertThat(spec.residual()).isEqualTo(DecoderSpec.Residual.PARALLEL);
    assertThat(spec.attention().layout()).isEqualTo(DecoderSpec.QkvLayout.FUSED_PER_HEAD);
    assertThat(spec.attention().qkvBias()).isTrue();
    assertThat(((DecoderSpec.Rotary) spec.position()).dims()).isEqualTo(4);
    assertThat(spec.mlp().gated()).isFalse();
    assertThat(neox(", \"use_parallel_residual\": false").spec().residual())
        .isEqualTo(DecoderSpec.Residual.SEQUENTIAL);
  }

  @Test
  void older_and_newer_keys_of_rotary_embedding_mean_the_same() {
    assertThat(
            llama(
                ", \"rope_parameters\": {\"rope_theta\": 500000.0, \"rope_type\": \"llama3\","
                    + " \"factor\": 8.0, \"low_freq_factor\": 1.0, \"high_freq_factor\": 4.0,"
                    + " \"original_max_position_embeddings\": 64}"))
        .isEqualTo(
            llama(
                ", \"rope_theta\": 500000.0, \"rope_scaling\": {\"type\": \"llama3\","
                    + " \"factor\": 8.0, \"low_freq_factor\": 1.0, \"high_freq_factor\": 4.0,"
                    + " \"original_max_position_embeddings\": 64}"));
    assertThat(
            neox(
                ", \"rope_parameters\": {\"rope_theta\": 5000, \"partial_rotary_factor\": 0.5,"
                    + " \"rope_type\": \"default\"}"))
        .isEqualTo(neox(", \"rotary_emb_base\": 5000, \"rotary_pct\": 0.5"));
  }

  @Test
  void yarn_has_the_published_defaults_and_its_temperature() {
    Llama yarn = (Llama) llama(", \"rope_scaling\": {\"rope_type\": \"yarn\", \"factor\": 4.0}");

    RopeScaling.Yarn scaling = (RopeScaling.Yarn) yarn.rope_scaling();
    assertThat(scaling.original()).isEqualTo(128);
    assertThat(scaling.betaFast()).isEqualTo(32);
    assertThat(scaling.betaSlow()).isEqualTo(1);
    assertThat(scaling.truncate()).isTrue();
    assertThat(scaling.attentionFactor()).isCloseTo(1.138629436, within(1e-9));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ", \"rope_scaling\": {\"rope_type\": \"linear\", \"factor\": 4.0}",
        ", \"rope_scaling\": {\"rope_type\": \"dynamic\", \"factor\": 2.0}",
        ", \"rope_scaling\": {\"rope_type\": \"llama3\", \"factor\": 8.0}",
        ", \"rope_scaling\": {\"rope_type\": \"yarn\", \"factor\": 4.0, \"beta_fast\": 16}",
        ", \"bos_token_id\": 1, \"eos_token_id\": [2, 3], \"tie_word_embeddings\": true",
        ", \"hidden_act\": \"gelu_pytorch_tanh\", \"attention_bias\": true"
      })
  void a_configuration_that_is_written_reads_back_equal(String more) {
    for (Family family : new Family[] {llama(more), neox(more)}) {
      assertThat(read(family.config().toString())).isEqualTo(family);
    }
  }

  @Test
  void a_list_of_end_tokens_gives_its_first_and_minus_one_gives_none() {
    assertThat(llama(", \"eos_token_id\": [7, 8]").eos()).contains(7);
    assertThat(llama(", \"eos_token_id\": -1").eos()).isEmpty();
  }

  @Test
  void every_parameter_has_a_published_name_of_its_own() {
    for (Family family : new Family[] {llama(", \"attention_bias\": true"), neox("")}) {
      Set<String> names = new LinkedHashSet<>();
      for (ParameterSpec p : new Decoder(family.spec()).parameters()) {
        assertThat(names.add(family.names().published(p.name()))).isTrue();
        assertThat(family.names().published(p.name())).doesNotContain("{");
      }
    }
    assertThat(llama("").names().published("layers.1.attention.q.weight"))
        .isEqualTo("model.layers.1.self_attn.q_proj.weight");
    assertThat(llama("").names().published("layers.1.mlp.norm.weight"))
        .isEqualTo("model.layers.1.post_attention_layernorm.weight");
    assertThat(neox("").names().published("layers.0.attention.qkv.bias"))
        .isEqualTo("gpt_neox.layers.0.attention.query_key_value.bias");
    assertThat(neox("").names().published("head.weight")).isEqualTo("embed_out.weight");
    assertThatThrownBy(() -> llama("").names().published("layers.1.attention.qkv.weight"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("layers.1.attention.qkv.weight");
  }

  @ParameterizedTest
  @CsvSource({
    "14M, 50304, 6, 128, 4, 14067712",
    "31M, 50304, 6, 256, 8, 30494720",
    "70M, 50304, 6, 512, 8, 70426624",
    "160M, 50304, 12, 768, 12, 162322944",
    "410M, 50304, 24, 1024, 16, 405334016",
    "1B, 50304, 16, 2048, 8, 1011781632",
    "1.4B, 50304, 24, 2048, 16, 1414647808",
    "2.8B, 50304, 32, 2560, 32, 2775208960",
    "6.9B, 50432, 32, 4096, 32, 6857302016",
    "12B, 50688, 36, 5120, 40, 11846072320"
  })
  void a_pythia_has_its_published_number_of_parameters(
      String size, int vocabulary, int layers, int width, int heads, long parameters) {
    Family family =
        read(
            """
            {"architectures": ["GPTNeoXForCausalLM"], "vocab_size": %d, "num_hidden_layers": %d,
             "hidden_size": %d, "num_attention_heads": %d, "intermediate_size": %d,
             "max_position_embeddings": 2048}
            """
                .formatted(vocabulary, layers, width, heads, 4 * width));

    assertThat(new Decoder(family.spec()).parameterCount()).as(size).isEqualTo(parameters);
  }

  @ParameterizedTest
  @CsvSource({
    "7B, 32, 4096, 32, 32, 11008, 6738415616",
    "13B, 40, 5120, 40, 40, 13824, 13015864320",
    "70B, 80, 8192, 64, 8, 28672, 68976648192"
  })
  void a_llama_has_its_published_number_of_parameters(
      String size, int layers, int width, int heads, int kv, int hidden, long parameters) {
    Family family =
        read(
            """
            {"architectures": ["LlamaForCausalLM"], "vocab_size": 32000, "num_hidden_layers": %d,
             "hidden_size": %d, "num_attention_heads": %d, "num_key_value_heads": %d,
             "intermediate_size": %d, "max_position_embeddings": 4096}
            """
                .formatted(layers, width, heads, kv, hidden));

    assertThat(new Decoder(family.spec()).parameterCount()).as(size).isEqualTo(parameters);
  }

  @ParameterizedTest
  @CsvSource({"lama, llama", "gptneox, gpt_neox", "gpt_neo, gpt_neox"})
  void the_nearest_name_is_the_one_of_fewest_edits(String name, String nearest) {
    assertThat(Nearest.to(name, Families.known().keySet())).contains(nearest);
  }
}
