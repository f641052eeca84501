package dev.gamelan.model.family;

import dev.gamelan.model.DecoderSpec;
import dev.gamelan.model.RopeScaling;
import dev.gamelan.tensor.spi.Activation;
import dev.gamelan.tensor.spi.RotaryStyle;
import dev.gamelan.tensor.spi.WeightLayout;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * StarCoder 2 (Lozhkov et al., 2024): layer norms and biases, few key heads, a sliding window, no
 * gate. Published reference: transformers' {@code modeling_starcoder2}. Departures: none.
 *
 * <p>The head is the embedding unless the configuration says otherwise.
 */
public record StarCoder2(
    int vocab_size,
    int hidden_size,
    int intermediate_size,
    int num_hidden_layers,
    int num_attention_heads,
    int num_key_value_heads,
    int max_position_embeddings,
    double norm_epsilon,
    double rope_theta,
    RopeScaling rope_scaling,
    Optional<Integer> sliding_window,
    Activation hidden_act,
    boolean use_bias,
    boolean tie_word_embeddings,
    Optional<Integer> bos_token_id,
    Optional<Integer> eos_token_id)
    implements Family {
  static final String ARCHITECTURE = "Starcoder2ForCausalLM";
  static final String MODEL_TYPE = "starcoder2";
  static final About ABOUT =
      new About(
          "StarCoder 2",
          "Lozhkov et al. 2024",
          "layer norms, biases, no gate, few key heads, sliding window");

  private static final TensorNames NAMES =
      Llama.NAMES.with(
          "layers.{}.mlp.up",
          "model.layers.{}.mlp.c_fc",
          "layers.{}.mlp.down",
          "model.layers.{}.mlp.c_proj");

  static StarCoder2 read(Config c) {
    int width = c.count("hidden_size");
    int heads = c.count("num_attention_heads");
    int context = c.count("max_position_embeddings");
    Families.headDim(width, heads);
    return new StarCoder2(
        c.count("vocab_size"),
        width,
        c.count("intermediate_size"),
        c.count("num_hidden_layers"),
        heads,
        c.optionalCount("num_key_value_heads").orElse(heads),
        context,
        c.number(1e-5, "norm_epsilon"),
        c.ropeBase(10000),
        c.ropeScaling(context),
        c.optionalCount("sliding_window"),
        c.activation("gelu_pytorch_tanh", "hidden_act"),
        c.flag(true, "use_bias"),
        c.flag(true, "tie_word_embeddings"),
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
        new DecoderSpec.Norm(DecoderSpec.NormKind.LAYER, (float) norm_epsilon, true, true),
        DecoderSpec.Residual.SEQUENTIAL,
        new DecoderSpec.Attention(
                num_attention_heads, num_key_value_heads, headDim, use_bias, use_bias)
            .windowed(sliding_window.orElse(0)),
        new DecoderSpec.Rotary(RotaryStyle.HALF_SPLIT, headDim, rope_theta, rope_scaling),
        DecoderSpec.Mlp.plain(intermediate_size, hidden_act, use_bias),
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
