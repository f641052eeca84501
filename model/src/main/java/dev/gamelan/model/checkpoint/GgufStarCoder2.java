package dev.gamelan.model.checkpoint;

import dev.gamelan.model.DecoderSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** {@code starcoder2}, which keeps all as Hugging Face does. */
final class GgufStarCoder2 implements GgufArchitecture {
  private static final List<GgufField> FIELDS = fields();

  private static List<GgufField> fields() {
    List<GgufField> fields = new ArrayList<>(GgufField.usual());
    fields.add(GgufField.number("attention.layer_norm_epsilon", "norm_epsilon", 1e-5));
    fields.add(GgufField.number("rope.freq_base", "rope_theta", 10000));
    return List.copyOf(fields);
  }

  @Override
  public String name() {
    return "starcoder2";
  }

  @Override
  public List<String> modelTypes() {
    return List.of("starcoder2");
  }

  @Override
  public Map<String, String> stems(DecoderSpec spec) {
    return GgufLlama.STEMS;
  }

  @Override
  public DecoderSpec kept(DecoderSpec spec) {
    return spec;
  }

  @Override
  public ObjectNode config(Gguf file) {
    ObjectNode c = GgufKeys.config(file, "Starcoder2ForCausalLM", "starcoder2");
    GgufField.read(file, name(), FIELDS, c);
    GgufKeys.headDim(file, name());
    c.put(
        "num_key_value_heads",
        file.whole("starcoder2.attention.head_count_kv")
            .orElseGet(() -> c.path("num_attention_heads").asLong()));
    c.put("hidden_act", "gelu_pytorch_tanh").put("use_bias", GgufKeys.has(file, "attn_q.bias"));
    GgufKeys.readWindow(file, name(), c);
    GgufRope.read(file, name(), c);
    return c;
  }

  @Override
  public Map<String, GgufValue> metadata(ObjectNode c) {
    GgufKeys.require(
        c.path("hidden_act").asString("").equals("gelu_new"),
        name(),
        c,
        "hidden_act",
        "gelu_pytorch_tanh");
    Map<String, GgufValue> keys = new LinkedHashMap<>();
    GgufField.write(c, name(), FIELDS, keys);
    keys.put(
        "starcoder2.attention.head_count_kv",
        GgufValue.uint32(c.path("num_key_value_heads").asLong()));
    GgufKeys.writeWindow(c, name(), keys);
    GgufRope.write(c, name(), keys);
    return keys;
  }
}
