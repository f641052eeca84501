package dev.gamelan.model.family;

import dev.gamelan.model.DecoderSpec;
import dev.gamelan.model.RopeScaling;
import dev.gamelan.tensor.spi.Activation;
import dev.gamelan.tensor.spi.RotaryStyle;
import dev.gamelan.tensor.spi.WeightLayout;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * OLMo (Groeneveld et al., 2024) as transformers keeps it: Llama's shape with layer norms that have
 * no weights; queries, keys and values are clamped where {@code clip_qkv} says so. Published
 * reference: transformers' {@code modeling_olmo}. Departures: none. {@link OlmoOriginal} is the
 * layout of the first release.
 */
public record Olmo(
    int vocab_size,
    int hidden_size,
    int intermediate_size,
    int num_hidden_layers,
    int num_attention_heads,
    int num_key_value_heads,
    int max_position_embeddings,
    double rope_theta,
    RopeScaling rope_scaling,
    Optional<Double> clip_qkv,
    Activation hidden_act,
    boolean attention_bias,
    boolean tie_word_embeddings,
    Optional<Integer> bos_token_id,
    Optional<Integer> eos_token_id)
    implements Family {
  static final String ARCHITECTURE = "OlmoForCausalLM";
  static final String MODEL_TYPE = "olmo";
  static final About ABOUT =
      new About("OLMo", "Groeneveld et al. 2024", "Llama with layer norms without weights");

  private static final TensorNames NAMES = Llama.NAMES;

  static Olmo read(Config c) {
    int width = c.count("hidden_size");
    int heads = c.count("num_attention_heads");
    int context = c.count("max_position_embeddings");
    Families.headDim(width, heads);
    return new Olmo(
        c.count("vocab_size"),
        width,
        c.count("intermediate_size"),
        c.count("num_hidden_layers"),
        heads,
        c.optionalCount("num_key_value_heads").orElse(heads),
        context,
        c.ropeBase(10000),
        c.ropeScaling(context),
        c.optionalNumber("clip_qkv"),
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
        new DecoderSpec.Norm(DecoderSpec.NormKind.LAYER, (float) 1e-5, false, false),
        DecoderSpec.Residual.SEQUENTIAL,
        new DecoderSpec.Attention(
                num_attention_heads, num_key_value_heads, headDim, attention_bias, attention_bias)
            .clipped(clip_qkv.orElse(0.0)),
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
