package dev.gamelan.model.checkpoint;

import dev.gamelan.model.DecoderSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code gpt2}, whose weights converters turn round to [out, in], and {@code starcoder}
 * (GPTBigCode), which has one key head.
 *
 * @param name of the architecture
 */
record GgufGpt2(String name, String modelType, String published) implements GgufArchitecture {
  private static final List<GgufField> FIELDS = fields();

  private static List<GgufField> fields() {
    List<GgufField> fields =
        new ArrayList<>(GgufField.shape("n_positions", "n_embd", "n_layer", "n_inner", "n_head"));
    fields.add(GgufField.number("attention.layer_norm_epsilon", "layer_norm_epsilon", 1e-5));
    return List.copyOf(fields);
  }

  static GgufGpt2 gpt2() {
    return new GgufGpt2("gpt2", "gpt2", "GPT2LMHeadModel");
  }

  static GgufGpt2 starcoder() {
    return new GgufGpt2("starcoder", "gpt_bigcode", "GPTBigCodeForCausalLM");
  }

  private boolean keyHeads() {
    return name.equals("starcoder");
  }

  @Override
  public List<String> modelTypes() {
    return List.of(modelType);
  }

  @Override
  public Map<String, String> stems(DecoderSpec spec) {
    return GgufNeoX.STEMS;
  }

  @Override
  public DecoderSpec kept(DecoderSpec spec) {
    return Arrangement.outIn(spec);
  }

  @Override
  public ObjectNode config(Gguf file) {
    ObjectNode c = GgufKeys.config(file, published, modelType);
    GgufField.read(file, name, FIELDS, c);
    c.put("activation_function", "gelu_new").put("scale_attn_weights", true);
    if (keyHeads()) {
      long heads = c.path("n_head").asLong();
      long kv = file.whole(name + ".attention.head_count_kv").orElse(heads);
      if (kv != 1 && kv != heads) {
        throw new IllegalArgumentException(
            "gguf %s: %s.attention.head_count_kv is %d; starcoder has one key head or as many as query heads"
                .formatted(file.file(), name, kv));
      }
      c.put("multi_query", kv == 1);
    }
    return c;
  }

  @Override
  public Map<String, GgufValue> metadata(ObjectNode c) {
    GgufKeys.require(
        c.path("activation_function").asString("").equals("gelu_new"),
        name,
        c,
        "activation_function",
        "gelu_new");
    GgufKeys.require(
        c.path("scale_attn_weights").asBoolean(true), name, c, "scale_attn_weights", "true");
    GgufKeys.require(
        !c.path("scale_attn_by_inverse_layer_idx").asBoolean(false),
        name,
        c,
        "scale_attn_by_inverse_layer_idx",
        "false");
    Map<String, GgufValue> keys = new LinkedHashMap<>();
    GgufField.write(c, name, FIELDS, keys);
    if (keyHeads()) {
      boolean one = c.path("multi_query").asBoolean(true);
      keys.put(
          name + ".attention.head_count_kv", GgufValue.uint32(one ? 1 : c.path("n_head").asLong()));
    }
    return keys;
  }
}
