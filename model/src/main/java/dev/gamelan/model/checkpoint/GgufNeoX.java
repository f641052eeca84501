package dev.gamelan.model.checkpoint;

import dev.gamelan.model.DecoderSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code gptneox}. Converters put all queries, then all keys, then all values where Hugging Face
 * has the three of each head together.
 */
final class GgufNeoX implements GgufArchitecture {
  static final Map<String, String> STEMS =
      Map.ofEntries(
          Map.entry("embedding", "token_embd"),
          Map.entry("position", "position_embd"),
          Map.entry("layers.{}.attention.norm", "blk.{}.attn_norm"),
          Map.entry("layers.{}.attention.qkv", "blk.{}.attn_qkv"),
          Map.entry("layers.{}.attention.out", "blk.{}.attn_output"),
          Map.entry("layers.{}.mlp.norm", "blk.{}.ffn_norm"),
          Map.entry("layers.{}.mlp.up", "blk.{}.ffn_up"),
          Map.entry("layers.{}.mlp.down", "blk.{}.ffn_down"),
          Map.entry("norm", "output_norm"),
          Map.entry("head", "output"));

  private static final List<GgufField> FIELDS = fields();

  private static List<GgufField> fields() {
    List<GgufField> fields = new ArrayList<>(GgufField.usual());
    fields.add(GgufField.number("attention.layer_norm_epsilon", "layer_norm_eps", 1e-5));
    fields.add(GgufField.number("rope.freq_base", "rotary_emb_base", 10000));
    fields.add(
        new GgufField("use_parallel_residual", "use_parallel_residual", GgufField.Kind.FLAG, 1));
    return List.copyOf(fields);
  }

  @Override
  public String name() {
    return "gptneox";
  }

  @Override
  public List<String> modelTypes() {
    return List.of("gpt_neox");
  }

  @Override
  public Map<String, String> stems(DecoderSpec spec) {
    return STEMS;
  }

  @Override
  public DecoderSpec kept(DecoderSpec published) {
    return Arrangement.fused(published);
  }

  @Override
  public ObjectNode config(Gguf file) {
    ObjectNode c = GgufKeys.config(file, "GPTNeoXForCausalLM", "gpt_neox");
    GgufField.read(file, name(), FIELDS, c);
    double headDim =
        c.path("hidden_size").asDouble() / Math.max(1, c.path("num_attention_heads").asLong());
    c.put("rotary_pct", GgufKeys.count(file, "gptneox.rope.dimension_count") / headDim)
        .put("hidden_act", "gelu")
        .put("attention_bias", GgufKeys.has(file, "attn_qkv.bias"));
    GgufRope.read(file, name(), c);
    return c;
  }

  @Override
  public Map<String, GgufValue> metadata(ObjectNode c) {
    GgufKeys.require(
        c.path("hidden_act").asString("").equals("gelu"), name(), c, "hidden_act", "gelu");
    Map<String, GgufValue> keys = new LinkedHashMap<>();
    GgufField.write(c, name(), FIELDS, keys);
    long headDim = c.path("hidden_size").asLong() / c.path("num_attention_heads").asLong();
    keys.put(
        "gptneox.rope.dimension_count",
        GgufValue.uint32((long) (headDim * c.path("rotary_pct").asDouble())));
    GgufRope.write(c, name(), keys);
    return keys;
  }
}
