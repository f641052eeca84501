package dev.gamelan.model.family;

import dev.gamelan.model.DecoderSpec;
import dev.gamelan.model.RopeScaling;
import dev.gamelan.tensor.spi.Activation;
import dev.gamelan.tensor.spi.RotaryStyle;
import dev.gamelan.tensor.spi.Routing;
import dev.gamelan.tensor.spi.WeightLayout;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * Qwen 1.5-MoE and Qwen 2-MoE (Qwen team, 2024): Qwen 2 with experts, and beside them one that
 * every token goes to, weighed by the sigmoid of a gate. Published reference: transformers' {@code
 * modeling_qwen2_moe}. Departures: none.
 *
 * <p>Layers in {@code mlp_only_layers}, and those that {@code decoder_sparse_step} passes over,
 * have a plain MLP of {@code intermediate_size}. With {@code output_router_logits} the
 * load-balancing loss joins that of training. Without {@code layer_types} the window holds in every
 * other layer, from the first, before {@code max_window_layers}.
 */
public record Qwen2Moe(
    int vocab_size,
    int hidden_size,
    int intermediate_size,
    int num_hidden_layers,
    int num_attention_heads,
    int num_key_value_heads,
    int max_position_embeddings,
    double rms_norm_eps,
    double rope_theta,
    RopeScaling rope_scaling,
    int max_window_layers,
    boolean use_sliding_window,
    Optional<Integer> sliding_window,
    Optional<List<String>> layer_types,
    boolean qkv_bias,
    int decoder_sparse_step,
    List<Integer> mlp_only_layers,
    int moe_intermediate_size,
    int shared_expert_intermediate_size,
    int num_experts,
    int num_experts_per_tok,
    boolean norm_topk_prob,
    boolean output_router_logits,
    double router_aux_loss_coef,
    Activation hidden_act,
    boolean tie_word_embeddings,
    Optional<Integer> bos_token_id,
    Optional<Integer> eos_token_id)
    implements Family {
  static final String ARCHITECTURE = "Qwen2MoeForCausalLM";
  static final String MODEL_TYPE = "qwen2_moe";
  static final About ABOUT =
      new About(
          "Qwen 1.5-MoE, 2-MoE",
          "Qwen team 2024",
          "Qwen 2 with many small experts and a shared one");

  private static final TensorNames NAMES =
      Llama.NAMES.with(
          "layers.{}.mlp.router", "model.layers.{}.mlp.gate",
          "layers.{}.mlp.experts.{}.gate", "model.layers.{}.mlp.experts.{}.gate_proj",
          "layers.{}.mlp.experts.{}.up", "model.layers.{}.mlp.experts.{}.up_proj",
          "layers.{}.mlp.experts.{}.down", "model.layers.{}.mlp.experts.{}.down_proj",
          "layers.{}.mlp.shared.gate", "model.layers.{}.mlp.shared_expert.gate_proj",
          "layers.{}.mlp.shared.up", "model.layers.{}.mlp.shared_expert.up_proj",
          "layers.{}.mlp.shared.down", "model.layers.{}.mlp.shared_expert.down_proj",
          "layers.{}.mlp.shared.share", "model.layers.{}.mlp.shared_expert_gate");

  static Qwen2Moe read(Config c) {
    int width = c.count("hidden_size");
    int heads = c.count("num_attention_heads");
    int layers = c.layers();
    int context = c.count("max_position_embeddings");
    Families.headDim(width, heads);
    boolean windowed = c.flag(false, "use_sliding_window");
    return new Qwen2Moe(
        c.count("vocab_size"),
        width,
        c.count("intermediate_size"),
        layers,
        heads,
        c.optionalCount("num_key_value_heads").orElse(heads),
        context,
        c.number(1e-6, "rms_norm_eps"),
        c.ropeBase(10000),
        c.ropeScaling(context),
        c.integer(28, "max_window_layers"),
        windowed,
        windowed ? c.window(4096) : Optional.empty(),
        c.layerTypes(layers),
        c.flag(true, "qkv_bias"),
        c.optionalCount("decoder_sparse_step").orElse(1),
        c.layerNumbers("mlp_only_layers"),
        c.optionalCount("moe_intermediate_size").orElse(1408),
        c.optionalCount("shared_expert_intermediate_size").orElse(5632),
        c.optionalCount("num_experts").orElse(60),
        c.optionalCount("num_experts_per_tok").orElse(4),
        c.flag(false, "norm_topk_prob"),
        c.flag(false, "output_router_logits"),
        c.number(0.001, "router_aux_loss_coef"),
        c.activation("silu", "hidden_act"),
        c.flag(false, "tie_word_embeddings"),
        c.token("bos_token_id"),
        c.token("eos_token_id"));
  }

  @Override
  public DecoderSpec spec() {
    int headDim = hidden_size / num_attention_heads;
    DecoderSpec.Experts experts =
        new DecoderSpec.Experts(
            num_experts,
            num_experts_per_tok,
            moe_intermediate_size,
            norm_topk_prob ? Routing.SOFTMAX_OF_CHOSEN : Routing.SOFTMAX_OF_ALL,
            output_router_logits ? (float) router_aux_loss_coef : 0,
            shared_expert_intermediate_size,
            Families.mixing(mlp_only_layers, decoder_sparse_step, num_hidden_layers));
    return new DecoderSpec(
        vocab_size,
        hidden_size,
        num_hidden_layers,
        max_position_embeddings,
        new DecoderSpec.Norm(DecoderSpec.NormKind.RMS, (float) rms_norm_eps, true, false),
        DecoderSpec.Residual.SEQUENTIAL,
        new DecoderSpec.Attention(
                num_attention_heads, num_key_value_heads, headDim, qkv_bias, false)
            .windowed(sliding_window.orElse(0), windowed()),
        new DecoderSpec.Rotary(RotaryStyle.HALF_SPLIT, headDim, rope_theta, rope_scaling),
        new DecoderSpec.Mlp(
            intermediate_size, hidden_act, true, false, false, Optional.of(experts)),
        WeightLayout.OUT_IN,
        tie_word_embeddings);
  }

  private DecoderSpec.Layers windowed() {
    if (layer_types.isPresent()) {
      return Families.sliding(layer_types.get());
    }
    Set<Integer> full = new LinkedHashSet<>();
    for (int i = 0; i < num_hidden_layers; i++) {
      if (i % 2 == 1 || i >= max_window_layers) {
        full.add(i);
      }
    }
    return new DecoderSpec.Layers(full);
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
