package dev.gamelan.model.checkpoint;

import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code gptneox}. Converters put all queries, then all keys, then all values where Hugging Face
 * has the three of each head together (llama.cpp, {@code convert_hf_to_gguf.py}).
 */
final class GgufNeoX implements GgufArchitecture {
  private static final Map<String, String> STEMS =
      Map.of(
          "embedding", "token_embd",
          "layers.{}.attention.norm", "blk.{}.attn_norm",
          "layers.{}.attention.qkv", "blk.{}.attn_qkv",
          "layers.{}.attention.out", "blk.{}.attn_output",
          "layers.{}.mlp.norm", "blk.{}.ffn_norm",
          "layers.{}.mlp.up", "blk.{}.ffn_up",
          "layers.{}.mlp.down", "blk.{}.ffn_down",
          "norm", "output_norm",
          "head", "output");

  @Override
  public String name() {
    return "gptneox";
  }

  @Override
  public String modelType() {
    return "gpt_neox";
  }

  @Override
  public Map<String, String> stems() {
    return STEMS;
  }

  @Override
  public ObjectNode config(Gguf file) {
    long heads = GgufKeys.count(file, "gptneox.attention.head_count");
    long width = GgufKeys.count(file, "gptneox.embedding_length");
    double headDim = heads > 0 ? (double) width / heads : 1;
    ObjectNode c = GgufKeys.config(file, "GPTNeoXForCausalLM", modelType());
    c.put("vocab_size", GgufKeys.vocabulary(file))
        .put("hidden_size", width)
        .put("intermediate_size", GgufKeys.count(file, "gptneox.feed_forward_length"))
        .put("num_hidden_layers", GgufKeys.count(file, "gptneox.block_count"))
        .put("num_attention_heads", heads)
        .put("max_position_embeddings", GgufKeys.count(file, "gptneox.context_length"))
        .put(
            "layer_norm_eps",
            GgufLlama.shortest(file.number("gptneox.attention.layer_norm_epsilon").orElse(1e-5)))
        .put("rotary_emb_base", file.number("gptneox.rope.freq_base").orElse(10000.0))
        .put("rotary_pct", GgufKeys.count(file, "gptneox.rope.dimension_count") / headDim)
        .put("hidden_act", "gelu")
        .put("attention_bias", file.names().contains("blk.0.attn_qkv.bias"))
        .put("use_parallel_residual", file.flag("gptneox.use_parallel_residual").orElse(true))
        .put("tie_word_embeddings", !file.names().contains("output.weight"));
    GgufKeys.readScaling(file, name(), c);
    return c;
  }

  @Override
  public Map<String, GgufValue> metadata(ObjectNode c) {
    if (!c.path("hidden_act").asString("").equals("gelu")) {
      throw new IllegalArgumentException(
          "gguf: gptneox has no key for the activation %s; only gelu is written"
              .formatted(c.path("hidden_act")));
    }
    Map<String, GgufValue> keys = new LinkedHashMap<>();
    long heads = c.path("num_attention_heads").asLong();
    long headDim = c.path("hidden_size").asLong() / heads;
    keys.put(
        "gptneox.context_length", GgufValue.uint32(c.path("max_position_embeddings").asLong()));
    keys.put("gptneox.embedding_length", GgufValue.uint32(c.path("hidden_size").asLong()));
    keys.put("gptneox.block_count", GgufValue.uint32(c.path("num_hidden_layers").asLong()));
    keys.put("gptneox.feed_forward_length", GgufValue.uint32(c.path("intermediate_size").asLong()));
    keys.put(
        "gptneox.rope.dimension_count",
        GgufValue.uint32((long) (headDim * c.path("rotary_pct").asDouble())));
    keys.put("gptneox.rope.freq_base", GgufValue.float32(c.path("rotary_emb_base").asDouble()));
    keys.put("gptneox.attention.head_count", GgufValue.uint32(heads));
    keys.put(
        "gptneox.use_parallel_residual",
        new GgufValue.Flag(c.path("use_parallel_residual").asBoolean()));
    keys.put(
        "gptneox.attention.layer_norm_epsilon",
        GgufValue.float32(c.path("layer_norm_eps").asDouble()));
    GgufKeys.writeScaling(c, name(), keys);
    return keys;
  }

  @Override
  public boolean reorders(String ours) {
    return ours.contains(".attention.qkv.");
  }

  @Override
  public long fileRow(String ours, ObjectNode config, long row) {
    long heads = config.path("num_attention_heads").asLong();
    long dim = config.path("hidden_size").asLong() / heads;
    long head = row / (3 * dim);
    long part = row / dim % 3;
    return (part * heads + head) * dim + row % dim;
  }
}
