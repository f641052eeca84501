package dev.gamelan.model.checkpoint;

import dev.gamelan.tensor.Tensor;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * How rotary frequencies are stretched: {@code rope.scaling.*} for linear and YaRN; for Llama 3.1 a
 * tensor {@code rope_freqs.weight} of what each frequency is divided by.
 */
final class GgufRope {
  /** The tensor's name. */
  static final String FACTORS = "rope_freqs.weight";

  /** All published models with such a tensor were pretrained at this length. */
  private static final int LLAMA3_ORIGINAL = 8192;

  private GgufRope() {}

  /** {@code rope.scaling.*} or the tensor as {@code rope_scaling}. */
  static void read(Gguf file, String arch, ObjectNode c) {
    String prefix = arch + ".rope.scaling.";
    String type = file.text(prefix + "type").orElse("none");
    Optional<Double> factor = file.number(prefix + "factor").map(GgufKeys::shortest);
    Optional<Long> original = file.whole(prefix + "original_context_length");
    switch (type) {
      case "none" -> {
        if (file.names().contains(FACTORS)) {
          readFactors(file, c, original);
        }
      }
      case "linear" ->
          c.putObject("rope_scaling").put("rope_type", "linear").put("factor", factor.orElse(1.0));
      case "yarn" -> {
        ObjectNode scaling = c.putObject("rope_scaling");
        scaling.put("rope_type", "yarn").put("factor", factor.orElse(1.0));
        original.ifPresent(n -> scaling.put("original_max_position_embeddings", n));
        number(file, prefix + "yarn_beta_fast", scaling, "beta_fast");
        number(file, prefix + "yarn_beta_slow", scaling, "beta_slow");
      }
      default ->
          throw new IllegalArgumentException(
              "gguf %s: %stype is \"%s\"; known are none, linear, yarn"
                  .formatted(file.file(), prefix, type));
    }
  }

  private static void number(Gguf file, String key, ObjectNode to, String name) {
    file.number(key).ifPresent(x -> to.put(name, GgufKeys.shortest(x)));
  }

  /** {@code rope_scaling} as {@code rope.scaling.*}. */
  static void write(JsonNode config, String arch, Map<String, GgufValue> keys) {
    JsonNode scaling = config.path("rope_scaling");
    String type = scaling.path("rope_type").asString("default");
    String prefix = arch + ".rope.scaling.";
    GgufValue original =
        GgufValue.uint32(scaling.path("original_max_position_embeddings").asLong());
    switch (type) {
      case "default" -> {}
      case "linear" -> {
        keys.put(prefix + "type", new GgufValue.Text("linear"));
        keys.put(prefix + "factor", GgufValue.float32(scaling.path("factor").asDouble()));
      }
      case "yarn" -> {
        double factor = scaling.path("factor").asDouble();
        double usual = factor <= 1 ? 1 : 0.1 * Math.log(factor) + 1;
        double attention = scaling.path("attention_factor").asDouble(usual);
        GgufKeys.require(
            Math.abs(attention - usual) < 1e-6 && scaling.path("truncate").asBoolean(true),
            arch,
            config,
            "rope_scaling",
            "YaRN with the usual attention_factor and truncate");
        keys.put(prefix + "type", new GgufValue.Text("yarn"));
        keys.put(prefix + "factor", GgufValue.float32(factor));
        keys.put(prefix + "original_context_length", original);
        keys.put(
            prefix + "yarn_beta_fast", GgufValue.float32(scaling.path("beta_fast").asDouble(32)));
        keys.put(
            prefix + "yarn_beta_slow", GgufValue.float32(scaling.path("beta_slow").asDouble(1)));
      }
      case "llama3" -> {
        GgufKeys.require(arch.equals("llama"), arch, config, "rope_scaling", "linear or yarn");
        keys.put(prefix + "original_context_length", original);
      }
      default ->
          throw new IllegalArgumentException(
              "gguf: rope scaling \"%s\" is not written; linear, yarn and llama3 are"
                  .formatted(type));
    }
  }

  /** The tensor of a configuration with Llama 3.1's scaling. */
  static Optional<Tensor> factors(JsonNode config) {
    JsonNode scaling = config.path("rope_scaling");
    if (!scaling.path("rope_type").asString("").equals("llama3")) {
      return Optional.empty();
    }
    float[] factors =
        factors(
            config.path("head_dim").asInt(),
            config.path("rope_theta").asDouble(),
            scaling.path("factor").asDouble(),
            scaling.path("low_freq_factor").asDouble(1),
            scaling.path("high_freq_factor").asDouble(4),
            scaling.path("original_max_position_embeddings").asDouble());
    return Optional.of(Tensor.copyOf(factors, factors.length));
  }

  private static float[] factors(
      int dims, double base, double factor, double low, double high, double original) {
    float[] factors = new float[dims / 2];
    for (int i = 0; i < factors.length; i++) {
      double turns = turns(i, dims, base, original);
      double smooth = Math.clamp((turns - low) / (high - low), 0.0, 1.0);
      factors[i] = (float) (1 / ((1 - smooth) / factor + smooth));
    }
    return factors;
  }

  private static double turns(int i, int dims, double base, double original) {
    return original * Math.pow(base, -2.0 * i / dims) / (2 * Math.PI);
  }

  /**
   * Finds the settings that give the tensor. Only the quotients of the original length and the two
   * bounds show in it, so that the lower bound is taken as 1, as published.
   */
  private static void readFactors(Gguf file, ObjectNode c, Optional<Long> stated) {
    float[] given = file.tensor(FACTORS).toFloats();
    int dims = c.path("head_dim").asInt();
    double base = c.path("rope_theta").asDouble();
    long original = stated.filter(n -> n > 0).orElse((long) LLAMA3_ORIGINAL);
    double factor = 1;
    for (float f : given) {
      factor = Math.max(factor, f);
    }
    double high = 4;
    for (int i = 0; i < given.length; i++) {
      double smooth = factor == 1 ? 1 : (1 / given[i] - 1 / factor) / (1 - 1 / factor);
      if (smooth > 1e-3 && smooth < 1 - 1e-3) {
        double exact = 1 + (turns(i, dims, base, original) - 1) / smooth;
        high = Math.round(exact * 1e3) / 1e3;
        break;
      }
    }
    float[] again = factors(dims, base, factor, 1, high, original);
    boolean same = high > 1 && again.length == given.length;
    for (int i = 0; same && i < given.length; i++) {
      same = Math.abs(again[i] - given[i]) <= 1e-4 * Math.abs(given[i]);
    }
    if (!same) {
      throw new IllegalArgumentException(
          "gguf %s: %s is no scaling of Llama 3.1's kind from %d positions; use the model's safetensors"
              .formatted(file.file(), FACTORS, original));
    }
    c.putObject("rope_scaling")
        .put("rope_type", "llama3")
        .put("factor", factor)
        .put("low_freq_factor", 1.0)
        .put("high_freq_factor", high)
        .put("original_max_position_embeddings", original);
  }
}
