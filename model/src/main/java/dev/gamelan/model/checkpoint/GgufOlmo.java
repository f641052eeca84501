package dev.gamelan.model.checkpoint;

import dev.gamelan.model.DecoderSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** {@code olmo}, whose rotary embedding turns neighbours as {@code llama}'s does. */
final class GgufOlmo implements GgufArchitecture {
  private static final List<GgufField> FIELDS = fields();

  private static List<GgufField> fields() {
    List<GgufField> fields = new ArrayList<>(GgufField.usual());
    fields.add(GgufField.number("rope.freq_base", "rope_theta", 10000));
    return List.copyOf(fields);
  }

  @Override
  public String name() {
    return "olmo";
  }

  @Override
  public List<String> modelTypes() {
    return List.of("olmo");
  }

  @Override
  public Map<String, String> stems(DecoderSpec spec) {
    return GgufLlama.STEMS;
  }

  @Override
  public DecoderSpec kept(DecoderSpec published) {
    return Arrangement.neighbours(published);
  }

  @Override
  public ObjectNode config(Gguf file) {
    ObjectNode c = GgufKeys.config(file, "OlmoForCausalLM", "olmo");
    GgufField.read(file, name(), FIELDS, c);
    GgufKeys.headDim(file, name());
    double eps = GgufKeys.shortest(file.number("olmo.attention.layer_norm_epsilon").orElse(1e-5));
    if (eps != 1e-5) {
      throw new IllegalArgumentException(
          "gguf %s: olmo.attention.layer_norm_epsilon is %s; OLMo's is 1e-5"
              .formatted(file.file(), eps));
    }
    c.put(
        "num_key_value_heads",
        file.whole("olmo.attention.head_count_kv")
            .orElseGet(() -> c.path("num_attention_heads").asLong()));
    file.number("olmo.attention.clamp_kqv")
        .filter(x -> x > 0)
        .ifPresent(x -> c.put("clip_qkv", GgufKeys.shortest(x)));
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
    keys.put("olmo.attention.layer_norm_epsilon", GgufValue.float32(1e-5));
    keys.put(
        "olmo.attention.head_count_kv", GgufValue.uint32(c.path("num_key_value_heads").asLong()));
    if (c.path("clip_qkv").isNumber()) {
      keys.put("olmo.attention.clamp_kqv", GgufValue.float32(c.path("clip_qkv").asDouble()));
    }
    GgufRope.write(c, name(), keys);
    return keys;
  }
}
