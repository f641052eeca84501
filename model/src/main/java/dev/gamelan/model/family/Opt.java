package dev.gamelan.model.family;

import dev.gamelan.model.DecoderSpec;
import dev.gamelan.tensor.spi.Activation;
import dev.gamelan.tensor.spi.WeightLayout;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * OPT (Zhang et al., 2022), the shape of Galactica (Taylor et al., 2022): learned positions that
 * begin at row 2. Published reference: transformers' {@code modeling_opt}. Departures: none.
 *
 * <p>Only OPT 350M has norms after attention and MLP ({@code do_layer_norm_before} false) and
 * embeddings of another width ({@code word_embed_proj_dim}).
 */
public record Opt(
    int vocab_size,
    int hidden_size,
    int ffn_dim,
    int num_hidden_layers,
    int num_attention_heads,
    int max_position_embeddings,
    Activation activation_function,
    boolean enable_bias,
    boolean layer_norm_elementwise_affine,
    boolean do_layer_norm_before,
    boolean _remove_final_layer_norm,
    int word_embed_proj_dim,
    boolean tie_word_embeddings,
    Optional<Integer> bos_token_id,
    Optional<Integer> eos_token_id)
    implements Family {
  static final String ARCHITECTURE = "OPTForCausalLM";
  static final String MODEL_TYPE = "opt";
  static final About ABOUT =
      new About(
          "OPT, Galactica",
          "Zhang et al. 2022; Taylor et al. 2022",
          "learned positions from row 2; Galactica: GELU, no biases");

  private static final TensorNames NAMES =
      TensorNames.of(
          "embedding", "model.decoder.embed_tokens",
          "embedding.in", "model.decoder.project_in",
          "embedding.out", "model.decoder.project_out",
          "position", "model.decoder.embed_positions",
          "layers.{}.attention.norm", "model.decoder.layers.{}.self_attn_layer_norm",
          "layers.{}.attention.q", "model.decoder.layers.{}.self_attn.q_proj",
          "layers.{}.attention.k", "model.decoder.layers.{}.self_attn.k_proj",
          "layers.{}.attention.v", "model.decoder.layers.{}.self_attn.v_proj",
          "layers.{}.attention.out", "model.decoder.layers.{}.self_attn.out_proj",
          "layers.{}.mlp.norm", "model.decoder.layers.{}.final_layer_norm",
          "layers.{}.mlp.up", "model.decoder.layers.{}.fc1",
          "layers.{}.mlp.down", "model.decoder.layers.{}.fc2",
          "norm", "model.decoder.final_layer_norm",
          "head", "lm_head");

  static Opt read(Config c) {
    int width = c.count("hidden_size");
    int heads = c.count("num_attention_heads");
    Families.headDim(width, heads);
    return new Opt(
        c.count("vocab_size"),
        width,
        c.count("ffn_dim"),
        c.count("num_hidden_layers"),
        heads,
        c.count("max_position_embeddings"),
        c.activation("relu", "activation_function"),
        c.flag(true, "enable_bias", "bias"),
        c.flag(true, "layer_norm_elementwise_affine"),
        c.flag(true, "do_layer_norm_before"),
        c.flag(false, "_remove_final_layer_norm"),
        c.optionalCount("word_embed_proj_dim").orElse(width),
        c.flag(true, "tie_word_embeddings"),
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
            new DecoderSpec.Norm(
                DecoderSpec.NormKind.LAYER,
                (float) 1e-5,
                layer_norm_elementwise_affine,
                layer_norm_elementwise_affine),
            do_layer_norm_before
                ? DecoderSpec.Residual.SEQUENTIAL
                : DecoderSpec.Residual.NORM_OF_SUM,
            new DecoderSpec.Attention(
                num_attention_heads,
                num_attention_heads,
                hidden_size / num_attention_heads,
                enable_bias,
                enable_bias),
            new DecoderSpec.Learned(2),
            DecoderSpec.Mlp.plain(ffn_dim, activation_function, enable_bias),
            WeightLayout.OUT_IN,
            tie_word_embeddings)
        .embedded(word_embed_proj_dim)
        .finallyNormed(do_layer_norm_before && !_remove_final_layer_norm);
  }

  @Override
  public TensorNames names() {
    return NAMES;
  }

  /** The first releases name their tensors without {@code model.}. */
  @Override
  public Map<String, String> aliases() {
    return Families.withoutPrefix(this, "model.");
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
