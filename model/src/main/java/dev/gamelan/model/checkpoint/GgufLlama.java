package dev.gamelan.model.checkpoint;

import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code llama}. Its rotary embedding turns neighbours, so converters bring the rows of the query
 * and key projections into another order than Hugging Face's: row i + j·d/2 of a head goes to 2i +
 * j (llama.cpp, {@code convert_hf_to_gguf.py}).
 */
final class GgufLlama implements GgufArchitecture {
  private static final Map<String, String> STEMS =
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

  @Override
  public String name() {
    return "llama";
  }

  @Override
  public String modelType() {
    return "llama";
  }

  @Override
  public Map<String, String> stems() {
    return STEMS;
  }

  @Override
  public ObjectNode config(Gguf file) {
    if (file.whole("llama.expert_count").orElse(0L) > 0) {
      throw new IllegalArgumentException(
          "gguf %s: a llama with experts (Mixtral) is not read from GGUF; use its safetensors"
              .formatted(file.file()));
    }
    if (file.names().contains("rope_freqs.weight")) {
      throw new IllegalArgumentException(
          "gguf %s: rope_freqs.weight (Llama 3.1's rotary scaling) is not read from GGUF; use the model's safetensors"
              .formatted(file.file()));
    }
    long heads = GgufKeys.count(file, "llama.attention.head_count");
    long width = GgufKeys.count(file, "llama.embedding_length");
    long headDim = file.whole("llama.attention.key_length").orElse(heads > 0 ? width / heads : 0);
    long turned = file.whole("llama.rope.dimension_count").orElse(headDim);
    if (turned != headDim) {
      throw new IllegalArgumentException(
          "gguf %s: llama.rope.dimension_count is %d; all %d dims of a head must turn"
              .formatted(file.file(), turned, headDim));
    }
    ObjectNode c = GgufKeys.config(file, "LlamaForCausalLM", modelType());
    c.put("vocab_size", GgufKeys.vocabulary(file))
        .put("hidden_size", width)
        .put("intermediate_size", GgufKeys.count(file, "llama.feed_forward_length"))
        .put("num_hidden_layers", GgufKeys.count(file, "llama.block_count"))
        .put("num_attention_heads", heads)
        .put("num_key_value_heads", file.whole("llama.attention.head_count_kv").orElse(heads))
        .put("head_dim", headDim)
        .put("max_position_embeddings", GgufKeys.count(file, "llama.context_length"))
        .put(
            "rms_norm_eps",
            shortest(file.number("llama.attention.layer_norm_rms_epsilon").orElse(1e-5)))
        .put("rope_theta", file.number("llama.rope.freq_base").orElse(10000.0))
        .put("hidden_act", "silu")
        .put("attention_bias", file.names().contains("blk.0.attn_q.bias"))
        .put("mlp_bias", file.names().contains("blk.0.ffn_up.bias"))
        .put("tie_word_embeddings", !file.names().contains("output.weight"));
    GgufKeys.readScaling(file, name(), c);
    return c;
  }

  /** 1e-5 that went through a float is 1e-5 again. */
  static double shortest(double fromFloat) {
    return Double.parseDouble(Float.toString((float) fromFloat));
  }

  @Override
  public Map<String, GgufValue> metadata(ObjectNode c) {
    Map<String, GgufValue> keys = new LinkedHashMap<>();
    keys.put("llama.block_count", GgufValue.uint32(c.path("num_hidden_layers").asLong()));
    keys.put("llama.context_length", GgufValue.uint32(c.path("max_position_embeddings").asLong()));
    keys.put("llama.embedding_length", GgufValue.uint32(c.path("hidden_size").asLong()));
    keys.put("llama.feed_forward_length", GgufValue.uint32(c.path("intermediate_size").asLong()));
    keys.put(
        "llama.attention.head_count", GgufValue.uint32(c.path("num_attention_heads").asLong()));
    keys.put(
        "llama.attention.head_count_kv", GgufValue.uint32(c.path("num_key_value_heads").asLong()));
    long headDim = c.path("head_dim").asLong();
    keys.put("llama.attention.key_length", GgufValue.uint32(headDim));
    keys.put("llama.attention.value_length", GgufValue.uint32(headDim));
    keys.put("llama.rope.freq_base", GgufValue.float32(c.path("rope_theta").asDouble()));
    keys.put(
        "llama.attention.layer_norm_rms_epsilon",
        GgufValue.float32(c.path("rms_norm_eps").asDouble()));
    keys.put("llama.vocab_size", GgufValue.uint32(c.path("vocab_size").asLong()));
    keys.put("llama.rope.dimension_count", GgufValue.uint32(headDim));
    GgufKeys.writeScaling(c, name(), keys);
    return keys;
  }

  @Override
  public boolean reorders(String ours) {
    return ours.contains(".attention.q.") || ours.contains(".attention.k.");
  }

  @Override
  public long fileRow(String ours, ObjectNode config, long row) {
    long dim = config.path("head_dim").asLong();
    long i = row % dim;
    return row - i + i % (dim / 2) * 2 + i / (dim / 2);
  }
}
