package dev.gamelan.model.family;

import dev.gamelan.model.DecoderSpec;
import dev.gamelan.tensor.spi.Activation;
import dev.gamelan.tensor.spi.WeightLayout;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * MPT (MosaicML, 2023): ALiBi, layer norms without biases, one weight for queries, keys and values.
 * Published reference: transformers' {@code modeling_mpt}, and MosaicML's llm-foundry where that
 * passes over a key: {@code no_bias} false gives every norm and product a bias, {@code qk_ln} norms
 * of all queries and of all keys after the clip, {@code alibi_bias_max} the slopes. Departures:
 * scaled logits and attention of other types are refused.
 *
 * <p>{@code learned_pos_emb} counts only without ALiBi.
 */
public record Mpt(
    int vocab_size,
    int d_model,
    int expansion_ratio,
    int n_layers,
    int n_heads,
    int max_seq_len,
    double layer_norm_epsilon,
    boolean learned_pos_emb,
    boolean no_bias,
    AttnConfig attn_config,
    boolean tie_word_embeddings,
    Optional<Integer> bos_token_id,
    Optional<Integer> eos_token_id)
    implements Family {
  static final String ARCHITECTURE = "MptForCausalLM";
  static final String MODEL_TYPE = "mpt";
  static final About ABOUT = new About("MPT", "MosaicML 2023", "ALiBi, norms without biases");

  private static final TensorNames NAMES =
      TensorNames.of(
          "embedding", "transformer.wte",
          "position", "transformer.wpe",
          "layers.{}.attention.norm", "transformer.blocks.{}.norm_1",
          "layers.{}.attention.qkv", "transformer.blocks.{}.attn.Wqkv",
          "layers.{}.attention.q_norm", "transformer.blocks.{}.attn.q_ln",
          "layers.{}.attention.k_norm", "transformer.blocks.{}.attn.k_ln",
          "layers.{}.attention.out", "transformer.blocks.{}.attn.out_proj",
          "layers.{}.mlp.norm", "transformer.blocks.{}.norm_2",
          "layers.{}.mlp.up", "transformer.blocks.{}.ffn.up_proj",
          "layers.{}.mlp.down", "transformer.blocks.{}.ffn.down_proj",
          "norm", "transformer.norm_f",
          "head", "lm_head");

  /** The keys of {@code attn_config}. */
  public record AttnConfig(
      boolean alibi,
      double alibi_bias_max,
      boolean qk_ln,
      Optional<Double> clip_qkv,
      Optional<Double> softmax_scale) {
    static AttnConfig read(Config c) {
      c.require(!c.flag(false, "prefix_lm"), "prefix_lm", "false");
      c.require(
          c.text("attn_type").orElse("multihead_attention").equals("multihead_attention"),
          "attn_type",
          "\"multihead_attention\"");
      return new AttnConfig(
          c.flag(true, "alibi"),
          c.number(8, "alibi_bias_max"),
          c.flag(false, "qk_ln"),
          c.optionalNumber("clip_qkv"),
          c.optionalNumber("softmax_scale"));
    }
  }

  static Mpt read(Config c) {
    int width = c.count("d_model");
    int heads = c.count("n_heads");
    Families.headDim(width, heads);
    c.require(
        !c.has("logit_scale") || c.optionalNumber("logit_scale").isEmpty(), "logit_scale", "null");
    AttnConfig attention =
        AttnConfig.read(
            c.child("attn_config").orElse(new Config(c + ": attn_config", Config.object())));
    boolean learned = c.flag(true, "learned_pos_emb");
    c.require(attention.alibi() || learned, "learned_pos_emb", "true without ALiBi");
    return new Mpt(
        c.count("vocab_size"),
        width,
        c.optionalCount("expansion_ratio").orElse(4),
        c.count("n_layers"),
        heads,
        c.count("max_seq_len"),
        c.number(1e-5, "layer_norm_epsilon"),
        learned,
        c.flag(true, "no_bias"),
        attention,
        c.flag(true, "tie_word_embeddings"),
        c.token("bos_token_id"),
        c.token("eos_token_id"));
  }

  @Override
  public DecoderSpec spec() {
    int headDim = d_model / n_heads;
    return new DecoderSpec(
        vocab_size,
        d_model,
        n_layers,
        max_seq_len,
        new DecoderSpec.Norm(
            DecoderSpec.NormKind.LAYER, (float) layer_norm_epsilon, true, !no_bias),
        DecoderSpec.Residual.SEQUENTIAL,
        new DecoderSpec.Attention(n_heads, n_heads, headDim, !no_bias, !no_bias)
            .scaled(attn_config.softmax_scale().orElse(1 / Math.sqrt(headDim)).floatValue())
            .clipped(attn_config.clip_qkv().orElse(0.0))
            .normalised(attn_config.qk_ln() ? DecoderSpec.QkNorm.WHOLE : DecoderSpec.QkNorm.NONE)
            .kept(DecoderSpec.QkvLayout.FUSED),
        attn_config.alibi()
            ? DecoderSpec.Alibi.of(n_heads, attn_config.alibi_bias_max(), 1)
            : new DecoderSpec.Learned(0),
        DecoderSpec.Mlp.plain(Families.times(expansion_ratio, d_model), Activation.GELU, !no_bias),
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
