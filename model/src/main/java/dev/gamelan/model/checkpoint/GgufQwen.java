package dev.gamelan.model.checkpoint;

import dev.gamelan.model.DecoderSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code qwen2}, {@code qwen3}, {@code qwen2moe} and {@code qwen3moe}, which keep all as Hugging
 * Face does. Files don't say whether there is a window; such models are published without.
 *
 * @param name of the architecture
 * @param modelType Hugging Face's
 * @param published the class that Hugging Face's configuration names
 * @param experts what layers have for an MLP
 * @param headDims whether a key says how wide a head is
 */
record GgufQwen(String name, String modelType, String published, Experts experts, boolean headDims)
    implements GgufArchitecture {
  /** What a layer has for an MLP. */
  enum Experts {
    NONE,
    /** A mixture and an expert for every token; the chosen ones' shares are those among all. */
    WITH_SHARED,
    /** A mixture; the chosen ones' shares sum to 1. */
    ALONE
  }

  private static final List<GgufField> FIELDS = fields();

  private static final Map<String, String> STEMS =
      GgufKeys.with(
          GgufLlama.STEMS,
          Map.ofEntries(
              Map.entry("layers.{}.attention.q_norm", "blk.{}.attn_q_norm"),
              Map.entry("layers.{}.attention.k_norm", "blk.{}.attn_k_norm"),
              Map.entry("layers.{}.mlp.router", "blk.{}.ffn_gate_inp"),
              Map.entry("layers.{}.mlp.experts.{}.gate", "blk.{}.ffn_gate_exps"),
              Map.entry("layers.{}.mlp.experts.{}.up", "blk.{}.ffn_up_exps"),
              Map.entry("layers.{}.mlp.experts.{}.down", "blk.{}.ffn_down_exps"),
              Map.entry("layers.{}.mlp.shared.gate", "blk.{}.ffn_gate_shexp"),
              Map.entry("layers.{}.mlp.shared.up", "blk.{}.ffn_up_shexp"),
              Map.entry("layers.{}.mlp.shared.down", "blk.{}.ffn_down_shexp"),
              Map.entry("layers.{}.mlp.shared.share", "blk.{}.ffn_gate_inp_shexp")));

  private static List<GgufField> fields() {
    List<GgufField> fields = new ArrayList<>(GgufField.usual());
    fields.add(GgufField.number("attention.layer_norm_rms_epsilon", "rms_norm_eps", Double.NaN));
    fields.add(GgufField.number("rope.freq_base", "rope_theta", 10000));
    return List.copyOf(fields);
  }

  static List<GgufQwen> all() {
    return List.of(
        new GgufQwen("qwen2", "qwen2", "Qwen2ForCausalLM", Experts.NONE, false),
        new GgufQwen("qwen3", "qwen3", "Qwen3ForCausalLM", Experts.NONE, true),
        new GgufQwen("qwen2moe", "qwen2_moe", "Qwen2MoeForCausalLM", Experts.WITH_SHARED, false),
        new GgufQwen("qwen3moe", "qwen3_moe", "Qwen3MoeForCausalLM", Experts.ALONE, true));
  }

  @Override
  public List<String> modelTypes() {
    return List.of(modelType);
  }

  @Override
  public Map<String, String> stems(DecoderSpec spec) {
    return STEMS;
  }

  @Override
  public DecoderSpec kept(DecoderSpec spec) {
    return spec;
  }

  @Override
  public ObjectNode config(Gguf file) {
    ObjectNode c = GgufKeys.config(file, published, modelType);
    GgufField.read(file, name, FIELDS, c);
    c.put(
        "num_key_value_heads",
        file.whole(name + ".attention.head_count_kv")
            .orElseGet(() -> c.path("num_attention_heads").asLong()));
    long headDim = GgufKeys.headDim(file, name);
    if (headDims) {
      c.put("head_dim", headDim);
      c.put("attention_bias", GgufKeys.has(file, "attn_q.bias"));
    }
    c.put("hidden_act", "silu").put("use_sliding_window", false);
    if (experts != Experts.NONE) {
      c.put("num_experts", GgufKeys.count(file, name + ".expert_count"));
      c.put("num_experts_per_tok", GgufKeys.count(file, name + ".expert_used_count"));
      c.put("moe_intermediate_size", file.tensor("blk.0.ffn_up_exps.weight").shape().extent(1));
      if (experts == Experts.WITH_SHARED) {
        c.put("shared_expert_intermediate_size", file.tensor("blk.0.ffn_up_shexp.weight").rows());
      }
      c.put("norm_topk_prob", experts == Experts.ALONE).put("decoder_sparse_step", 1);
    }
    GgufRope.read(file, name, c);
    return c;
  }

  @Override
  public Map<String, GgufValue> metadata(ObjectNode c) {
    GgufKeys.require(
        c.path("hidden_act").asString("").equals("silu"), name, c, "hidden_act", "silu");
    GgufKeys.require(
        !c.path("use_sliding_window").asBoolean(false), name, c, "use_sliding_window", "false");
    Map<String, GgufValue> keys = new LinkedHashMap<>();
    GgufField.write(c, name, FIELDS, keys);
    keys.put(
        name + ".attention.head_count_kv",
        GgufValue.uint32(c.path("num_key_value_heads").asLong()));
    if (headDims) {
      long headDim = c.path("head_dim").asLong();
      keys.put(name + ".attention.key_length", GgufValue.uint32(headDim));
      keys.put(name + ".attention.value_length", GgufValue.uint32(headDim));
    }
    if (experts != Experts.NONE) {
      boolean alone = experts == Experts.ALONE;
      GgufKeys.require(
          c.path("norm_topk_prob").asBoolean(false) == alone,
          name,
          c,
          "norm_topk_prob",
          Boolean.toString(alone));
      GgufKeys.require(
          c.path("decoder_sparse_step").asInt(1) == 1 && c.path("mlp_only_layers").isEmpty(),
          name,
          c,
          "mlp_only_layers",
          "empty, and decoder_sparse_step 1");
      GgufKeys.require(alone || c.path("qkv_bias").asBoolean(true), name, c, "qkv_bias", "true");
      keys.put(name + ".expert_count", GgufValue.uint32(c.path("num_experts").asLong()));
      keys.put(
          name + ".expert_used_count", GgufValue.uint32(c.path("num_experts_per_tok").asLong()));
      keys.put(
          name + ".expert_feed_forward_length",
          GgufValue.uint32(c.path("moe_intermediate_size").asLong()));
      if (!alone) {
        keys.put(
            name + ".expert_shared_feed_forward_length",
            GgufValue.uint32(c.path("shared_expert_intermediate_size").asLong()));
      }
    }
    GgufRope.write(c, name, keys);
    return keys;
  }
}
