package dev.gamelan.model.checkpoint;

import dev.gamelan.model.DecoderSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** {@code qwen}: one weight for q, k and v, as published. */
final class GgufQwen1 implements GgufArchitecture {
  private static final Map<String, String> STEMS =
      GgufKeys.with(GgufLlama.STEMS, Map.of("layers.{}.attention.qkv", "blk.{}.attn_qkv"));

  private static final List<GgufField> FIELDS = fields();

  private static List<GgufField> fields() {
    List<GgufField> fields =
        new ArrayList<>(
            GgufField.shape(
                "seq_length",
                "hidden_size",
                "num_hidden_layers",
                "intermediate_size",
                "num_attention_heads"));
    fields.add(
        GgufField.number("attention.layer_norm_rms_epsilon", "layer_norm_epsilon", Double.NaN));
    fields.add(GgufField.number("rope.freq_base", "rotary_emb_base", 10000));
    return List.copyOf(fields);
  }

  @Override
  public String name() {
    return "qwen";
  }

  @Override
  public List<String> modelTypes() {
    return List.of("qwen");
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
    ObjectNode c = GgufKeys.config(file, "QWenLMHeadModel", "qwen");
    GgufField.read(file, name(), FIELDS, c);
    c.put("kv_channels", GgufKeys.headDim(file, name()));
    c.put("max_position_embeddings", c.path("seq_length").asLong());
    c.put("rotary_pct", 1.0).put("no_bias", true);
    c.put("use_dynamic_ntk", true).put("use_logn_attn", true);
    return c;
  }

  @Override
  public Map<String, GgufValue> metadata(ObjectNode c) {
    GgufKeys.require(c.path("no_bias").asBoolean(true), name(), c, "no_bias", "true");
    GgufKeys.require(c.path("rotary_pct").asDouble(1) == 1, name(), c, "rotary_pct", "1");
    GgufKeys.require(
        c.path("use_dynamic_ntk").asBoolean(true) && c.path("use_logn_attn").asBoolean(true),
        name(),
        c,
        "use_dynamic_ntk",
        "true, and use_logn_attn, too");
    Map<String, GgufValue> keys = new LinkedHashMap<>();
    GgufField.write(c, name(), FIELDS, keys);
    keys.put("qwen.rope.dimension_count", GgufValue.uint32(c.path("kv_channels").asLong()));
    return keys;
  }
}
