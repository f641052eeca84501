package dev.gamelan.model.family;

import dev.gamelan.model.RopeScaling;
import dev.gamelan.tensor.spi.Activation;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Typed, checked access to a {@code config.json}. Every error names the key, the value and the
 * rule. Several names of a key are tried in order: the newer and the older style.
 */
public final class Config {
  private final String where;
  private final JsonNode json;

  public Config(String where, JsonNode json) {
    this.where = where;
    this.json = json;
    if (!json.isObject()) {
      throw new IllegalArgumentException(where + ": a JSON object is expected");
    }
  }

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** The object under a key, empty if it is absent or null. */
  Optional<Config> child(String key) {
    return find(key).map(node -> new Config(where + ": " + key, node));
  }

  /** The first of the keys that is there and not null. */
  private Optional<JsonNode> find(String... keys) {
    return Arrays.stream(keys)
        .map(json::get)
        .filter(node -> node != null && !node.isNull())
        .findFirst();
  }

  /** A positive integer that must be there. */
  int count(String... keys) {
    return optionalCount(keys)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "%s: %s is missing; it must be an integer of at least 1"
                        .formatted(where, keys[0])));
  }

  Optional<Integer> optionalCount(String... keys) {
    return find(keys)
        .map(
            node -> {
              if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < 1) {
                throw wrong(keys[0], node, "an integer of at least 1");
              }
              return node.intValue();
            });
  }

  double number(double otherwise, String... keys) {
    return find(keys)
        .map(
            node -> {
              if (!node.isNumber() || !Double.isFinite(node.doubleValue())) {
                throw wrong(keys[0], node, "a finite number");
              }
              return node.doubleValue();
            })
        .orElse(otherwise);
  }

  boolean flag(boolean otherwise, String... keys) {
    return find(keys)
        .map(
            node -> {
              if (!node.isBoolean()) {
                throw wrong(keys[0], node, "true or false");
              }
              return node.booleanValue();
            })
        .orElse(otherwise);
  }

  Optional<String> text(String... keys) {
    return find(keys)
        .map(
            node -> {
              if (!node.isString()) {
                throw wrong(keys[0], node, "a string");
              }
              return node.stringValue();
            });
  }

  /** The first string of a list. */
  Optional<String> firstOf(String key) {
    return find(key)
        .filter(node -> node.isArray() && !node.isEmpty() && node.get(0).isString())
        .map(node -> node.get(0).stringValue());
  }

  @Override
  public String toString() {
    return where;
  }

  /** A token id; of a list of them the first. */
  Optional<Integer> token(String key) {
    return find(key)
        .map(node -> node.isArray() && !node.isEmpty() ? node.get(0) : node)
        .map(
            node -> {
              if (!node.isIntegralNumber() || !node.canConvertToInt()) {
                throw wrong(key, node, "a token id");
              }
              return node.intValue();
            })
        .filter(id -> id >= 0);
  }

  /** An activation by its Hugging Face name. */
  Activation activation(String otherwise, String... keys) {
    String name = text(keys).orElse(otherwise);
    return switch (name) {
      case "gelu" -> Activation.GELU;
      case "gelu_new", "gelu_fast", "gelu_pytorch_tanh" -> Activation.GELU_TANH;
      case "quick_gelu" -> Activation.QUICK_GELU;
      case "relu" -> Activation.RELU;
      case "silu", "swish" -> Activation.SILU;
      default ->
          throw new IllegalArgumentException(
              "%s: %s is \"%s\"; known are gelu, gelu_new, gelu_fast, gelu_pytorch_tanh, quick_gelu, relu, silu"
                  .formatted(where, keys[0], name));
    };
  }

  static String activationName(Activation activation) {
    return switch (activation) {
      case GELU -> "gelu";
      case GELU_TANH -> "gelu_new";
      case QUICK_GELU -> "quick_gelu";
      case RELU -> "relu";
      case SILU -> "silu";
    };
  }

  /** The base of rotary embedding, in the newer or the older style. */
  double ropeBase(double otherwise) {
    double outer = number(otherwise, "rope_theta", "rotary_emb_base");
    return child("rope_parameters").map(c -> c.number(outer, "rope_theta")).orElse(outer);
  }

  /** The share of each head's dims that turn, in the newer or the older style. */
  double rotaryShare(double otherwise) {
    double outer = number(otherwise, "partial_rotary_factor", "rotary_pct");
    return child("rope_parameters")
        .map(c -> c.number(outer, "partial_rotary_factor"))
        .orElse(outer);
  }

  /** The scaling of rotary embedding, in the newer or the older style. */
  RopeScaling ropeScaling(int context) {
    return child("rope_parameters")
        .or(() -> child("rope_scaling"))
        .map(c -> c.scaling(context))
        .orElse(new RopeScaling.None());
  }

  private RopeScaling scaling(int context) {
    String kind = text("rope_type", "type").orElse("default").toLowerCase(Locale.ROOT);
    int original = optionalCount("original_max_position_embeddings").orElse(context);
    return switch (kind) {
      case "default" -> new RopeScaling.None();
      case "linear" -> new RopeScaling.Linear(factor());
      case "dynamic" -> new RopeScaling.Dynamic(factor(), original);
      case "llama3" ->
          new RopeScaling.Llama3(
              factor(), number(1, "low_freq_factor"), number(4, "high_freq_factor"), original);
      case "yarn" -> yarn(original);
      default ->
          throw new IllegalArgumentException(
              "%s: rope type \"%s\" is not known; known are default, linear, dynamic, llama3, yarn"
                  .formatted(where, kind));
    };
  }

  private RopeScaling yarn(int original) {
    double factor = factor();
    double m = number(0, "mscale");
    double all = number(0, "mscale_all_dim");
    double attention =
        m != 0 && all != 0
            ? temperature(factor, m) / temperature(factor, all)
            : temperature(factor, 1);
    return new RopeScaling.Yarn(
        factor,
        original,
        number(32, "beta_fast"),
        number(1, "beta_slow"),
        number(attention, "attention_factor"),
        flag(true, "truncate"));
  }

  private static double temperature(double factor, double m) {
    return factor <= 1 ? 1 : 0.1 * m * Math.log(factor) + 1;
  }

  private double factor() {
    double factor = number(Double.NaN, "factor");
    if (!(factor >= 1)) {
      throw new IllegalArgumentException(
          "%s: factor is %s; it must be a number of at least 1".formatted(where, factor));
    }
    return factor;
  }

  static void writeScaling(ObjectNode config, RopeScaling scaling) {
    switch (scaling) {
      case RopeScaling.None() -> config.putNull("rope_scaling");
      case RopeScaling.Linear(double factor) ->
          config.putObject("rope_scaling").put("rope_type", "linear").put("factor", factor);
      case RopeScaling.Dynamic(double factor, int original) ->
          config
              .putObject("rope_scaling")
              .put("rope_type", "dynamic")
              .put("factor", factor)
              .put("original_max_position_embeddings", original);
      case RopeScaling.Llama3(double factor, double low, double high, int original) ->
          config
              .putObject("rope_scaling")
              .put("rope_type", "llama3")
              .put("factor", factor)
              .put("low_freq_factor", low)
              .put("high_freq_factor", high)
              .put("original_max_position_embeddings", original);
      case RopeScaling.Yarn y ->
          config
              .putObject("rope_scaling")
              .put("rope_type", "yarn")
              .put("factor", y.factor())
              .put("original_max_position_embeddings", y.original())
              .put("beta_fast", y.betaFast())
              .put("beta_slow", y.betaSlow())
              .put("attention_factor", y.attentionFactor())
              .put("truncate", y.truncate());
    }
  }

  /** Writes the components of a record under their names; scaling as its own object. */
  static void writeComponents(ObjectNode config, Record family) {
    for (RecordComponent component : family.getClass().getRecordComponents()) {
      write(config, component.getName(), value(family, component));
    }
  }

  private static Object value(Record family, RecordComponent component) {
    try {
      return component.getAccessor().invoke(family);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          "config.json: %s cannot be read from %s".formatted(component, family), e);
    }
  }

  private static void write(ObjectNode config, String key, Object value) {
    switch (value) {
      case Integer i -> config.put(key, i);
      case Double d -> config.put(key, d);
      case Boolean b -> config.put(key, b);
      case String s -> config.put(key, s);
      case Activation a -> config.put(key, activationName(a));
      case RopeScaling scaling -> writeScaling(config, scaling);
      case Optional<?> optional ->
          optional.ifPresentOrElse(v -> write(config, key, v), () -> config.putNull(key));
      case Record record -> writeComponents(config.putObject(key), record);
      case Object other ->
          throw new IllegalStateException(
              "config.json: %s is a %s, which has no form there"
                  .formatted(key, other.getClass().getSimpleName()));
    }
  }

  /** Whether a key stands there, perhaps with null. */
  boolean has(String key) {
    return json.has(key);
  }

  /** Refuses a configuration that asks for what isn't there. */
  void require(boolean holds, String key, String rule) {
    if (!holds) {
      throw wrong(key, json.get(key), rule);
    }
  }

  /** An optional finite number. */
  Optional<Double> optionalNumber(String... keys) {
    return find(keys).map(node -> number(Double.NaN, keys));
  }

  /**
   * The first layer with a sliding window by {@code layer_types}, where that stands.
   *
   * @param otherwise what holds without {@code layer_types}
   */
  int firstSlidingLayer(int otherwise) {
    return find("layer_types")
        .map(
            types -> {
              int first = types.size();
              for (int i = 0; i < types.size(); i++) {
                boolean sliding = types.get(i).asString().equals("sliding_attention");
                if (sliding && first > i) {
                  first = i;
                } else if (!sliding && first < i) {
                  throw wrong(
                      "layer_types",
                      types,
                      "full_attention for the first layers, then sliding_attention to the last");
                }
              }
              return first;
            })
        .orElse(otherwise);
  }

  private IllegalArgumentException wrong(String key, JsonNode value, String rule) {
    return new IllegalArgumentException(
        "%s: %s is %s; it must be %s".formatted(where, key, value, rule));
  }
}
