package dev.gamelan.model.family;

import dev.gamelan.model.DecoderSpec;
import dev.gamelan.model.RopeScaling;
import dev.gamelan.tensor.spi.Activation;
import dev.gamelan.tensor.spi.RotaryStyle;
import dev.gamelan.tensor.spi.WeightLayout;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * Qwen 3 (Qwen team, 2025): Llama's shape with an RMS norm on every head of queries and keys, and a
 * head dim of its own. Published reference: transformers' {@code modeling_qwen3}. Departures: none.
 */
public record Qwen3(
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
    int max_window_layers,
    boolean use_sliding_window,
    Optional<Integer> sliding_window,
    Optional<List<String>> layer_types,
    Activation hidden_act,
    boolean attention_bias,
    boolean tie_word_embeddings,
    Optional<Integer> bos_token_id,
    Optional<Integer> eos_token_id)
    implements Family {
  static final String ARCHITECTURE = "Qwen3ForCausalLM";
  static final String MODEL_TYPE = "qwen3";
  static final About ABOUT =
      new About("Qwen 3", "Qwen team 2025", "Llama with an RMS norm on every head of q and k");

  private static final TensorNames NAMES =
      Llama.NAMES.with(
          "layers.{}.attention.q_norm",
          "model.layers.{}.self_attn.q_norm",
          "layers.{}.attention.k_norm",
          "model.layers.{}.self_attn.k_norm");

  static Qwen3 read(Config c) {
    int width = c.count("hidden_size");
    int heads = c.count("num_attention_heads");
    int context = c.count("max_position_embeddings");
    int layers = c.layers();
    boolean windowed = c.flag(false, "use_sliding_window");
    return new Qwen3(
        c.count("vocab_size"),
        width,
        c.count("intermediate_size"),
        layers,
        heads,
        c.optionalCount("num_key_value_heads").orElse(heads),
        c.optionalCount("head_dim").orElse(128),
        context,
        c.number(1e-6, "rms_norm_eps"),
        c.ropeBase(10000),
        c.ropeScaling(context),
        c.integer(28, "max_window_layers"),
        windowed,
        windowed ? c.window(4096) : Optional.empty(),
        c.layerTypes(layers),
        c.activation("silu", "hidden_act"),
        c.flag(false, "attention_bias"),
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
                num_attention_heads, num_key_value_heads, head_dim, attention_bias, attention_bias)
            .windowed(sliding_window.orElse(0), windowedLayers())
            .normalised(DecoderSpec.QkNorm.PER_HEAD),
        new DecoderSpec.Rotary(RotaryStyle.HALF_SPLIT, head_dim, rope_theta, rope_scaling),
        DecoderSpec.Mlp.gated(intermediate_size, hidden_act, false),
        WeightLayout.OUT_IN,
        tie_word_embeddings);
  }

  private DecoderSpec.Layers windowedLayers() {
    return layer_types
        .map(Families::sliding)
        .orElseGet(() -> DecoderSpec.Layers.from(max_window_layers, num_hidden_layers));
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
