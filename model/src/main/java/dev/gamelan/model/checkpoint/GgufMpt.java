package dev.gamelan.model.checkpoint;

import dev.gamelan.model.DecoderSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code mpt}, which keeps all as published. */
final class GgufMpt implements GgufArchitecture {
  private static final Map<String, String> STEMS =
      GgufKeys.with(
          GgufNeoX.STEMS,
          Map.of(
              "layers.{}.attention.q_norm", "blk.{}.attn_q_norm",
              "layers.{}.attention.k_norm", "blk.{}.attn_k_norm"));

  private static final List<GgufField> FIELDS = fields();

  private static List<GgufField> fields() {
    List<GgufField> fields =
        new ArrayList<>(
            GgufField.shape("max_seq_len", "d_model", "n_layers", "ffn_hidden_size", "n_heads"));
    fields.add(GgufField.number("attention.layer_norm_epsilon", "layer_norm_epsilon", 1e-5));
    return List.copyOf(fields);
  }

  @Override
  public String name() {
    return "mpt";
  }

  @Override
  public List<String> modelTypes() {
    return List.of("mpt");
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
    ObjectNode c = GgufKeys.config(file, "MptForCausalLM", "mpt");
    GgufField.read(file, name(), FIELDS, c);
    long width = c.path("d_model").asLong();
    long hidden = c.path("ffn_hidden_size").asLong();
    long heads = c.path("n_heads").asLong();
    if (width < 1 || hidden % width != 0) {
      throw new IllegalArgumentException(
          "gguf %s: mpt.feed_forward_length is %d; it must be a multiple of the width %d"
              .formatted(file.file(), hidden, width));
    }
    if (file.whole("mpt.attention.head_count_kv").orElse(heads) != heads) {
      throw new IllegalArgumentException(
          "gguf %s: mpt.attention.head_count_kv is %s; MPT with shared key heads is not read"
              .formatted(file.file(), file.whole("mpt.attention.head_count_kv")));
    }
    double bias = file.number("mpt.attention.max_alibi_bias").orElse(0.0);
    c.put("expansion_ratio", hidden / width)
        .put("no_bias", !GgufKeys.has(file, "attn_qkv.bias"))
        .put("learned_pos_emb", true)
        .remove("ffn_hidden_size");
    ObjectNode attention = c.putObject("attn_config");
    attention.put("qk_ln", GgufKeys.has(file, "attn_q_norm.weight"));
    attention.put("alibi", bias > 0).put("alibi_bias_max", bias > 0 ? bias : 8);
    file.number("mpt.attention.clamp_kqv")
        .filter(x -> x > 0)
        .ifPresent(x -> attention.put("clip_qkv", GgufKeys.shortest(x)));
    return c;
  }

  @Override
  public Map<String, GgufValue> metadata(ObjectNode c) {
    JsonNode attention = c.path("attn_config");
    GgufKeys.require(
        attention.path("softmax_scale").isNull() || attention.path("softmax_scale").isMissingNode(),
        name(),
        attention,
        "softmax_scale",
        "null");
    Map<String, GgufValue> keys = new LinkedHashMap<>();
    ObjectNode lengths = c.deepCopy();
    lengths.put("ffn_hidden_size", c.path("expansion_ratio").asLong() * c.path("d_model").asLong());
    GgufField.write(lengths, name(), FIELDS, keys);
    boolean alibi = attention.path("alibi").asBoolean();
    keys.put(
        "mpt.attention.max_alibi_bias",
        GgufValue.float32(alibi ? attention.path("alibi_bias_max").asDouble() : 0));
    if (attention.path("clip_qkv").isNumber()) {
      keys.put("mpt.attention.clamp_kqv", GgufValue.float32(attention.path("clip_qkv").asDouble()));
    }
    return keys;
  }
}
