package dev.gamelan.model.family;

import dev.gamelan.model.DecoderSpec;
import dev.gamelan.model.RopeScaling;
import dev.gamelan.tensor.spi.Activation;
import dev.gamelan.tensor.spi.RotaryStyle;
import dev.gamelan.tensor.spi.WeightLayout;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * LLaMA (Touvron et al., 2023), Llama 2 (Touvron et al., 2023), and all that share their shape:
 * Llama 3, Code Llama, DeepSeek, Llemma, SmolLM2. Published reference: transformers' {@code
 * modeling_llama}. Departures: none.
 *
 * <p>The components are the keys of the Hugging Face configuration. Old configurations lack {@code
 * num_key_value_heads} (as many as heads) and {@code rope_theta} (10000).
 */
public record Llama(
    int vocab_size,
    int hidden_size,
    int intermediate_size,
    int num_hidden_layers,
    int num_attention_heads,
    int num_key_value_heads,
    int head_dim,
    int max_position_embeddings,
    double rms_norm_eps,
    double rope_theta,
    RopeScaling rope_scaling,
    Activation hidden_act,
    boolean attention_bias,
    boolean mlp_bias,
    boolean tie_word_embeddings,
    Optional<Integer> bos_token_id,
    Optional<Integer> eos_token_id)
    implements Family {
  static final String ARCHITECTURE = "LlamaForCausalLM";
  static final String MODEL_TYPE = "llama";
  static final About ABOUT =
      new About(
          "Llama 1, 2, 3, Code Llama, DeepSeek, Llemma, SmolLM2",
          "Touvron et al. 2023",
          "RMS norms, SwiGLU, rotary positions, no biases, shared key heads");

  static final TensorNames NAMES =
      TensorNames.of(
          "embedding", "model.embed_tokens",
          "layers.{}.attention.norm", "model.layers.{}.input_layernorm",
          "layers.{}.attention.q", "model.layers.{}.self_attn.q_proj",
          "layers.{}.attention.k", "model.layers.{}.self_attn.k_proj",
          "layers.{}.attention.v", "model.layers.{}.self_attn.v_proj",
          "layers.{}.attention.out", "model.layers.{}.self_attn.o_proj",
          "layers.{}.mlp.norm", "model.layers.{}.post_attention_layernorm",
          "layers.{}.mlp.gate", "model.layers.{}.mlp.gate_proj",
          "layers.{}.mlp.up", "model.layers.{}.mlp.up_proj",
          "layers.{}.mlp.down", "model.layers.{}.mlp.down_proj",
          "norm", "model.norm",
          "head", "lm_head");

  static Llama read(Config c) {
    int width = c.count("hidden_size");
    int heads = c.count("num_attention_heads");
    int context = c.count("max_position_embeddings");
    return new Llama(
        c.count("vocab_size"),
        width,
        c.count("intermediate_size"),
        c.count("num_hidden_layers"),
        heads,
        c.optionalCount("num_key_value_heads").orElse(heads),
        c.optionalCount("head_dim").orElseGet(() -> Families.headDim(width, heads)),
        context,
        c.number(1e-6, "rms_norm_eps"),
        c.ropeBase(10000),
        c.ropeScaling(context),
        c.activation("silu", "hidden_act"),
        c.flag(false, "attention_bias"),
        c.flag(false, "mlp_bias"),
        c.flag(false, "tie_word_embeddings"),
        c.token("bos_token_id"),
        c.token("eos_token_id"));
  }

  @Override
  public DecoderSpec spec() {
    return new DecoderSpec(
        vocab_size,
        hidden_size,
        num_hidden_layers,
        max_position_embeddings,
        new DecoderSpec.Norm(DecoderSpec.NormKind.RMS, (float) rms_norm_eps, true, false),
        DecoderSpec.Residual.SEQUENTIAL,
        new DecoderSpec.Attention(
            num_attention_heads, num_key_value_heads, head_dim, attention_bias, attention_bias),
        new DecoderSpec.Rotary(RotaryStyle.HALF_SPLIT, head_dim, rope_theta, rope_scaling),
        new DecoderSpec.Mlp(intermediate_size, hidden_act, true, false, mlp_bias, Optional.empty()),
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
