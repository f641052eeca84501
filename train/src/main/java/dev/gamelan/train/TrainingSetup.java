package dev.gamelan.train;

import dev.gamelan.model.checkpoint.Checkpoint;
import dev.gamelan.model.family.Config;
import dev.gamelan.model.family.Families;
import dev.gamelan.model.family.Family;
import dev.gamelan.model.family.Nearest;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A training run as a JSON file says it. Keys: all of {@link TrainingConfig}, and
 *
 * <ul>
 *   <li>{@code run}: the run's folder (required);
 *   <li>{@code data}: a folder of token shards (required);
 *   <li>{@code model}: a Hugging Face configuration as an object, or the folder of a checkpoint to
 *       go on from (required);
 *   <li>{@code tokenizer}: a tokenizer.json, for samples and for a copy in every checkpoint;
 *   <li>{@code prompts}: a list of texts for the samples.
 * </ul>
 *
 * Paths are relative to the working directory. Keys of {@link TrainingConfig} that are absent have
 * the values of {@link TrainingConfig#pythia}; {@code steps} is required.
 *
 * @param from weights to begin with, where {@code model} names a checkpoint
 */
public record TrainingSetup(
    TrainingConfig config,
    Family family,
    Optional<Checkpoint> from,
    Path data,
    Path run,
    Optional<Path> tokenizer,
    List<String> prompts) {
  private static final List<String> OWN = List.of("run", "data", "model", "tokenizer", "prompts");

  /**
   * Keys of published configurations that change nothing here, or that are read under two names.
   */
  private static final Set<String> BESIDE =
      Set.of(
          "_name_or_path",
          "transformers_version",
          "torch_dtype",
          "dtype",
          "use_cache",
          "bos_token_id",
          "eos_token_id",
          "pad_token_id",
          "classifier_dropout",
          "attention_dropout",
          "hidden_dropout",
          "initializer_range",
          "pretraining_tp",
          "gradient_checkpointing",
          "partial_rotary_factor",
          "rope_theta",
          "rope_scaling",
          "rope_parameters",
          "rotary_emb_base",
          "rotary_pct",
          "num_key_value_heads",
          "head_dim",
          "sliding_window",
          "attention_bias",
          "mlp_bias",
          "tie_word_embeddings");

  private static final int DEFAULT_LENGTH = 512;
  private static final int DEFAULT_BATCH = 8;
  private static final double DEFAULT_RATE = 1e-3;

  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /**
   * Reads a file.
   *
   * @param overrides values by key that go before those of the file, as JSON or plain text
   * @throws IllegalArgumentException naming the key, its value, the rule, and for an unknown key
   *     the nearest
   */
  public static TrainingSetup read(Path file, Map<String, String> overrides) {
    JsonNode json;
    try {
      json = MAPPER.readTree(file.toFile());
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "config %s: cannot be read as JSON: %s".formatted(file, reason(e)), e);
    }
    if (!(json instanceof ObjectNode object)) {
      throw new IllegalArgumentException("config %s: a JSON object is expected".formatted(file));
    }
    overrides.forEach((key, value) -> object.set(key, parse(value)));
    return of(file.toString(), object);
  }

  /** What is wrong and on which line, without Jackson's note about its source. */
  private static String reason(JacksonException e) {
    if (e.getCause() instanceof IOException io) {
      return io instanceof java.nio.file.NoSuchFileException || io instanceof FileNotFoundException
          ? "there is no such file, or it is not readable"
          : io.getMessage();
    }
    String what = e.getOriginalMessage().replaceAll(" ?\\(start marker at .*", "");
    return e.getLocation() != null && e.getLocation().getLineNr() > 0
        ? what
            + " (line %d, column %d)"
                .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr())
        : what;
  }

  private static JsonNode parse(String value) {
    try {
      JsonNode node = MAPPER.readTree(value);
      return node.isMissingNode() ? MAPPER.getNodeFactory().stringNode(value) : node;
    } catch (JacksonException plainText) {
      return MAPPER.getNodeFactory().stringNode(value);
    }
  }

  private static TrainingSetup of(String where, ObjectNode json) {
    RecordComponent[] components = TrainingConfig.class.getRecordComponents();
    List<String> known = new ArrayList<>(OWN);
    Arrays.stream(components).map(RecordComponent::getName).forEach(known::add);
    for (Map.Entry<String, JsonNode> e : json.properties()) {
      if (!known.contains(e.getKey())) {
        throw new IllegalArgumentException(
            "config %s: there is no key '%s'; the nearest is '%s'"
                .formatted(where, e.getKey(), Nearest.to(e.getKey(), known).orElseThrow()));
      }
    }
    Path run = Path.of(text(where, json, "run"));
    Path data = Path.of(text(where, json, "data"));
    JsonNode model = required(where, json, "model");
    Optional<Checkpoint> from =
        model.isString()
            ? Optional.of(Checkpoint.open(Path.of(model.stringValue())))
            : Optional.empty();
    Family family =
        from.map(Checkpoint::family)
            .orElseGet(() -> Families.read(new Config(where + ": model", model)));
    if (from.isEmpty()) {
      knownKeys(where, (ObjectNode) model, family);
    }
    TrainingConfig config = config(where, json, components, family.spec().context());
    if (config.sequence_length() > family.spec().context()) {
      throw new IllegalArgumentException(
          "config %s: sequence_length is %d; the model's context is %d, and it must not be longer"
              .formatted(where, config.sequence_length(), family.spec().context()));
    }
    return new TrainingSetup(
        config,
        family,
        from,
        data,
        run,
        json.has("tokenizer")
            ? Optional.of(Path.of(text(where, json, "tokenizer")))
            : Optional.empty(),
        prompts(where, json));
  }

  private static List<String> prompts(String where, ObjectNode json) {
    List<String> prompts = new ArrayList<>();
    JsonNode node = json.path("prompts");
    if (!node.isMissingNode() && !node.isArray()) {
      throw wrong(where, "prompts", node, "a list of strings");
    }
    for (JsonNode prompt : node) {
      if (!prompt.isString() || prompt.stringValue().isEmpty()) {
        throw wrong(where, "prompts", node, "a list of strings, none of them empty");
      }
      prompts.add(prompt.stringValue());
    }
    return prompts;
  }

  /**
   * A model's configuration has many keys that no shape depends on, and they pass; one that looks
   * like a misspelt key that does matter would change the model without a word.
   */
  private static void knownKeys(String where, ObjectNode model, Family family) {
    Set<String> known = new TreeSet<>();
    family.config().properties().forEach(e -> known.add(e.getKey()));
    for (Map.Entry<String, JsonNode> e : model.properties()) {
      if (!known.contains(e.getKey()) && !BESIDE.contains(e.getKey())) {
        throw new IllegalArgumentException(
            "config %s: model: there is no key '%s'; the nearest is '%s'"
                .formatted(where, e.getKey(), Nearest.to(e.getKey(), known).orElseThrow()));
      }
    }
  }

  private static JsonNode required(String where, ObjectNode json, String key) {
    JsonNode node = json.get(key);
    if (node == null || node.isNull()) {
      throw new IllegalArgumentException("config %s: %s is missing".formatted(where, key));
    }
    return node;
  }

  private static String text(String where, ObjectNode json, String key) {
    JsonNode node = required(where, json, key);
    if (!node.isString()) {
      throw wrong(where, key, node, "a string");
    }
    if (node.stringValue().isBlank()) {
      throw wrong(where, key, node, "the path of a file or folder");
    }
    return node.stringValue();
  }

  private static TrainingConfig config(
      String where, ObjectNode json, RecordComponent[] components, int context) {
    JsonNode steps = required(where, json, "steps");
    if (!steps.isIntegralNumber() || !steps.canConvertToLong()) {
      throw wrong(where, "steps", steps, "an integer");
    }
    TrainingConfig defaults =
        TrainingConfig.pythia(
            Math.min(DEFAULT_LENGTH, context),
            DEFAULT_BATCH,
            Math.max(1, steps.longValue()),
            DEFAULT_RATE,
            1234);
    try {
      Object[] values = new Object[components.length];
      Class<?>[] types = new Class<?>[components.length];
      for (int i = 0; i < components.length; i++) {
        RecordComponent c = components[i];
        types[i] = c.getType();
        values[i] =
            json.has(c.getName())
                ? value(where, c, json.get(c.getName()))
                : c.getAccessor().invoke(defaults);
      }
      return TrainingConfig.class.getDeclaredConstructor(types).newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException bad) {
        throw new IllegalArgumentException(
            "config " + where + ": " + bad.getMessage().replaceFirst("^config: ", ""), bad);
      }
      throw new IllegalStateException(e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a record has its components", e);
    }
  }

  private static Object value(String where, RecordComponent component, JsonNode node) {
    Class<?> type = component.getType();
    if (type == int.class) {
      if (!node.isIntegralNumber() || !node.canConvertToInt()) {
        throw wrong(where, component.getName(), node, "an integer");
      }
      return node.intValue();
    }
    if (type == long.class) {
      if (!node.isIntegralNumber() || !node.canConvertToLong()) {
        throw wrong(where, component.getName(), node, "an integer");
      }
      return node.longValue();
    }
    if (type == double.class) {
      if (!node.isNumber()) {
        throw wrong(where, component.getName(), node, "a number");
      }
      return node.doubleValue();
    }
    if (type == boolean.class) {
      if (!node.isBoolean()) {
        throw wrong(where, component.getName(), node, "true or false");
      }
      return node.booleanValue();
    }
    Map<String, Object> constants = new LinkedHashMap<>();
    for (Object constant : type.getEnumConstants()) {
      constants.put(constant.toString().toLowerCase(Locale.ROOT), constant);
    }
    Object constant = constants.get(node.asString("").toLowerCase(Locale.ROOT));
    if (constant == null) {
      throw wrong(
          where, component.getName(), node, "one of " + String.join(", ", constants.keySet()));
    }
    return constant;
  }

  private static IllegalArgumentException wrong(
      String where, String key, JsonNode value, String rule) {
    return new IllegalArgumentException(
        "config %s: %s is %s; it must be %s".formatted(where, key, value, rule));
  }
}
