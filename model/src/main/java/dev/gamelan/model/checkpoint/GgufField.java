package dev.gamelan.model.checkpoint;

import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A key of a GGUF architecture that says the same as a key of a Hugging Face configuration.
 *
 * @param key after the name of the architecture and a dot
 * @param config the configuration's
 * @param otherwise what an absent key means; NaN: it must not be absent
 */
record GgufField(String key, String config, Kind kind, double otherwise) {
  /** What stands there. */
  enum Kind {
    COUNT,
    NUMBER,
    FLAG
  }

  static GgufField count(String key, String config) {
    return new GgufField(key, config, Kind.COUNT, Double.NaN);
  }

  static GgufField number(String key, String config, double otherwise) {
    return new GgufField(key, config, Kind.NUMBER, otherwise);
  }

  /** The lengths that every architecture has. */
  static List<GgufField> shape(
      String context, String width, String layers, String hidden, String heads) {
    return List.of(
        count("context_length", context),
        count("embedding_length", width),
        count("block_count", layers),
        count("feed_forward_length", hidden),
        count("attention.head_count", heads));
  }

  /** {@link #shape} under the names that most configurations give it. */
  static List<GgufField> usual() {
    return shape(
        "max_position_embeddings",
        "hidden_size",
        "num_hidden_layers",
        "intermediate_size",
        "num_attention_heads");
  }

  /** Puts what the file says into a configuration. */
  static void read(Gguf file, String arch, List<GgufField> fields, ObjectNode to) {
    for (GgufField f : fields) {
      String key = arch + "." + f.key();
      switch (f.kind()) {
        case COUNT -> to.put(f.config(), GgufKeys.count(file, key));
        case NUMBER ->
            to.put(
                f.config(),
                GgufKeys.shortest(file.number(key).orElseGet(() -> f.orMissing(file, key))));
        case FLAG -> to.put(f.config(), file.flag(key).orElse(f.otherwise() != 0));
      }
    }
  }

  private double orMissing(Gguf file, String key) {
    if (Double.isNaN(otherwise)) {
      throw GgufKeys.missing(file, key);
    }
    return otherwise;
  }

  /** Puts what a configuration says into the keys. */
  static void write(
      JsonNode config, String arch, List<GgufField> fields, Map<String, GgufValue> to) {
    for (GgufField f : fields) {
      JsonNode value = config.path(f.config());
      to.put(
          arch + "." + f.key(),
          switch (f.kind()) {
            case COUNT -> GgufValue.uint32(value.asLong());
            case NUMBER -> GgufValue.float32(value.asDouble());
            case FLAG -> new GgufValue.Flag(value.asBoolean());
          });
    }
  }
}
