package dev.gamelan.model.checkpoint;

import dev.gamelan.model.DecoderSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code llama}: Llama, Mistral and Mixtral. Its rotary embedding turns neighbours, so converters
 * bring the rows of the query and key projections into another order than Hugging Face's. A file
 * with experts is Mixtral, one with a window Mistral.
 */
final class GgufLlama implements GgufArchitecture {
  static final Map<String, String> STEMS =
      Map.ofEntries(
          Map.entry("embedding", "token_embd"),
          Map.entry("layers.{}.attention.norm", "blk.{}.attn_norm"),
          Map.entry("layers.{}.attention.q", "blk.{}.attn_q"),
          Map.entry("layers.{}.attention.k", "blk.{}.attn_k"),
          Map.entry("layers.{}.attention.v", "blk.{}.attn_v"),
          Map.entry("layers.{}.attention.out", "blk.{}.attn_output"),
          Map.entry("layers.{}.mlp.norm", "blk.{}.ffn_norm"),
          Map.entry("layers.{}.mlp.gate", "blk.{}.ffn_gate"),
          Map.entry("layers.{}.mlp.up", "blk.{}.ffn_up"),
          Map.entry("layers.{}.mlp.down", "blk.{}.ffn_down"),
          Map.entry("norm", "output_norm"),
          Map.entry("head", "output"));

  private static final Map<String, String> EXPERTS =
      GgufKeys.with(
          STEMS,
          Map.of(
              "layers.{}.mlp.router", "blk.{}.ffn_gate_inp",
              "layers.{}.mlp.experts.{}.gate", "blk.{}.ffn_gate_exps",
              "layers.{}.mlp.experts.{}.up", "blk.{}.ffn_up_exps",
              "layers.{}.mlp.experts.{}.down", "blk.{}.ffn_down_exps"));

  private static final List<GgufField> FIELDS = fields();

  private static List<GgufField> fields() {
    List<GgufField> fields = new ArrayList<>(GgufField.usual());
    fields.add(GgufField.number("attention.layer_norm_rms_epsilon", "rms_norm_eps", 1e-5));
    fields.add(GgufField.number("rope.freq_base", "rope_theta", 10000));
    return List.copyOf(fields);
  }

  @Override
  public String name() {
    return "llama";
  }

  @Override
  public List<String> modelTypes() {
    return List.of("llama", "mistral", "mixtral");
  }

  @Override
  public Map<String, String> stems(DecoderSpec spec) {
    return spec.mlp().experts().isPresent() ? EXPERTS : STEMS;
  }

  @Override
  public DecoderSpec kept(DecoderSpec published) {
    return Arrangement.neighbours(published);
  }

  @Override
  public ObjectNode config(Gguf file) {
    boolean experts = file.whole("llama.expert_count").orElse(0L) > 0;
    boolean window = file.whole("llama.attention.sliding_window").orElse(0L) > 0;
    ObjectNode c =
        experts
            ? GgufKeys.config(file, "MixtralForCausalLM", "mixtral")
            : window
                ? GgufKeys.config(file, "MistralForCausalLM", "mistral")
                : GgufKeys.config(file, "LlamaForCausalLM", "llama");
    GgufField.read(file, name(), FIELDS, c);
    c.put("head_dim", GgufKeys.headDim(file, name()));
    c.put(
        "num_key_value_heads",
        file.whole("llama.attention.head_count_kv")
            .orElseGet(() -> c.path("num_attention_heads").asLong()));
    c.put("hidden_act", "silu");
    if (experts) {
      c.put("num_local_experts", GgufKeys.count(file, "llama.expert_count"));
      c.put("num_experts_per_tok", GgufKeys.count(file, "llama.expert_used_count"));
    }
    if (experts || window) {
      GgufKeys.readWindow(file, name(), c);
    } else {
      c.put("attention_bias", GgufKeys.has(file, "attn_q.bias"));
      c.put("mlp_bias", GgufKeys.has(file, "ffn_up.bias"));
    }
    GgufRope.read(file, name(), c);
    return c;
  }

  @Override
  public Map<String, GgufValue> metadata(ObjectNode c) {
    GgufKeys.require(
        c.path("hidden_act").asString("").equals("silu"), name(), c, "hidden_act", "silu");
    Map<String, GgufValue> keys = new LinkedHashMap<>();
    GgufField.write(c, name(), FIELDS, keys);
    keys.put(
        "llama.attention.head_count_kv", GgufValue.uint32(c.path("num_key_value_heads").asLong()));
    long headDim = c.path("head_dim").asLong();
    keys.put("llama.attention.key_length", GgufValue.uint32(headDim));
    keys.put("llama.attention.value_length", GgufValue.uint32(headDim));
    keys.put("llama.rope.dimension_count", GgufValue.uint32(headDim));
    if (c.has("num_local_experts")) {
      keys.put("llama.expert_count", GgufValue.uint32(c.path("num_local_experts").asLong()));
      keys.put("llama.expert_used_count", GgufValue.uint32(c.path("num_experts_per_tok").asLong()));
    }
    GgufKeys.writeWindow(c, name(), keys);
    GgufRope.write(c, name(), keys);
    return keys;
  }
}
