package dev.gamelan.model.family;

import dev.gamelan.model.DecoderSpec;
import dev.gamelan.model.RopeScaling;
import dev.gamelan.tensor.spi.Activation;
import dev.gamelan.tensor.spi.RotaryStyle;
import dev.gamelan.tensor.spi.WeightLayout;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * Qwen 1 (Bai et al., 2023): Llama's shape in one weight for queries, keys and values, with a bias
 * there; {@code intermediate_size} counts gate and up together. Published reference: the {@code
 * modeling_qwen.py} beside the checkpoints. Departures: none; beyond {@code seq_length} the
 * rotation follows the length of the prompt ({@code use_dynamic_ntk}) and queries count more
 * ({@code use_logn_attn}), except in training, as there.
 */
public record Qwen(
    int vocab_size,
    int hidden_size,
    int intermediate_size,
    int num_hidden_layers,
    int num_attention_heads,
    int kv_channels,
    int seq_length,
    int max_position_embeddings,
    double layer_norm_epsilon,
    double rotary_emb_base,
    double rotary_pct,
    boolean no_bias,
    boolean use_dynamic_ntk,
    boolean use_logn_attn,
    boolean tie_word_embeddings,
    Optional<Integer> bos_token_id,
    Optional<Integer> eos_token_id)
    implements Family {
  static final String ARCHITECTURE = "QWenLMHeadModel";
  static final String MODEL_TYPE = "qwen";
  static final About ABOUT =
      new About(
          "Qwen 1", "Bai et al. 2023", "Llama in one weight for q, k and v, with a bias there");

  private static final TensorNames NAMES =
      TensorNames.of(
          "embedding", "transformer.wte",
          "layers.{}.attention.norm", "transformer.h.{}.ln_1",
          "layers.{}.attention.qkv", "transformer.h.{}.attn.c_attn",
          "layers.{}.attention.out", "transformer.h.{}.attn.c_proj",
          "layers.{}.mlp.norm", "transformer.h.{}.ln_2",
          "layers.{}.mlp.up", "transformer.h.{}.mlp.w1",
          "layers.{}.mlp.gate", "transformer.h.{}.mlp.w2",
          "layers.{}.mlp.down", "transformer.h.{}.mlp.c_proj",
          "norm", "transformer.ln_f",
          "head", "lm_head");

  static Qwen read(Config c) {
    int width = c.count("hidden_size");
    int heads = c.count("num_attention_heads");
    int hidden = c.count("intermediate_size");
    boolean ntk = c.flag(true, "use_dynamic_ntk");
    c.require(hidden % 2 == 0, "intermediate_size", "an even number: it counts gate and up");
    int context = c.count("seq_length", "max_position_embeddings");
    return new Qwen(
        c.count("vocab_size"),
        width,
        hidden,
        c.count("num_hidden_layers"),
        heads,
        c.optionalCount("kv_channels").orElseGet(() -> Families.headDim(width, heads)),
        context,
        c.optionalCount("max_position_embeddings").orElse(context),
        c.number(1e-6, "layer_norm_epsilon"),
        c.ropeBase(10000),
        c.rotaryShare(1),
        c.flag(true, "no_bias"),
        ntk,
        c.flag(true, "use_logn_attn"),
        c.flag(false, "tie_word_embeddings"),
        c.token("bos_token_id"),
        c.token("eos_token_id"));
  }

  @Override
  public DecoderSpec spec() {
    boolean beyond = use_dynamic_ntk || use_logn_attn;
    DecoderSpec.Attention attention =
        new DecoderSpec.Attention(
                num_attention_heads, num_attention_heads, kv_channels, true, !no_bias)
            .kept(DecoderSpec.QkvLayout.FUSED);
    return new DecoderSpec(
        vocab_size,
        hidden_size,
        num_hidden_layers,
        beyond ? Math.max(seq_length, max_position_embeddings) : seq_length,
        new DecoderSpec.Norm(DecoderSpec.NormKind.RMS, (float) layer_norm_epsilon, true, false),
        DecoderSpec.Residual.SEQUENTIAL,
        use_logn_attn ? attention.logScaled(seq_length) : attention,
        new DecoderSpec.Rotary(
            RotaryStyle.HALF_SPLIT,
            (int) (kv_channels * rotary_pct),
            rotary_emb_base,
            use_dynamic_ntk ? new RopeScaling.DynamicDoubling(seq_length) : new RopeScaling.None()),
        DecoderSpec.Mlp.gated(intermediate_size / 2, Activation.SILU, !no_bias),
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
