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
 * Qwen 1.5, 2 and 2.5 (Qwen team, 2024): Llama's shape with biases on queries, keys and values,
 * which no key mentions. Published reference: transformers' {@code modeling_qwen2}. Departures:
 * none.
 *
 * <p>{@code sliding_window} counts only with {@code use_sliding_window}, and only in the layers
 * that {@code layer_types} names; without that key from layer {@code max_window_layers} on.
 */
public record Qwen2(
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
    int max_window_layers,
    boolean use_sliding_window,
    Optional<Integer> sliding_window,
    Optional<List<String>> layer_types,
    Activation hidden_act,
    boolean tie_word_embeddings,
    Optional<Integer> bos_token_id,
    Optional<Integer> eos_token_id)
    implements Family {
  static final String ARCHITECTURE = "Qwen2ForCausalLM";
  static final String MODEL_TYPE = "qwen2";
  static final About ABOUT =
      new About("Qwen 1.5, 2, 2.5", "Qwen team 2024", "Llama with biases on q, k and v");

  private static final TensorNames NAMES = Llama.NAMES;

  static Qwen2 read(Config c) {
    int width = c.count("hidden_size");
    int heads = c.count("num_attention_heads");
    int context = c.count("max_position_embeddings");
    Families.headDim(width, heads);
    int layers = c.layers();
    boolean windowed = c.flag(false, "use_sliding_window");
    return new Qwen2(
        c.count("vocab_size"),
        width,
        c.count("intermediate_size"),
        layers,
        heads,
        c.optionalCount("num_key_value_heads").orElse(heads),
        context,
        c.number(1e-6, "rms_norm_eps"),
        c.ropeBase(10000),
        c.ropeScaling(context),
        c.integer(28, "max_window_layers"),
        windowed,
        windowed ? c.window(4096) : Optional.empty(),
        c.layerTypes(layers),
        c.activation("silu", "hidden_act"),
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
        DecoderSpec.Residual.SEQUENTIAL,
        new DecoderSpec.Attention(num_attention_heads, num_key_value_heads, headDim, true, false)
            .windowed(sliding_window.orElse(0), windowedLayers()),
        new DecoderSpec.Rotary(RotaryStyle.HALF_SPLIT, headDim, rope_theta, rope_scaling),
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
