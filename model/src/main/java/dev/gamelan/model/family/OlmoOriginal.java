package dev.gamelan.model.family;

import dev.gamelan.model.DecoderSpec;
import dev.gamelan.model.RopeScaling;
import dev.gamelan.tensor.spi.Activation;
import dev.gamelan.tensor.spi.RotaryStyle;
import dev.gamelan.tensor.spi.WeightLayout;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * OLMo (Groeneveld et al., 2024) as it was first released: one weight for queries, keys and values,
 * one for up and gate (in this order). Published reference: the {@code olmo} package. Departures:
 * none for the published configurations; layer norms with weights, ALiBi, parallel blocks and
 * attention norms, which no release has, are refused.
 */
public record OlmoOriginal(
    int vocab_size,
    int embedding_size,
    int d_model,
    int mlp_hidden_size,
    int n_layers,
    int n_heads,
    int n_kv_heads,
    int max_sequence_length,
    double rope_theta,
    Optional<Double> clip_qkv,
    boolean include_bias,
    boolean weight_tying,
    Optional<Integer> bos_token_id,
    Optional<Integer> eos_token_id)
    implements Family {
  static final String ARCHITECTURE = "OLMoForCausalLM";
  static final String MODEL_TYPE = "hf_olmo";
  static final About ABOUT =
      new About(
          "OLMo, layout of the first release",
          "Groeneveld et al. 2024",
          "OLMo in one weight for q, k and v and one for up and gate");

  private static final TensorNames NAMES =
      TensorNames.of(
          "embedding", "model.transformer.wte",
          "layers.{}.attention.qkv", "model.transformer.blocks.{}.att_proj",
          "layers.{}.attention.out", "model.transformer.blocks.{}.attn_out",
          "layers.{}.mlp.up_gate", "model.transformer.blocks.{}.ff_proj",
          "layers.{}.mlp.down", "model.transformer.blocks.{}.ff_out",
          "head", "model.transformer.ff_out");

  static OlmoOriginal read(Config c) {
    int width = c.count("d_model");
    int heads = c.count("n_heads");
    Families.headDim(width, heads);
    c.require(
        c.text("layer_norm_type").orElse("default").equals("default"),
        "layer_norm_type",
        "\"default\"");
    c.require(
        c.text("block_type").orElse("sequential").equals("sequential"),
        "block_type",
        "\"sequential\"");
    c.require(
        c.text("activation_type").orElse("swiglu").equals("swiglu"),
        "activation_type",
        "\"swiglu\"");
    c.require(!c.flag(false, "layer_norm_with_affine"), "layer_norm_with_affine", "false");
    c.require(!c.flag(false, "attention_layer_norm"), "attention_layer_norm", "false");
    c.require(!c.flag(false, "alibi"), "alibi", "false");
    c.require(c.flag(true, "rope"), "rope", "true");
    int vocabulary = c.count("vocab_size");
    int kvHeads =
        c.optionalCount("n_kv_heads").orElse(c.flag(false, "multi_query_attention") ? 1 : heads);
    int hidden =
        c.optionalCount("mlp_hidden_size")
            .orElseGet(() -> Families.times(c.optionalCount("mlp_ratio").orElse(4), width));
    c.require(hidden % 2 == 0, "mlp_hidden_size", "an even number: it counts up and gate");
    return new OlmoOriginal(
        vocabulary,
        c.optionalCount("embedding_size").orElse(vocabulary),
        width,
        hidden,
        c.count("n_layers"),
        heads,
        kvHeads,
        c.count("max_sequence_length"),
        c.ropeBase(10000),
        c.optionalNumber("clip_qkv"),
        c.flag(false, "include_bias"),
        c.flag(true, "weight_tying"),
        c.token("bos_token_id"),
        c.token("eos_token_id"));
  }

  @Override
  public DecoderSpec spec() {
    int headDim = d_model / n_heads;
    return new DecoderSpec(
        embedding_size,
        d_model,
        n_layers,
        max_sequence_length,
        new DecoderSpec.Norm(DecoderSpec.NormKind.LAYER, (float) 1e-5, false, false),
        DecoderSpec.Residual.SEQUENTIAL,
        new DecoderSpec.Attention(n_heads, n_kv_heads, headDim, include_bias, include_bias)
            .clipped(clip_qkv.orElse(0.0))
            .kept(DecoderSpec.QkvLayout.FUSED),
        new DecoderSpec.Rotary(RotaryStyle.HALF_SPLIT, headDim, rope_theta, new RopeScaling.None()),
        new DecoderSpec.Mlp(
            mlp_hidden_size / 2, Activation.SILU, true, true, include_bias, Optional.empty()),
        WeightLayout.OUT_IN,
        weight_tying);
  }

  @Override
  public TensorNames names() {
    return NAMES;
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
