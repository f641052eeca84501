package dev.gamelan.model.family;

import dev.gamelan.model.DecoderSpec;
import dev.gamelan.model.RopeScaling;
import dev.gamelan.tensor.spi.Activation;
import dev.gamelan.tensor.spi.RotaryStyle;
import dev.gamelan.tensor.spi.WeightLayout;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * Falcon (Almazrouei et al., 2023), in its three layouts: 7B (one key head, attention and MLP share
 * a norm), 40B (key heads in groups, a norm each), RW (ALiBi, one after the other, biases).
 * Published reference: transformers' {@code modeling_falcon}. Departures: ALiBi's bias is not
 * rounded to bf16.
 */
public record Falcon(
    int vocab_size,
    int hidden_size,
    int ffn_hidden_size,
    int num_hidden_layers,
    int num_attention_heads,
    int num_kv_heads,
    int num_ln_in_parallel_attn,
    int max_position_embeddings,
    double layer_norm_epsilon,
    double rope_theta,
    RopeScaling rope_scaling,
    Activation activation,
    boolean alibi,
    boolean bias,
    boolean multi_query,
    boolean new_decoder_architecture,
    boolean parallel_attn,
    boolean tie_word_embeddings,
    Optional<Integer> bos_token_id,
    Optional<Integer> eos_token_id)
    implements Family {
  static final String ARCHITECTURE = "FalconForCausalLM";
  static final String MODEL_TYPE = "falcon";
  static final About ABOUT =
      new About(
          "Falcon 7B, 40B, RW",
          "Almazrouei et al. 2023",
          "7B: one key head, a norm for attention and MLP; 40B: grouped key heads, two norms; RW: ALiBi");

  private static final TensorNames NAMES =
      TensorNames.of(
          "embedding", "transformer.word_embeddings",
          "layers.{}.attention.norm", "transformer.h.{}.input_layernorm",
          "layers.{}.attention.qkv", "transformer.h.{}.self_attention.query_key_value",
          "layers.{}.attention.out", "transformer.h.{}.self_attention.dense",
          "layers.{}.mlp.norm", "transformer.h.{}.post_attention_layernorm",
          "layers.{}.mlp.up", "transformer.h.{}.mlp.dense_h_to_4h",
          "layers.{}.mlp.down", "transformer.h.{}.mlp.dense_4h_to_h",
          "norm", "transformer.ln_f",
          "head", "lm_head");

  private static final TensorNames TWO_NORMS =
      NAMES.with(
          "layers.{}.attention.norm",
          "transformer.h.{}.ln_attn",
          "layers.{}.mlp.norm",
          "transformer.h.{}.ln_mlp");

  static Falcon read(Config c) {
    int width = c.count("hidden_size");
    int heads = c.count("num_attention_heads", "n_head");
    Families.headDim(width, heads);
    int context = c.optionalCount("max_position_embeddings").orElse(2048);
    // The first release of 40B has the grouped layout without the key.
    boolean grouped = c.flag(c.has("n_head_kv"), "new_decoder_architecture");
    boolean one = c.flag(true, "multi_query");
    int kvHeads =
        grouped ? c.optionalCount("num_kv_heads", "n_head_kv").orElse(heads) : one ? 1 : heads;
    int norms = grouped ? c.optionalCount("num_ln_in_parallel_attn").orElse(2) : 1;
    c.require(norms <= 2, "num_ln_in_parallel_attn", "1 or 2");
    return new Falcon(
        c.count("vocab_size"),
        width,
        c.optionalCount("ffn_hidden_size").orElseGet(() -> Families.times(4, width)),
        c.count("num_hidden_layers", "n_layer"),
        heads,
        kvHeads,
        norms,
        context,
        c.number(1e-5, "layer_norm_epsilon"),
        c.ropeBase(10000),
        c.ropeScaling(context),
        c.activation("gelu", "activation"),
        c.flag(false, "alibi"),
        c.flag(false, "bias"),
        one,
        grouped,
        grouped || c.flag(true, "parallel_attn"),
        c.flag(true, "tie_word_embeddings"),
        c.token("bos_token_id"),
        c.token("eos_token_id"));
  }

  @Override
  public DecoderSpec spec() {
    int headDim = hidden_size / num_attention_heads;
    double scale = 1 / Math.sqrt(headDim);
    DecoderSpec.QkvLayout layout =
        new_decoder_architecture
            ? DecoderSpec.QkvLayout.FUSED_PER_GROUP
            : multi_query ? DecoderSpec.QkvLayout.FUSED : DecoderSpec.QkvLayout.FUSED_PER_HEAD;
    DecoderSpec.Residual residual =
        !parallel_attn
            ? DecoderSpec.Residual.SEQUENTIAL
            : num_ln_in_parallel_attn == 2
                ? DecoderSpec.Residual.PARALLEL
                : DecoderSpec.Residual.PARALLEL_SHARED_NORM;
    return new DecoderSpec(
        vocab_size,
        hidden_size,
        num_hidden_layers,
        max_position_embeddings,
        new DecoderSpec.Norm(DecoderSpec.NormKind.LAYER, (float) layer_norm_epsilon, true, true),
        residual,
        new DecoderSpec.Attention(num_attention_heads, num_kv_heads, headDim, bias, bias)
            .kept(layout),
        alibi
            ? DecoderSpec.Alibi.of(num_attention_heads, 8, scale)
            : new DecoderSpec.Rotary(RotaryStyle.HALF_SPLIT, headDim, rope_theta, rope_scaling),
        DecoderSpec.Mlp.plain(ffn_hidden_size, activation, bias),
        WeightLayout.OUT_IN,
        tie_word_embeddings);
  }

  @Override
  public TensorNames names() {
    return num_ln_in_parallel_attn == 2 ? TWO_NORMS : NAMES;
  }

  @Override
  public Optional<Integer> eos() {
    return eos_token_id;
  }

  @Override
  public Optional<Integer> bos() {
    return bos_token_id;
  }

  @Override
  public ObjectNode config() {
    return Families.config(ARCHITECTURE, MODEL_TYPE, this);
  }
}
