package dev.gamelan.model.checkpoint;

import dev.gamelan.model.DecoderSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** {@code olmo2}, which keeps all as Hugging Face does. */
final class GgufOlmo2 implements GgufArchitecture {
  private static final Map<String, String> STEMS =
      GgufKeys.with(
          GgufLlama.STEMS,
          Map.of(
              "layers.{}.attention.norm", "blk.{}.post_attention_norm",
              "layers.{}.mlp.norm", "blk.{}.post_ffw_norm",
              "layers.{}.attention.q_norm", "blk.{}.attn_q_norm",
              "layers.{}.attention.k_norm", "blk.{}.attn_k_norm"));

  private static final List<GgufField> FIELDS = fields();

  private static List<GgufField> fields() {
    List<GgufField> fields = new ArrayList<>(GgufField.usual());
    fields.add(GgufField.number("attention.layer_norm_rms_epsilon", "rms_norm_eps", 1e-5));
    fields.add(GgufField.number("rope.freq_base", "rope_theta", 10000));
    return List.copyOf(fields);
  }

  @Override
  public String name() {
    return "olmo2";
  }

  @Override
  public List<String> modelTypes() {
    return List.of("olmo2");
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
    if (file.metadata().containsKey("olmo2.attention.sliding_window")) {
      throw new IllegalArgumentException(
          "gguf %s: olmo2 with a sliding window (OLMo 3) is not read".formatted(file.file()));
    }
    ObjectNode c = GgufKeys.config(file, "Olmo2ForCausalLM", "olmo2");
    GgufField.read(file, name(), FIELDS, c);
    GgufKeys.headDim(file, name());
    c.put(
        "num_key_value_heads",
        file.whole("olmo2.attention.head_count_kv")
            .orElseGet(() -> c.path("num_attention_heads").asLong()));
    c.put("hidden_act", "silu").put("attention_bias", GgufKeys.has(file, "attn_q.bias"));
    GgufRope.read(file, name(), c);
    return c;
  }

  @Override
  public Map<String, GgufValue> metadata(ObjectNode c) {
    GgufKeys.require(!c.path("attention_bias").asBoolean(), name(), c, "attention_bias", "false");
    GgufKeys.require(
        c.path("hidden_act").asString("").equals("silu"), name(), c, "hidden_act", "silu");
    Map<String, GgufValue> keys = new LinkedHashMap<>();
    GgufField.write(c, name(), FIELDS, keys);
    keys.put(
        "olmo2.attention.head_count_kv", GgufValue.uint32(c.path("num_key_value_heads").asLong()));
    GgufRope.write(c, name(), keys);
    return keys;
  }
}
