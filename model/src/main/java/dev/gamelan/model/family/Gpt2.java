package dev.gamelan.model.family;

import dev.gamelan.model.DecoderSpec;
import dev.gamelan.tensor.spi.Activation;
import dev.gamelan.tensor.spi.WeightLayout;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * GPT-2 (Radford et al., 2019): learned positions, layer norms before attention and MLP, weights
 * kept [in, out]. Published reference: transformers' {@code modeling_gpt2}. Departures: none.
 *
 * <p>{@code scale_attn_by_inverse_layer_idx} and {@code reorder_and_upcast_attn} come from
 * Stanford's Mistral project; the second only says that scores are kept in f32, as they always are
 * here.
 */
public record Gpt2(
    int vocab_size,
    int n_embd,
    int n_inner,
    int n_layer,
    int n_head,
    int n_positions,
    double layer_norm_epsilon,
    boolean scale_attn_weights,
    boolean scale_attn_by_inverse_layer_idx,
    boolean reorder_and_upcast_attn,
    Activation activation_function,
    boolean tie_word_embeddings,
    Optional<Integer> bos_token_id,
    Optional<Integer> eos_token_id)
    implements Family {
  static final String ARCHITECTURE = "GPT2LMHeadModel";
  static final String MODEL_TYPE = "gpt2";
  static final About ABOUT =
      new About("GPT-2", "Radford et al. 2019", "learned positions, weights kept [in, out]");

  private static final TensorNames NAMES =
      TensorNames.of(
          "embedding", "transformer.wte",
          "position", "transformer.wpe",
          "layers.{}.attention.norm", "transformer.h.{}.ln_1",
          "layers.{}.attention.qkv", "transformer.h.{}.attn.c_attn",
          "layers.{}.attention.out", "transformer.h.{}.attn.c_proj",
          "layers.{}.mlp.norm", "transformer.h.{}.ln_2",
          "layers.{}.mlp.up", "transformer.h.{}.mlp.c_fc",
          "layers.{}.mlp.down", "transformer.h.{}.mlp.c_proj",
          "norm", "transformer.ln_f",
          "head", "lm_head");

  static Gpt2 read(Config c) {
    int width = c.count("n_embd", "hidden_size");
    int heads = c.count("n_head", "num_attention_heads");
    Families.headDim(width, heads);
    return new Gpt2(
        c.count("vocab_size"),
        width,
        c.optionalCount("n_inner").orElseGet(() -> Families.times(4, width)),
        c.count("n_layer", "num_hidden_layers"),
        heads,
        c.count("n_positions", "max_position_embeddings"),
        c.number(1e-5, "layer_norm_epsilon"),
        c.flag(true, "scale_attn_weights"),
        c.flag(false, "scale_attn_by_inverse_layer_idx"),
        c.flag(false, "reorder_and_upcast_attn"),
        c.activation("gelu_new", "activation_function"),
        c.flag(true, "tie_word_embeddings"),
        c.token("bos_token_id"),
        c.token("eos_token_id"));
  }

  @Override
  public DecoderSpec spec() {
    int headDim = n_embd / n_head;
    return new DecoderSpec(
        vocab_size,
        n_embd,
        n_layer,
        n_positions,
        new DecoderSpec.Norm(DecoderSpec.NormKind.LAYER, (float) layer_norm_epsilon, true, true),
        DecoderSpec.Residual.SEQUENTIAL,
        new DecoderSpec.Attention(n_head, n_head, headDim, true, true)
            .scaled(scale_attn_weights ? (float) (1 / Math.sqrt(headDim)) : 1)
            .scaledByLayer(scale_attn_by_inverse_layer_idx)
            .kept(DecoderSpec.QkvLayout.FUSED),
        new DecoderSpec.Learned(0),
        DecoderSpec.Mlp.plain(n_inner, activation_function, true),
        WeightLayout.IN_OUT,
        tie_word_embeddings);
  }

  @Override
  public TensorNames names() {
    return NAMES;
  }

  /** The first releases name their tensors without {@code transformer.}. */
  @Override
  public Map<String, String> aliases() {
    return Families.withoutPrefix(this, "transformer.");
  }

  @Override
  public List<String> ignored() {
    return List.of(".attn.bias", ".attn.masked_bias");
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
