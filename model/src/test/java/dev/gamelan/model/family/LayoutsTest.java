package dev.gamelan.model.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.gamelan.model.Decoder;
import dev.gamelan.model.DecoderSpec;
import dev.gamelan.model.DecoderSpec.QkvLayout;
import dev.gamelan.model.ModelParameters;
import dev.gamelan.model.SequencePass;
import dev.gamelan.model.TinyModels;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Backends;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.tape.Tape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** Layouts that no fixture has, against the same weights in another layout; and what is refused. */
class LayoutsTest {
  private static final String FALCON_40B =
      """
      {"architectures": ["FalconForCausalLM"], "hidden_size": 32, "num_attention_heads": 4,
       "num_kv_heads": 2, "num_hidden_layers": 2, "vocab_size": 61, "new_decoder_architecture": true,
       "max_position_embeddings": 64}""";

  private static Family read(String json) {
    return Families.read(new Config("test", JsonMapper.builder().build().readTree(json)));
  }

  private static DecoderSpec with(DecoderSpec s, DecoderSpec.Attention attention) {
    return new DecoderSpec(
        s.vocabulary(),
        s.width(),
        s.layers(),
        s.context(),
        s.norm(),
        s.residual(),
        attention,
        s.position(),
        s.mlp(),
        s.layout(),
        s.tied());
  }

  private static float[] logits(DecoderSpec spec, Map<String, Tensor> weights) {
    Decoder decoder = new Decoder(spec);
    try (Kernels kernels = Backends.open(Optional.of("scalar"), 1, ComputeMode.F32)) {
      SequencePass pass =
          new SequencePass(
              decoder,
              ModelParameters.inPlace(decoder, kernels, weights),
              kernels,
              1,
              12,
              SequencePass.Output.LOGITS,
              name -> false,
              Tape.Purpose.INFERENCE);
      for (int i = 0; i < 12; i++) {
        pass.tokens().setInt(0, i, 7 * i % 61);
      }
      pass.forward();
      return pass.result().toFloats();
    }
  }

  private static Tensor rows(Tensor from, int[] starts, int count) {
    Tensor part = Tensor.zeros((long) starts.length * count, from.columns());
    for (int i = 0; i < part.rows(); i++) {
      for (int c = 0; c < part.columns(); c++) {
        part.set(i, c, from.get(starts[i / count] + i % count, c));
      }
    }
    return part;
  }

  @Test
  void falcon_40b_keeps_the_queries_of_a_key_head_then_its_key_then_its_value() {
    DecoderSpec grouped = read(FALCON_40B).spec();
    assertThat(grouped.residual()).isEqualTo(DecoderSpec.Residual.PARALLEL);
    assertThat(grouped.attention().layout()).isEqualTo(QkvLayout.FUSED_PER_GROUP);
    Map<String, Tensor> weights = TinyModels.weights(new Decoder(grouped), 5);
    Map<String, Tensor> separate = new LinkedHashMap<>(weights);
    for (int i = 0; i < 2; i++) {
      String name = "layers." + i + ".attention.";
      Tensor all = separate.remove(name + "qkv.weight");
      // Rows of 8 a head: q0 q1 k0 v0 q2 q3 k1 v1.
      separate.put(name + "q.weight", rows(all, new int[] {0, 8, 32, 40}, 8));
      separate.put(name + "k.weight", rows(all, new int[] {16, 48}, 8));
      separate.put(name + "v.weight", rows(all, new int[] {24, 56}, 8));
    }

    assertThat(logits(grouped, weights))
        .containsExactly(
            logits(with(grouped, grouped.attention().kept(QkvLayout.SEPARATE)), separate),
            within(1e-5f));
  }

  @Test
  void the_first_release_of_falcon_40b_is_known_by_its_older_keys() {
    Family first =
        read(
            """
            {"architectures": ["RWForCausalLM"], "model_type": "RefinedWeb", "hidden_size": 32,
             "n_head": 4, "n_head_kv": 2, "n_layer": 2, "vocab_size": 61, "parallel_attn": true,
             "max_position_embeddings": 64}""");

    assertThat(first).isEqualTo(read(FALCON_40B));
    assertThat(first.names().published("layers.1.mlp.norm.weight"))
        .isEqualTo("transformer.h.1.ln_mlp.weight");
  }

  @Test
  void alibi_slopes_are_the_published_ones_for_powers_of_two_and_others() {
    assertThat(DecoderSpec.Alibi.of(8, 8, 1).slopes())
        .containsExactly(
            new float[] {1f / 2, 1f / 4, 1f / 8, 1f / 16, 1f / 32, 1f / 64, 1f / 128, 1f / 256},
            within(1e-9f));
    // Six heads: those of four, then the first and third of eight.
    assertThat(DecoderSpec.Alibi.of(6, 8, 1).slopes())
        .containsExactly(
            new float[] {1f / 4, 1f / 16, 1f / 64, 1f / 256, 1f / 2, 1f / 8}, within(1e-9f));
  }

