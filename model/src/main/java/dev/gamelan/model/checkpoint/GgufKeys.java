package dev.gamelan.model.checkpoint;

import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What the architectures' keys have in common. */
final class GgufKeys {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private GgufKeys() {}

  /** A configuration of a family with the tokens that begin and end a text. */
  static ObjectNode config(Gguf file, String architecture, String modelType) {
    ObjectNode c = MAPPER.createObjectNode();
    c.putArray("architectures").add(architecture);
    c.put("model_type", modelType);
    file.whole("tokenizer.ggml.bos_token_id").ifPresent(id -> c.put("bos_token_id", id));
    file.whole("tokenizer.ggml.eos_token_id").ifPresent(id -> c.put("eos_token_id", id));
    return c;
  }

  static long count(Gguf file, String key) {
    return file.whole(key)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "gguf %s: the key %s is missing".formatted(file.file(), key)));
  }

  /** The rows of the embedding, which say more surely than a key how many tokens there are. */
  static long vocabulary(Gguf file) {
    return file.tensor("token_embd.weight").rows();
  }

  /** {@code rope.scaling.*} as {@code rope_scaling}. */
  static void readScaling(Gguf file, String arch, ObjectNode c) {
    String prefix = arch + ".rope.scaling.";
    String type = file.text(prefix + "type").orElse("none");
    Optional<Double> factor = file.number(prefix + "factor");
    switch (type) {
      case "none" -> {}
      case "linear" ->
          c.putObject("rope_scaling").put("rope_type", "linear").put("factor", factor.orElse(1.0));
      case "yarn" -> {
        ObjectNode scaling = c.putObject("rope_scaling");
        scaling.put("rope_type", "yarn").put("factor", factor.orElse(1.0));
        file.whole(prefix + "original_context_length")
            .ifPresent(n -> scaling.put("original_max_position_embeddings", n));
      }
      default ->
          throw new IllegalArgumentException(
              "gguf %s: %stype is \"%s\"; known are none, linear, yarn"
                  .formatted(file.file(), prefix, type));
    }
  }

  /** {@code rope_scaling} as {@code rope.scaling.*}. */
  static void writeScaling(JsonNode config, String arch, Map<String, GgufValue> keys) {
    JsonNode scaling = config.path("rope_scaling");
    String type = scaling.path("rope_type").asString("default");
    String prefix = arch + ".rope.scaling.";
    switch (type) {
      case "default" -> {}
      case "linear" -> {
        keys.put(prefix + "type", new GgufValue.Text("linear"));
        keys.put(prefix + "factor", GgufValue.float32(scaling.path("factor").asDouble()));
      }
      case "yarn" -> {
        keys.put(prefix + "type", new GgufValue.Text("yarn"));
        keys.put(prefix + "factor", GgufValue.float32(scaling.path("factor").asDouble()));
        keys.put(
            prefix + "original_context_length",
            GgufValue.uint32(scaling.path("original_max_position_embeddings").asLong()));
      }
      default ->
          throw new IllegalArgumentException(
              "gguf: rope scaling \"%s\" is not written; linear and yarn are".formatted(type));
    }
  }
}
