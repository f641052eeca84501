package dev.gamelan.model.family;

import dev.gamelan.model.DecoderSpec;
import dev.gamelan.tensor.spi.Activation;
import dev.gamelan.tensor.spi.WeightLayout;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * GPTBigCode, the shape of StarCoder 1 and SantaCoder (Li et al., 2023): GPT-2 with one key and
 * value head for all queries. Published reference: transformers' {@code modeling_gpt_bigcode}.
 * Departures: none.
 */
public record GptBigCode(
    int vocab_size,
    int n_embd,
    int n_inner,
    int n_layer,
    int n_head,
    int n_positions,
    double layer_norm_epsilon,
    boolean scale_attn_weights,
    Activation activation_function,
    boolean multi_query,
    boolean tie_word_embeddings,
    Optional<Integer> bos_token_id,
    Optional<Integer> eos_token_id)
    implements Family {
  static final String ARCHITECTURE = "GPTBigCodeForCausalLM";
  static final String MODEL_TYPE = "gpt_bigcode";
  static final About ABOUT =
      new About(
          "StarCoder 1, SantaCoder (GPTBigCode)",
          "Li et al. 2023",
          "GPT-2 with one key head for all queries");

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

  static GptBigCode read(Config c) {
    int width = c.count("n_embd", "hidden_size");
    int heads = c.count("n_head", "num_attention_heads");
    Families.headDim(width, heads);
    return new GptBigCode(
        c.count("vocab_size"),
        width,
        c.optionalCount("n_inner").orElseGet(() -> Families.times(4, width)),
        c.count("n_layer", "num_hidden_layers"),
        heads,
        c.count("n_positions", "max_position_embeddings"),
        c.number(1e-5, "layer_norm_epsilon"),
        c.flag(true, "scale_attn_weights"),
        c.activation("gelu_pytorch_tanh", "activation_function"),
        c.flag(true, "multi_query"),
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
        new DecoderSpec.Attention(n_head, multi_query ? 1 : n_head, headDim, true, true)
            .scaled(scale_attn_weights ? (float) (1 / Math.sqrt(headDim)) : 1)
            .kept(multi_query ? DecoderSpec.QkvLayout.FUSED : DecoderSpec.QkvLayout.FUSED_PER_HEAD),
        new DecoderSpec.Learned(0),
        DecoderSpec.Mlp.plain(n_inner, activation_function, true),
        WeightLayout.OUT_IN,
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
