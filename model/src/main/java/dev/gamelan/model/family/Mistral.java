package dev.gamelan.model.family;

import dev.gamelan.model.DecoderSpec;
import dev.gamelan.model.RopeScaling;
import dev.gamelan.tensor.spi.Activation;
import dev.gamelan.tensor.spi.RotaryStyle;
import dev.gamelan.tensor.spi.WeightLayout;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * Mistral 7B (Jiang et al., 2023): Llama's shape, where a query sees only the last {@code
 * sliding_window} positions. Published reference: transformers' {@code modeling_mistral}.
 * Departures: none.
 *
 * <p>Later versions say {@code "sliding_window": null}; without the key it is 4096.
 */
public record Mistral(
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
    Optional<Integer> sliding_window,
    Activation hidden_act,
    boolean tie_word_embeddings,
    Optional<Integer> bos_token_id,
    Optional<Integer> eos_token_id)
    implements Family {
  static final String ARCHITECTURE = "MistralForCausalLM";
  static final String MODEL_TYPE = "mistral";
  static final About ABOUT =
      new About("Mistral", "Jiang et al. 2023", "Llama with a sliding window");

  private static final TensorNames NAMES = Llama.NAMES;

  static Mistral read(Config c) {
    int width = c.count("hidden_size");
    int heads = c.count("num_attention_heads");
    int context = c.count("max_position_embeddings");
    return new Mistral(
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
        c.window(4096),
        c.activation("silu", "hidden_act"),
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
        new DecoderSpec.Attention(num_attention_heads, num_key_value_heads, head_dim, false, false)
            .windowed(sliding_window.orElse(0)),
        new DecoderSpec.Rotary(RotaryStyle.HALF_SPLIT, head_dim, rope_theta, rope_scaling),
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
