package dev.gamelan.model.family;

import dev.gamelan.model.DecoderSpec;
import dev.gamelan.model.RopeScaling;
import dev.gamelan.tensor.spi.Activation;
import dev.gamelan.tensor.spi.RotaryStyle;
import dev.gamelan.tensor.spi.Routing;
import dev.gamelan.tensor.spi.WeightLayout;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * Mixtral (Jiang et al., 2024): Mistral with experts instead of one MLP; each token goes to {@code
 * num_experts_per_tok} of them, weighted by a softmax over the chosen. Published reference:
 * transformers' {@code modeling_mixtral}. Departures: {@code router_jitter_noise}, which no release
 * has, is refused.
 *
 * <p>With {@code output_router_logits} the load-balancing loss joins that of training, as there.
 */
public record Mixtral(
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
    int num_local_experts,
    int num_experts_per_tok,
    boolean output_router_logits,
    double router_aux_loss_coef,
    Activation hidden_act,
    boolean tie_word_embeddings,
    Optional<Integer> bos_token_id,
    Optional<Integer> eos_token_id)
    implements Family {
  static final String ARCHITECTURE = "MixtralForCausalLM";
  static final String MODEL_TYPE = "mixtral";
  static final About ABOUT =
      new About("Mixtral", "Jiang et al. 2024", "Mistral with experts, two of eight a token");

  private static final TensorNames NAMES =
      Llama.NAMES.with(
          "layers.{}.mlp.router", "model.layers.{}.block_sparse_moe.gate",
          "layers.{}.mlp.experts.{}.gate", "model.layers.{}.block_sparse_moe.experts.{}.w1",
          "layers.{}.mlp.experts.{}.down", "model.layers.{}.block_sparse_moe.experts.{}.w2",
          "layers.{}.mlp.experts.{}.up", "model.layers.{}.block_sparse_moe.experts.{}.w3");

  static Mixtral read(Config c) {
    int width = c.count("hidden_size");
    int heads = c.count("num_attention_heads");
    int context = c.count("max_position_embeddings");
    c.require(c.number(0, "router_jitter_noise") == 0, "router_jitter_noise", "0");
    return new Mixtral(
        c.count("vocab_size"),
        width,
        c.count("intermediate_size"),
        c.count("num_hidden_layers"),
        heads,
        c.optionalCount("num_key_value_heads").orElse(heads),
        c.optionalCount("head_dim").orElseGet(() -> Families.headDim(width, heads)),
        context,
        c.number(1e-5, "rms_norm_eps"),
        c.ropeBase(1e6),
        c.ropeScaling(context),
        c.optionalCount("sliding_window"),
        c.optionalCount("num_local_experts").orElse(8),
        c.optionalCount("num_experts_per_tok").orElse(2),
        c.flag(false, "output_router_logits"),
        c.number(0.001, "router_aux_loss_coef"),
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
        new DecoderSpec.Mlp(
            intermediate_size,
            hidden_act,
            true,
            false,
            false,
            Optional.of(
                new DecoderSpec.Experts(
                    num_local_experts,
                    num_experts_per_tok,
                    intermediate_size,
                    Routing.SOFTMAX_OF_CHOSEN,
                    output_router_logits ? (float) router_aux_loss_coef : 0,
                    0,
                    DecoderSpec.Layers.ALL))),
        WeightLayout.OUT_IN,
        tie_word_embeddings);
  }

  @Override
  public TensorNames names() {
    return NAMES;
  }

  /** transformers 5 keeps the router with the MLP. */
  @Override
  public Map<String, String> aliases() {
    Map<String, String> aliases = new LinkedHashMap<>();
    for (int i = 0; i < num_hidden_layers; i++) {
      aliases.put(
          "model.layers.%d.mlp.gate.weight".formatted(i),
          "layers.%d.mlp.router.weight".formatted(i));
    }
    return aliases;
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
