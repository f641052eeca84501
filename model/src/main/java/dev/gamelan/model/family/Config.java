package dev.gamelan.model.family;

import dev.gamelan.model.RopeScaling;
import dev.gamelan.tensor.spi.Activation;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Typed, checked access to a {@code config.json}. Every error names the key, the value and the
 * rule. Several names of a key are tried in order: the newer and the older style.
 */
public final class Config {
  private static final Set<String> KNOWN_LAYERS = Set.of("full_attention", "sliding_attention");

  private final String where;
  private final JsonNode json;

  public Config(String where, JsonNode json) {
    this.where = where;
    this.json = json;
    if (!json.isObject()) {
      throw new IllegalArgumentException(where + ": a JSON object is expected");
    }
  }

  static Config of(String where, String json) {
    return new Config(where, JsonMapper.shared().readTree(json));
  }

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** The object under a key, empty if it is absent or null. */
  Optional<Config> child(String key) {
    return find(key).map(node -> new Config(where + ": " + key, node));
  }

  /** This configuration, with what it leaves out from the object {@code defaults}. */
  Config over(String defaults) {
    ObjectNode all = (ObjectNode) JsonMapper.shared().readTree(defaults);
    all.setAll((ObjectNode) json);
    return new Config(where, all);
  }

  /** An integer, or a list of them. */
  Optional<List<Integer>> integers(String key) {
    return find(key)
        .map(
            node -> {
              List<Integer> values = new ArrayList<>();
              for (JsonNode n :
                  node.isArray() ? node : JsonNodeFactory.instance.arrayNode().add(node)) {
                if (!n.isIntegralNumber() || !n.canConvertToInt()) {
                  throw wrong(key, node, "an integer or a list of integers");
                }
                values.add(n.intValue());
              }
              if (values.isEmpty()) {
                throw wrong(key, node, "an integer or a list of at least one");
              }
              return List.copyOf(values);
            });
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
      // As in transformers it counts from max_position_embeddings, whatever original_… says.
      case "dynamic" -> new RopeScaling.Dynamic(factor(), context);
      case "llama3" ->
          new RopeScaling.Llama3(
              factor(), number(1, "low_freq_factor"), number(4, "high_freq_factor"), original);
      case "yarn" -> yarn(context, original);
      default ->
          throw new IllegalArgumentException(
              "%s: rope type \"%s\" is not known; known are default, linear, dynamic, llama3, yarn"
                  .formatted(where, kind));
    };
  }

  private RopeScaling yarn(int context, int original) {
    double factor = find("factor").isPresent() ? factor() : (double) context / original;
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
    if (!(factor >= 1 && factor <= 1e6)) {
      throw new IllegalArgumentException(
          "%s: factor is %s; it must be a number of at least 1, and not absurd"
              .formatted(where, factor));
    }
    return factor;
  }

  static void writeScaling(ObjectNode config, RopeScaling scaling) {
    switch (scaling) {
      case RopeScaling.None() -> config.putNull("rope_scaling");
      case RopeScaling.Linear(double factor) ->
          config.putObject("rope_scaling").put("rope_type", "linear").put("factor", factor);
      case RopeScaling.Dynamic(double factor, int original) ->
          config.putObject("rope_scaling").put("rope_type", "dynamic").put("factor", factor);
      case RopeScaling.DynamicDoubling doubling ->
          throw new IllegalStateException(
              "config.json: scaling that doubles with the length is Qwen 1's use_dynamic_ntk");
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
      case List<?> list -> {
        ArrayNode array = config.putArray(key);
        for (Object item : list) {
          switch (item) {
            case Integer i -> array.add(i);
            case String text -> array.add(text);
            default -> throw formless(key, item);
          }
        }
      }
      case Record record -> writeComponents(config.putObject(key), record);
      case Object other -> throw formless(key, other);
    }
  }

  private static IllegalStateException formless(String key, Object value) {
    return new IllegalStateException(
        "config.json: %s is a %s, which has no form there"
            .formatted(key, value.getClass().getSimpleName()));
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

  /** An integer of at least 0. */
  int integer(int otherwise, String... keys) {
    return find(keys)
        .map(
            node -> {
              if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < 0) {
                throw wrong(keys[0], node, "an integer of at least 0");
              }
              return node.intValue();
            })
        .orElse(otherwise);
  }

  /** The sliding window: null = none. */
  Optional<Integer> window(int otherwise) {
    return has("sliding_window") ? optionalCount("sliding_window") : Optional.of(otherwise);
  }

  /** A list of layers, from 0; empty if it isn't there. */
  List<Integer> layerNumbers(String key) {
    return find(key)
        .map(
            list -> {
              List<Integer> all = new ArrayList<>();
              list.forEach(
                  node -> {
                    if (!node.isIntegralNumber()
                        || !node.canConvertToInt()
                        || node.intValue() < 0) {
                      throw wrong(key, list, "a list of integers of at least 0");
                    }
                    all.add(node.intValue());
                  });
              if (!list.isArray()) {
                throw wrong(key, list, "a list of integers of at least 0");
              }
              return List.copyOf(all);
            })
        .orElse(List.of());
  }

  /**
   * What the scores of a head are for, {@code id2label} or {@code num_labels}; one without either.
   */
  List<String> labels() {
    int most = 1 << 16;
    Optional<Config> named = child("id2label");
    int count = named.map(c -> c.json.size()).or(() -> optionalCount("num_labels")).orElse(1);
    if (count < 1 || count > most) {
      throw new IllegalArgumentException(
          "%s: id2label has %d labels; at least 1 and at most %d are possible"
              .formatted(where, count, most));
    }
    List<String> labels = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String key = Integer.toString(i);
      labels.add(named.flatMap(c -> c.text(key)).orElse("LABEL_" + i));
    }
    return List.copyOf(labels);
  }

  /** The number of layers, which other keys count on being sane. */
  int layers() {
    int layers = count("num_hidden_layers");
    require(layers <= 4096, "num_hidden_layers", "at most 4096");
    return layers;
  }

  /** What each layer's queries see: {@code full_attention} or {@code sliding_attention}. */
  Optional<List<String>> layerTypes(int layers) {
    String rule =
        "a list of full_attention or sliding_attention for each of the %d layers".formatted(layers);
    return find("layer_types")
        .map(
            list -> {
              List<String> types = new ArrayList<>();
              for (JsonNode node : list) {
                types.add(node.isString() ? node.stringValue() : "");
              }
              if (!list.isArray() || types.size() != layers || !KNOWN_LAYERS.containsAll(types)) {
                throw wrong("layer_types", list, rule);
              }
              return List.copyOf(types);
            });
  }

  private IllegalArgumentException wrong(String key, JsonNode value, String rule) {
    return new IllegalArgumentException(
        "%s: %s is %s; it must be %s".formatted(where, key, value, rule));
  }
}
