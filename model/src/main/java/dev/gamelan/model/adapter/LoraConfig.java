package dev.gamelan.model.adapter;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * PEFT's {@code adapter_config.json} of a LoRA (Hu et al., 2021). Published reference: peft 0.21,
 * {@code LoraConfig}. What changes the arithmetic in another way (DoRA, PiSSA and their like) is
 * refused by name.
 *
 * @param json the file as it stands; written back unchanged
 * @param r the rank where no pattern says another
 * @param alpha the scale is alpha/r, with {@code rslora} alpha/√r (Kalajdzievski, 2023)
 * @param targets the modules it is for
 * @param excluded modules that it isn't for although they are targets
 * @param ranks other ranks, by an expression for the last parts of a module's name
 * @param alphas other alphas, likewise
 * @param dropout of the side path's input, in training only
 */
public record LoraConfig(
    ObjectNode json,
    int r,
    double alpha,
    boolean rslora,
    Targets targets,
    Optional<Targets> excluded,
    Map<String, Integer> ranks,
    Map<String, Double> alphas,
    double dropout,
    Bias bias) {
  /** Which biases learn along. */
  public enum Bias {
    NONE,
    /** All of the model. */
    ALL,
    /** Those of the modules with a side path. */
    LORA_ONLY
  }

  private static final JsonMapper MAPPER = JsonMapper.shared();

  /** Keys that change the arithmetic, and the only values that don't. */
  private static final Set<String> REFUSED =
      Set.of(
          "use_dora",
          "use_qalora",
          "use_bdlora",
          "lora_bias",
          "layer_replication",
          "target_parameters",
          "trainable_token_indices",
          "alora_invocation_tokens",
          "arrow_config",
          "kasa_config",
          "monteclora_config",
          "velora_config");

  /** Ways to begin that leave the base as it is; others (pissa, olora, loftq…) change it. */
  private static final Set<String> PLAIN_STARTS =
      Set.of("true", "false", "gaussian", "eva", "orthogonal");

  /**
   * A new adapter.
   *
   * @param modules the last parts of the modules' names, e.g. {@code q_proj}; empty = all linear
   *     parts of the layers
   */
  public static LoraConfig of(int r, double alpha, List<String> modules) {
    ObjectNode json = MAPPER.createObjectNode();
    json.put("peft_type", "LORA").put("task_type", "CAUSAL_LM").put("inference_mode", true);
    json.put("r", r).put("lora_alpha", alpha).put("lora_dropout", 0.0).put("bias", "none");
    json.put("use_rslora", false).put("fan_in_fan_out", false).put("init_lora_weights", true);
    if (modules.isEmpty()) {
      json.put("target_modules", Targets.ALL_LINEAR);
    } else {
      var list = json.putArray("target_modules");
      modules.forEach(list::add);
    }
    return read("lora", json);
  }

  /**
   * @param where what to call the file in errors
   * @throws IllegalArgumentException naming the key that is wrong or asks for what isn't there
   */
  public static LoraConfig read(String where, JsonNode node) {
    if (!(node instanceof ObjectNode json)) {
      throw new IllegalArgumentException(where + ": a JSON object is expected");
    }
    String type = json.path("peft_type").asString("LORA");
    require(where, type.equals("LORA"), "peft_type", json, "\"LORA\"; other adapters aren't known");
    for (String key : REFUSED) {
      JsonNode value = json.path(key);
      boolean off =
          value.isMissingNode()
              || value.isNull()
              || value.isBoolean() && !value.booleanValue()
              || value.isContainer() && value.isEmpty();
      require(where, off, key, json, "false or null; this kind of LoRA isn't known");
    }
    String start = json.path("init_lora_weights").asString("true");
    require(
        where,
        json.path("init_lora_weights").isNull() || PLAIN_STARTS.contains(start),
        "init_lora_weights",
        json,
        "one of %s; others change the base model, convert the adapter by peft first"
            .formatted(PLAIN_STARTS));
    JsonNode r = json.path("r");
    int rank = r.isMissingNode() ? 8 : integer(where, json, "r", r);
    double alpha = json.has("lora_alpha") ? number(where, json, "lora_alpha") : 8;
    double dropout = json.has("lora_dropout") ? number(where, json, "lora_dropout") : 0;
    require(where, dropout >= 0 && dropout < 1, "lora_dropout", json, "in [0, 1)");
    Map<String, Integer> ranks = new LinkedHashMap<>();
    json.path("rank_pattern")
        .properties()
        .forEach(e -> ranks.put(e.getKey(), integer(where, json, "rank_pattern", e.getValue())));
    Map<String, Double> alphas = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> e : json.path("alpha_pattern").properties()) {
      require(where, e.getValue().isNumber(), "alpha_pattern", json, "an object of numbers");
      alphas.put(e.getKey(), e.getValue().doubleValue());
    }
    JsonNode excluded = json.path("exclude_modules");
    return new LoraConfig(
        json,
        rank,
        alpha,
        json.path("use_rslora").asBoolean(false),
        targets(where, json, "target_modules", true),
        excluded.isMissingNode() || excluded.isNull() || excluded.isEmpty() && excluded.isArray()
            ? Optional.empty()
            : Optional.of(targets(where, json, "exclude_modules", false)),
        ranks,
        alphas,
        dropout,
        bias(where, json));
  }

  private static Bias bias(String where, ObjectNode json) {
    String text = json.path("bias").asString("none");
    return switch (text) {
      case "none" -> Bias.NONE;
      case "all" -> Bias.ALL;
      case "lora_only" -> Bias.LORA_ONLY;
      default ->
          throw new IllegalArgumentException(
              "%s: bias is \"%s\"; it must be none, all or lora_only".formatted(where, text));
    };
  }

  private static Targets targets(String where, ObjectNode json, String key, boolean byLayer) {
    JsonNode node = json.path(key);
    if (node.isString() && !node.stringValue().isEmpty()) {
      return Targets.of(node.stringValue());
    }
    List<String> names = strings(node);
    require(where, !names.isEmpty(), key, json, "a list of modules' names, or an expression");
    if (!byLayer) {
      return new Targets.Names(names);
    }
    List<Integer> layers = new ArrayList<>();
    JsonNode wanted = json.path("layers_to_transform");
    if (wanted.isArray()) {
      wanted.forEach(n -> layers.add(layer(where, json, n)));
    } else if (!wanted.isMissingNode() && !wanted.isNull()) {
      layers.add(layer(where, json, wanted));
    }
    JsonNode within = json.path("layers_pattern");
    return new Targets.Names(
        names, layers, within.isString() ? List.of(within.stringValue()) : strings(within));
  }

  private static List<String> strings(JsonNode list) {
    List<String> names = new ArrayList<>();
    if (list.isArray()) {
      list.forEach(n -> names.add(n.asString("")));
    }
    return names;
  }

  private static int layer(String where, ObjectNode json, JsonNode node) {
    require(
        where,
        node.isIntegralNumber() && node.canConvertToInt(),
        "layers_to_transform",
        json,
        "a layer's number or a list of them");
    return node.intValue();
  }

  private static int integer(String where, ObjectNode json, String key, JsonNode node) {
    boolean good =
        node.isIntegralNumber()
            && node.canConvertToInt()
            && node.intValue() >= 1
            && node.intValue() <= 1 << 16;
    require(where, good, key, json, "an integer of at least 1, and not absurd");
    return node.intValue();
  }

  private static double number(String where, ObjectNode json, String key) {
    JsonNode node = json.path(key);
    require(
        where,
        node.isNumber() && Double.isFinite(node.doubleValue()),
        key,
        json,
        "a finite number");
    return node.doubleValue();
  }

  private static void require(
      String where, boolean holds, String key, ObjectNode json, String rule) {
    if (!holds) {
      throw new IllegalArgumentException(
          "%s: %s is %s; it must be %s".formatted(where, key, json.path(key), rule));
    }
  }

  /** Whether a module is meant. */
  public boolean targets(String module) {
    return targets.has(module) && excluded.map(t -> !t.has(module)).orElse(true);
  }

  /** The side path of a module that is meant. */
  public LowRank lowRank(String module) {
    int rank = pattern(ranks, module).orElse(r);
    double a = pattern(alphas, module).orElse(alpha);
    return new LowRank(rank, rslora ? a / Math.sqrt(rank) : a / rank);
  }

  private static <T> Optional<T> pattern(Map<String, T> patterns, String module) {
    for (Map.Entry<String, T> e : patterns.entrySet()) {
      Pattern expression = Targets.regex("(.*\\.)?(" + e.getKey() + ")");
      if (expression.matcher(module).matches()) {
        return Optional.of(e.getValue());
      }
    }
    return Optional.empty();
  }
}
