package dev.gamelan.model.family;

import dev.gamelan.model.DecoderSpec;
import dev.gamelan.model.RopeScaling;
import dev.gamelan.tensor.spi.Activation;
import dev.gamelan.tensor.spi.RotaryStyle;
import dev.gamelan.tensor.spi.WeightLayout;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * OLMo 2 (OLMo team, 2024): Llama's shape with the RMS norms after attention and MLP instead of
 * before them, and over all queries and all keys. Published reference: transformers' {@code
 * modeling_olmo2}. Departures: none.
 */
public record Olmo2(
    int vocab_size,
    int hidden_size,
    int intermediate_size,
    int num_hidden_layers,
    int num_attention_heads,
    int num_key_value_heads,
    int max_position_embeddings,
    double rms_norm_eps,
    double rope_theta,
    RopeScaling rope_scaling,
    Activation hidden_act,
    boolean attention_bias,
    boolean tie_word_embeddings,
    Optional<Integer> bos_token_id,
    Optional<Integer> eos_token_id)
    implements Family {
  static final String ARCHITECTURE = "Olmo2ForCausalLM";
  static final String MODEL_TYPE = "olmo2";
  static final About ABOUT =
      new About(
          "OLMo 2",
          "OLMo team 2024",
          "norms after attention and MLP, RMS norm on all of q and of k");

  private static final TensorNames NAMES =
      Llama.NAMES.with(
          "layers.{}.attention.norm",
          "model.layers.{}.post_attention_layernorm",
          "layers.{}.mlp.norm",
          "model.layers.{}.post_feedforward_layernorm",
          "layers.{}.attention.q_norm",
          "model.layers.{}.self_attn.q_norm",
          "layers.{}.attention.k_norm",
          "model.layers.{}.self_attn.k_norm");

  static Olmo2 read(Config c) {
    int width = c.count("hidden_size");
    int heads = c.count("num_attention_heads");
    int context = c.count("max_position_embeddings");
    Families.headDim(width, heads);
    return new Olmo2(
        c.count("vocab_size"),
        width,
        c.count("intermediate_size"),
        c.count("num_hidden_layers"),
        heads,
        c.optionalCount("num_key_value_heads").orElse(heads),
        context,
        c.number(1e-5, "rms_norm_eps"),
        c.ropeBase(10000),
        c.ropeScaling(context),
        c.activation("silu", "hidden_act"),
        c.flag(false, "attention_bias"),
        c.flag(false, "tie_word_embeddings"),
        c.token("bos_token_id"),
        c.token("eos_token_id"));
  }

  @Override
  public DecoderSpec spec() {
    int headDim = hidden_size / num_attention_heads;
    return new DecoderSpec(
        vocab_size,
        hidden_size,
        num_hidden_layers,
        max_position_embeddings,
        new DecoderSpec.Norm(DecoderSpec.NormKind.RMS, (float) rms_norm_eps, true, false),
        DecoderSpec.Residual.POST_NORM,
        new DecoderSpec.Attention(
                num_attention_heads, num_key_value_heads, headDim, attention_bias, attention_bias)
            .normalised(DecoderSpec.QkNorm.WHOLE),
        new DecoderSpec.Rotary(RotaryStyle.HALF_SPLIT, headDim, rope_theta, rope_scaling),
        DecoderSpec.Mlp.gated(intermediate_size, hidden_act, false),
        WeightLayout.OUT_IN,
        tie_word_embeddings);
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
