package dev.gamelan.model.family;

import dev.gamelan.model.DecoderSpec;
import dev.gamelan.model.RopeScaling;
import dev.gamelan.tensor.spi.Activation;
import dev.gamelan.tensor.spi.RotaryStyle;
import dev.gamelan.tensor.spi.WeightLayout;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * GPT-NeoX (Black et al., 2022), the shape of Pythia (Biderman et al., 2023) and of
 * RedPajama-INCITE. Published reference: transformers' {@code modeling_gpt_neox}. Departures: none.
 *
 * <p>The components are the keys of the Hugging Face configuration. Pythia turns a quarter of each
 * head and adds attention and MLP in parallel; RedPajama-INCITE turns whole heads, one after the
 * other.
 */
public record GptNeoX(
    int vocab_size,
    int hidden_size,
    int intermediate_size,
    int num_hidden_layers,
    int num_attention_heads,
    int max_position_embeddings,
    double layer_norm_eps,
    double rotary_emb_base,
    double rotary_pct,
    RopeScaling rope_scaling,
    Activation hidden_act,
    boolean attention_bias,
    boolean use_parallel_residual,
    boolean tie_word_embeddings,
    Optional<Integer> bos_token_id,
    Optional<Integer> eos_token_id)
    implements Family {
  static final String ARCHITECTURE = "GPTNeoXForCausalLM";
  static final String MODEL_TYPE = "gpt_neox";
  static final About ABOUT =
      new About(
          "GPT-NeoX: Pythia, RedPajama-INCITE",
          "Black et al. 2022; Biderman et al. 2023",
          "layer norms, attention and MLP side by side, part of each head turns, q k v of each head together");

  private static final TensorNames NAMES =
      TensorNames.of(
          "embedding", "gpt_neox.embed_in",
          "layers.{}.attention.norm", "gpt_neox.layers.{}.input_layernorm",
          "layers.{}.attention.qkv", "gpt_neox.layers.{}.attention.query_key_value",
          "layers.{}.attention.out", "gpt_neox.layers.{}.attention.dense",
          "layers.{}.mlp.norm", "gpt_neox.layers.{}.post_attention_layernorm",
          "layers.{}.mlp.up", "gpt_neox.layers.{}.mlp.dense_h_to_4h",
          "layers.{}.mlp.down", "gpt_neox.layers.{}.mlp.dense_4h_to_h",
          "norm", "gpt_neox.final_layer_norm",
          "head", "embed_out");

  /**
   * A model of Pythia's shape (Biderman et al., 2023): four times the width in the MLP, a quarter
   * of each head turns, attention and MLP in parallel.
   *
   * @param vocabulary rows of the embedding; Pythia pads to a multiple of 128
   * @param context positions
   * @param endOfText the token between documents, which ends an answer
   */
  public static GptNeoX pythia(
      int vocabulary, int layers, int width, int heads, int context, Optional<Integer> endOfText) {
    Families.headDim(width, heads);
    return new GptNeoX(
        vocabulary,
        width,
        4 * width,
        layers,
        heads,
        context,
        1e-5,
        10000,
        0.25,
        new RopeScaling.None(),
        Activation.GELU,
        true,
        true,
        false,
        endOfText,
        endOfText);
  }

  static GptNeoX read(Config c) {
    int width = c.count("hidden_size");
    int heads = c.count("num_attention_heads");
    Families.headDim(width, heads);
    int context = c.count("max_position_embeddings");
    return new GptNeoX(
        c.count("vocab_size"),
        width,
        c.count("intermediate_size"),
        c.count("num_hidden_layers"),
        heads,
        context,
        c.number(1e-5, "layer_norm_eps"),
        c.ropeBase(10000),
        c.rotaryShare(0.25),
        c.ropeScaling(context),
        c.activation("gelu", "hidden_act"),
        c.flag(true, "attention_bias"),
        c.flag(true, "use_parallel_residual"),
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
        new DecoderSpec.Norm(DecoderSpec.NormKind.LAYER, (float) layer_norm_eps, true, true),
        use_parallel_residual ? DecoderSpec.Residual.PARALLEL : DecoderSpec.Residual.SEQUENTIAL,
        new DecoderSpec.Attention(
                num_attention_heads, num_attention_heads, headDim, attention_bias, attention_bias)
            .kept(DecoderSpec.QkvLayout.FUSED_PER_HEAD),
        new DecoderSpec.Rotary(
            RotaryStyle.HALF_SPLIT, (int) (headDim * rotary_pct), rotary_emb_base, rope_scaling),
        new DecoderSpec.Mlp(intermediate_size, hidden_act, false, false, true, Optional.empty()),
        WeightLayout.OUT_IN,
        tie_word_embeddings);
  }

  @Override
  public TensorNames names() {
    return NAMES;
  }

  /** transformers 5 calls the head as all others do. */
  @Override
  public Map<String, String> aliases() {
    return Map.of("lm_head.weight", "head.weight");
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