  @Test
  void falcon_rw_has_scaled_slopes_biases_and_one_part_after_the_other() {
    DecoderSpec spec =
        read("""
                {"architectures": ["FalconForCausalLM"], "hidden_size": 32, "vocab_size": 61,
                 "num_attention_heads": 2, "num_hidden_layers": 2, "alibi": true, "bias": true,
                 "multi_query": false, "parallel_attn": false}""")
            .spec();

    assertThat(spec.residual()).isEqualTo(DecoderSpec.Residual.SEQUENTIAL);
    assertThat(spec.attention().kvHeads()).isEqualTo(2);
    assertThat(spec.attention().qkvBias()).isTrue();
    assertThat(((DecoderSpec.Alibi) spec.position()).slopes())
        .containsExactly(new float[] {0.25f / 16, 0.25f / 256}, within(1e-9f));
  }

  @Test
  void clipping_changes_what_exceeds_the_bound_and_nothing_else() {
    String olmo =
        """
        {"architectures": ["OlmoForCausalLM"], "hidden_size": 32, "intermediate_size": 48,
         "num_attention_heads": 4, "num_hidden_layers": 2, "vocab_size": 61,
         "max_position_embeddings": 64, "clip_qkv": %s}""";
    DecoderSpec free = read(olmo.formatted("null")).spec();
    Map<String, Tensor> weights = TinyModels.weights(new Decoder(free), 6);

    assertThat(logits(read(olmo.formatted("1000.0")).spec(), weights))
        .isEqualTo(logits(free, weights));
    assertThat(logits(read(olmo.formatted("0.5")).spec(), weights))
        .isNotEqualTo(logits(free, weights));
  }

  @Test
  void qwen_2_windows_begin_where_the_configuration_says() {
    String qwen =
        """
        {"architectures": ["Qwen2ForCausalLM"], "hidden_size": 32, "intermediate_size": 48,
         "num_attention_heads": 4, "num_hidden_layers": 4, "vocab_size": 61,
         "max_position_embeddings": 64, "sliding_window": 8, "use_sliding_window": %s, %s}""";
    DecoderSpec.Attention off =
        read(qwen.formatted("false", "\"max_window_layers\": 2")).spec().attention();
    DecoderSpec.Attention on =
        read(qwen.formatted("true", "\"max_window_layers\": 2")).spec().attention();
    String types =
        "\"layer_types\": [\"sliding_attention\", \"full_attention\", \"sliding_attention\", \"full_attention\"]";

    assertThat(windows(off)).containsExactly(0, 0, 0, 0);
    assertThat(windows(on)).containsExactly(0, 0, 8, 8);
    assertThat(windows(read(qwen.formatted("true", types)).spec().attention()))
        .containsExactly(8, 0, 8, 0);
  }

  private static int[] windows(DecoderSpec.Attention attention) {
    return IntStream.range(0, 4).map(attention::window).toArray();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[\"full_attention\"]",
        "[\"full_attention\", \"chunked_attention\"]",
        "[\"full_attention\", 3]",
        "\"full_attention\""
      })
  void layer_types_must_name_a_known_kind_for_every_layer(String types) {
    String qwen =
        """
        {"architectures": ["Qwen3ForCausalLM"], "hidden_size": 32, "intermediate_size": 48,
         "num_attention_heads": 4, "num_hidden_layers": 2, "vocab_size": 61,
         "max_position_embeddings": 64, "layer_types": %s}""";

    assertThatThrownBy(() -> read(qwen.formatted(types)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("layer_types")
        .hasMessageContaining("each of the 2 layers");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "MPTForCausalLM | logit_scale | 0.5",
        "MixtralForCausalLM | router_jitter_noise | 0.1",
        "OLMoForCausalLM | alibi | true",
        "OLMoForCausalLM | layer_norm_type | \"rms\"",
        "FalconForCausalLM | num_ln_in_parallel_attn | 3"
      })
  void what_is_not_there_is_refused_by_the_key_that_asks_for_it(
      String architecture, String key, String value) {
    String json =
        """
        {"architectures": ["%s"], "hidden_size": 32, "d_model": 32, "n_embd": 32,
         "intermediate_size": 48, "ffn_dim": 48, "num_attention_heads": 4, "n_heads": 4,
         "n_head": 4, "num_hidden_layers": 2, "n_layers": 2, "n_layer": 2, "vocab_size": 61,
         "max_position_embeddings": 64, "max_seq_len": 64, "max_sequence_length": 64,
         "n_positions": 64, "new_decoder_architecture": true%s}""";

    assertThat(read(json.formatted(architecture, ""))).isNotNull();
    assertThatThrownBy(() -> read(json.formatted(architecture, ", \"" + key + "\": " + value)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(key)
        .hasMessageContaining(value.replace("\"", ""));
  }
}
