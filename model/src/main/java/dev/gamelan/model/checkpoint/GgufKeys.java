package dev.gamelan.model.checkpoint;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What the architectures share in reading and writing their keys. */
final class GgufKeys {
  private GgufKeys() {}

  /** A configuration of a family with the tokens that begin and end a text. */
  static ObjectNode config(Gguf file, String architecture, String modelType) {
    ObjectNode c = JsonNodeFactory.instance.objectNode();
    c.putArray("architectures").add(architecture);
    c.put("model_type", modelType);
    file.whole("tokenizer.ggml.bos_token_id").ifPresent(id -> c.put("bos_token_id", id));
    file.whole("tokenizer.ggml.eos_token_id").ifPresent(id -> c.put("eos_token_id", id));
    c.put("vocab_size", file.tensor("token_embd.weight").rows());
    c.put("tie_word_embeddings", !file.names().contains("output.weight"));
    return c;
  }

  static IllegalArgumentException missing(Gguf file, String key) {
    return new IllegalArgumentException(
        "gguf %s: the key %s is missing".formatted(file.file(), key));
  }

  static long count(Gguf file, String key) {
    return file.whole(key).orElseThrow(() -> missing(file, key));
  }

  /** Whether the first layer has a tensor. */
  static boolean has(Gguf file, String tensor) {
    return file.names().contains("blk.0." + tensor);
  }

  /** 1e-5 that went through a float is 1e-5 again. */
  static double shortest(double fromFloat) {
    return Double.parseDouble(Float.toString((float) fromFloat));
  }

  /** Columns a head, where all of them must turn. */
  static long headDim(Gguf file, String arch) {
    long heads = Math.max(1, count(file, arch + ".attention.head_count"));
    long width = count(file, arch + ".embedding_length");
    long headDim = file.whole(arch + ".attention.key_length").orElse(width / heads);
    long turned = file.whole(arch + ".rope.dimension_count").orElse(headDim);
    if (turned != headDim) {
      throw new IllegalArgumentException(
          "gguf %s: %s.rope.dimension_count is %d; all %d dims of a head must turn"
              .formatted(file.file(), arch, turned, headDim));
    }
    return headDim;
  }

  /** {@code sliding_window}, where the file has one. */
  static void readWindow(Gguf file, String arch, ObjectNode c) {
    Optional<Long> window = file.whole(arch + ".attention.sliding_window").filter(n -> n > 0);
    window.ifPresentOrElse(n -> c.put("sliding_window", n), () -> c.putNull("sliding_window"));
  }

  static void writeWindow(JsonNode config, String arch, Map<String, GgufValue> keys) {
    long window = config.path("sliding_window").asLong(0);
    if (window > 0) {
      keys.put(arch + ".attention.sliding_window", GgufValue.uint32(window));
    }
  }

  /** Names of our stems with some added or changed. */
  static Map<String, String> with(Map<String, String> stems, Map<String, String> more) {
    Map<String, String> all = new LinkedHashMap<>(stems);
    all.putAll(more);
    return Map.copyOf(all);
  }

  /** Refuses a configuration that the architecture has no key for. */
  static void require(boolean holds, String arch, JsonNode config, String key, String rule) {
    if (!holds) {
      throw new IllegalArgumentException(
          "gguf: %s is %s; the architecture %s has no key for it, it must be %s"
              .formatted(key, config.path(key), arch, rule));
    }
  }
}
