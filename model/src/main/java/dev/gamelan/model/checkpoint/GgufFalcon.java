package dev.gamelan.model.checkpoint;

import dev.gamelan.model.DecoderSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code falcon}: 7B and 40B, all queries, then all keys, then all values. Where there are two
 * norms (40B), {@code attn_norm} is the MLP's and {@code attn_norm_2} the attention's.
 */
final class GgufFalcon implements GgufArchitecture {
  private static final Map<String, String> TWO_NORMS =
      GgufKeys.with(
          GgufNeoX.STEMS,
          Map.of(
              "layers.{}.attention.norm", "blk.{}.attn_norm_2",
              "layers.{}.mlp.norm", "blk.{}.attn_norm"));

  private static final List<GgufField> FIELDS = fields();

  private static List<GgufField> fields() {
    List<GgufField> fields =
        new ArrayList<>(
            GgufField.shape(
                "max_position_embeddings",
                "hidden_size",
                "num_hidden_layers",
                "ffn_hidden_size",
                "num_attention_heads"));
    fields.add(GgufField.number("attention.layer_norm_epsilon", "layer_norm_epsilon", 1e-5));
    fields.add(GgufField.number("rope.freq_base", "rope_theta", 10000));
    return List.copyOf(fields);
  }

  @Override
  public String name() {
    return "falcon";
  }

  @Override
  public List<String> modelTypes() {
    return List.of("falcon");
  }

  @Override
  public Map<String, String> stems(DecoderSpec spec) {
    return spec.residual() == DecoderSpec.Residual.PARALLEL ? TWO_NORMS : GgufNeoX.STEMS;
  }

  @Override
  public DecoderSpec kept(DecoderSpec published) {
    return Arrangement.fused(published);
  }

  @Override
  public ObjectNode config(Gguf file) {
    ObjectNode c = GgufKeys.config(file, "FalconForCausalLM", "falcon");
    GgufField.read(file, name(), FIELDS, c);
    GgufKeys.headDim(file, name());
    long kv = file.whole("falcon.attention.head_count_kv").orElse(1L);
    boolean two = GgufKeys.has(file, "attn_norm_2.weight");
    boolean grouped = two || kv > 1;
    c.put("num_kv_heads", kv)
        .put("multi_query", true)
        .put("new_decoder_architecture", grouped)
        .put("num_ln_in_parallel_attn", two ? 2 : 1)
        .put("parallel_attn", true)
        .put("alibi", false)
        .put("bias", false)
        .put("activation", "gelu");
    return c;
  }

  @Override
  public Map<String, GgufValue> metadata(ObjectNode c) {
    GgufKeys.require(!c.path("alibi").asBoolean(), name(), c, "alibi", "false");
    GgufKeys.require(!c.path("bias").asBoolean(), name(), c, "bias", "false");
    GgufKeys.require(c.path("parallel_attn").asBoolean(), name(), c, "parallel_attn", "true");
    GgufKeys.require(
        c.path("activation").asString("").equals("gelu"), name(), c, "activation", "gelu");
    Map<String, GgufValue> keys = new LinkedHashMap<>();
    GgufField.write(c, name(), FIELDS, keys);
    keys.put("falcon.attention.head_count_kv", GgufValue.uint32(c.path("num_kv_heads").asLong()));
    keys.put("falcon.tensor_data_layout", new GgufValue.Text("jploski"));
    GgufRope.write(c, name(), keys);
    return keys;
  }
}
