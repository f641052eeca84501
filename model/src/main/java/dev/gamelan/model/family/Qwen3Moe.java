package dev.gamelan.model.family;

import dev.gamelan.model.DecoderSpec;
import dev.gamelan.model.RopeScaling;
import dev.gamelan.tensor.spi.Activation;
import dev.gamelan.tensor.spi.RotaryStyle;
import dev.gamelan.tensor.spi.Routing;
import dev.gamelan.tensor.spi.WeightLayout;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * Qwen 3-MoE (Qwen team, 2025): Qwen 3 with many small experts. Published reference: transformers'
 * {@code modeling_qwen3_moe}. Departures: none.
 *
 * <p>Layers in {@code mlp_only_layers}, and those that {@code decoder_sparse_step} passes over,
 * have a plain MLP of {@code intermediate_size}. The window holds in every layer. With {@code
 * output_router_logits} the load-balancing loss joins that of training.
 */
public record Qwen3Moe(
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
    boolean use_sliding_window,
    Optional<Integer> sliding_window,
    int decoder_sparse_step,
    List<Integer> mlp_only_layers,
    int moe_intermediate_size,
    int num_experts,
    int num_experts_per_tok,
    boolean norm_topk_prob,
    boolean output_router_logits,
    double router_aux_loss_coef,
    Activation hidden_act,
    boolean attention_bias,
    boolean tie_word_embeddings,
    Optional<Integer> bos_token_id,
    Optional<Integer> eos_token_id)
    implements Family {
  static final String ARCHITECTURE = "Qwen3MoeForCausalLM";
  static final String MODEL_TYPE = "qwen3_moe";
  static final About ABOUT =
      new About("Qwen 3-MoE", "Qwen team 2025", "Qwen 3 with many small experts");

  private static final TensorNames NAMES =
      Llama.NAMES.with(
          "layers.{}.attention.q_norm", "model.layers.{}.self_attn.q_norm",
          "layers.{}.attention.k_norm", "model.layers.{}.self_attn.k_norm",
          "layers.{}.mlp.router", "model.layers.{}.mlp.gate",
          "layers.{}.mlp.experts.{}.gate", "model.layers.{}.mlp.experts.{}.gate_proj",
          "layers.{}.mlp.experts.{}.up", "model.layers.{}.mlp.experts.{}.up_proj",
          "layers.{}.mlp.experts.{}.down", "model.layers.{}.mlp.experts.{}.down_proj");

  static Qwen3Moe read(Config c) {
    int width = c.count("hidden_size");
    int heads = c.count("num_attention_heads");
    int context = c.count("max_position_embeddings");
    int layers = c.layers();
    boolean windowed = c.flag(false, "use_sliding_window");
    return new Qwen3Moe(
        c.count("vocab_size"),
        width,
        c.count("intermediate_size"),
        layers,
        heads,
        c.optionalCount("num_key_value_heads").orElse(heads),
        c.optionalCount("head_dim").orElseGet(() -> Families.headDim(width, heads)),
        context,
        c.number(1e-6, "rms_norm_eps"),
        c.ropeBase(10000),
        c.ropeScaling(context),
        windowed,
        windowed ? c.window(4096) : Optional.empty(),
        c.optionalCount("decoder_sparse_step").orElse(1),
        c.layerNumbers("mlp_only_layers"),
        c.optionalCount("moe_intermediate_size").orElse(768),
        c.optionalCount("num_experts", "num_local_experts").orElse(128),
        c.optionalCount("num_experts_per_tok").orElse(8),
        c.flag(false, "norm_topk_prob"),
        c.flag(false, "output_router_logits"),
        c.number(0.001, "router_aux_loss_coef"),
        c.activation("silu", "hidden_act"),
        c.flag(false, "attention_bias"),
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
        new DecoderSpec.Attention(
                num_attention_heads, num_key_value_heads, head_dim, attention_bias, attention_bias)
            .windowed(sliding_window.orElse(0))
            .normalised(DecoderSpec.QkNorm.PER_HEAD),
        new DecoderSpec.Rotary(RotaryStyle.HALF_SPLIT, head_dim, rope_theta, rope_scaling),
        new DecoderSpec.Mlp(
            intermediate_size,
            hidden_act,
            true,
            false,
            false,
            Optional.of(
                new DecoderSpec.Experts(
                    num_experts,
                    num_experts_per_tok,
                    moe_intermediate_size,
                    norm_topk_prob ? Routing.SOFTMAX_OF_CHOSEN : Routing.SOFTMAX_OF_ALL,
                    output_router_logits ? (float) router_aux_loss_coef : 0,
                    0,
                    Families.mixing(mlp_only_layers, decoder_sparse_step, num_hidden_layers)))),
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
