package dev.gamelan.model.adapter;

import dev.gamelan.model.Decoder;
import dev.gamelan.model.ParameterSpec;
import dev.gamelan.model.ParameterSpec.Role;
import dev.gamelan.model.checkpoint.Safetensors;
import dev.gamelan.model.checkpoint.TensorSource;
import dev.gamelan.model.family.Family;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.WeightLayout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * A LoRA (Hu et al., 2021) of a model in PEFT's format: side paths of linear parts, and parameters
 * that it replaces whole (biases that learnt along, {@code modules_to_save}). It runs unmerged, so
 * that it can learn while the base is frozen, or is merged into the base.
 */
public final class Lora {
  private static final String CONFIG = "adapter_config.json";
  private static final String TENSORS = "adapter_model.safetensors";
  private static final String PREFIX = "base_model.model.";
  private static final String A = ".lora_A.weight";
  private static final String B = ".lora_B.weight";

  private final LoraConfig config;
  private final Family family;
  private final Decoder decoder;

  /** The names in the file, by ours. */
  private final Map<String, String> names = new LinkedHashMap<>();

  private final Map<String, Tensor> tensors = new LinkedHashMap<>();

  private Lora(
      LoraConfig config, Family family, Map<String, LowRank> sidePaths, Map<String, String> names) {
    this.config = config;
    this.family = family;
    this.decoder = new Decoder(family.spec(), sidePaths);
    this.names.putAll(names);
  }

  /** PEFT's names of a side path's matrices. */
  private static void name(Map<String, String> names, String linear, String module) {
    names.put(LowRank.a(linear), PREFIX + module + A);
    names.put(LowRank.b(linear), PREFIX + module + B);
  }

  /** Whether a folder holds an adapter. */
  public static boolean is(Path folder) {
    return Files.exists(folder.resolve(CONFIG));
  }

  /** Reads {@code adapter_config.json}. */
  public static LoraConfig config(Path folder) {
    Path file = folder.resolve(CONFIG);
    if (!Files.exists(file)) {
      throw new IllegalArgumentException(
          "adapter %s: %s is missing; a folder that peft has saved is expected"
              .formatted(folder, CONFIG));
    }
    try {
      return LoraConfig.read("adapter " + file, JsonMapper.shared().readTree(file.toFile()));
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "adapter %s: no JSON: %s".formatted(file, e.getOriginalMessage()), e);
    }
  }

  /**
   * A new adapter for a model; its tensors are whatever the caller initialises them to, {@link
   * #tensors} has none.
   *
   * @throws IllegalArgumentException if no linear part of the model is meant
   */
  public static Lora create(LoraConfig config, Family family) {
    Map<String, LowRank> sidePaths = new LinkedHashMap<>();
    Map<String, String> names = new LinkedHashMap<>();
    Map<String, String> linears = linears(family);
    linears.forEach(
        (module, linear) -> {
          boolean plain = !linear.contains(".experts.") && !linear.endsWith(".router");
          if (config.targets(module)
              && (plain || !(config.targets() instanceof Targets.AllLinear))) {
            sidePaths.put(linear, config.lowRank(module));
            name(names, linear, module);
          }
        });
    if (sidePaths.isEmpty()) {
      throw nothing("lora", linears);
    }
    return new Lora(config, family, sidePaths, names);
  }

  /**
   * Opens the adapter of a model.
   *
   * @throws IllegalArgumentException naming what is missing, surplus, of another shape, or not
   *     known
   */
  public static Lora open(Path folder, Family family) {
    LoraConfig config = config(folder);
    TensorSource source = source(folder);
    Map<String, String> linears = linears(family);
    Map<String, LowRank> sidePaths = new LinkedHashMap<>();
    Map<String, String> names = new LinkedHashMap<>();
    List<String> missing = new ArrayList<>();
    linears.forEach(
        (module, linear) -> {
          boolean here = source.names().contains(PREFIX + module + A);
          // PEFT does not reach experts that newer libraries keep in one parameter, nor the router.
          boolean optional =
              linear.contains(".experts.")
                  || linear.endsWith(".router")
                  || config.targets() instanceof Targets.AllLinear;
          if (here) {
            sidePaths.put(linear, config.lowRank(module));
            name(names, linear, module);
          } else if (config.targets(module) && !optional) {
            missing.add(PREFIX + module + A);
          }
        });
    Lora lora = new Lora(config, family, sidePaths, names);
    lora.read(folder, source, missing);
    if (lora.tensors.isEmpty()) {
      throw nothing("adapter " + folder, linears);
    }
    return lora;
  }

  private static TensorSource source(Path folder) {
    if (Files.exists(folder.resolve(TENSORS))) {
      return Safetensors.open(folder.resolve(TENSORS));
    }
    if (Files.exists(folder.resolve("adapter_model.bin"))) {
      return TensorSource.open(folder.resolve("adapter_model.bin"));
    }
    throw new IllegalArgumentException(
        "adapter %s: neither %s nor adapter_model.bin is there".formatted(folder, TENSORS));
  }

  private static IllegalArgumentException nothing(String where, Map<String, String> linears) {
    TreeSet<String> last = new TreeSet<>();
    linears.keySet().forEach(m -> last.add(m.substring(m.lastIndexOf('.') + 1)));
    return new IllegalArgumentException(
        "%s: none of this model's linear parts is a target; they are called %s"
            .formatted(where, last));
  }

  /** Our names of the linear parts of the layers, by the names of their modules. */
  private static Map<String, String> linears(Family family) {
    Map<String, String> linears = new LinkedHashMap<>();
    for (ParameterSpec p : new Decoder(family.spec()).parameters()) {
      boolean linear =
          (p.role() == Role.INPUT || p.role() == Role.OUTPUT) && p.name().endsWith(".weight");
      if (linear) {
        linears.put(withoutWeight(family.names().published(p.name())), withoutWeight(p.name()));
      }
    }
    return linears;
  }

  private static String withoutWeight(String name) {
    return name.substring(0, name.length() - ".weight".length());
  }

  private void read(Path folder, TensorSource source, List<String> missing) {
    TreeSet<String> surplus = new TreeSet<>(source.names());
    Map<String, ParameterSpec> specs = new LinkedHashMap<>();
    decoder.parameters().forEach(p -> specs.put(p.name(), p));
    names.forEach(
        (ours, name) -> {
          if (surplus.remove(name)) {
            take(folder, specs.get(ours), name, source.tensor(name));
          } else {
            missing.add(name);
          }
        });
    replaced(folder, source, surplus);
    if (!missing.isEmpty() || !surplus.isEmpty()) {
      throw new IllegalArgumentException(
          "adapter %s: %d tensors are missing %s, %d are not of this model's linear parts %s; embeddings and heads with side paths aren't known, merge them by peft"
              .formatted(folder, missing.size(), missing, surplus.size(), surplus));
    }
  }

  /** Parameters of the base that the adapter replaces: the rest of its tensors. */
  private void replaced(Path folder, TensorSource source, TreeSet<String> surplus) {
    Map<String, ParameterSpec> published = new LinkedHashMap<>();
    for (ParameterSpec p : decoder.parameters()) {
      if (!LowRank.is(p.name())) {
        published.put(family.names().published(p.name()), p);
      }
    }
    for (String name : List.copyOf(surplus)) {
      String plain =
          name.startsWith(PREFIX)
              ? name.substring(PREFIX.length()).replace(".base_layer.", ".")
              : name;
      ParameterSpec p = published.get(plain);
      if (p != null) {
        names.put(p.name(), name);
        take(folder, p, name, source.tensor(name));
        surplus.remove(name);
      }
    }
  }

  private void take(Path folder, ParameterSpec p, String name, Tensor tensor) {
    if (!tensor.shape().equals(p.shape())) {
      throw new IllegalArgumentException(
          "adapter %s: tensor '%s' is %s, the model and %s make it %s"
              .formatted(folder, name, tensor.shape(), CONFIG, p.shape()));
    }
    tensors.put(p.name(), tensor);
  }

  public LoraConfig config() {
    return config;
  }

  /** The model's decoder with the side paths. */
  public Decoder decoder() {
    return decoder;
  }

  /** The tensors of the adapter by our names: side paths and what it replaces. */
  public Map<String, Tensor> tensors() {
    return Map.copyOf(tensors);
  }

  /** Whether a parameter of {@link #decoder} belongs to the adapter; the base is frozen. */
  public boolean learns(String parameter) {
    boolean bias =
        switch (config.bias()) {
          case NONE -> false;
          case ALL -> parameter.endsWith(".bias");
          case LORA_ONLY ->
              parameter.endsWith(".bias")
                  && decoder
                      .adapter()
                      .containsKey(parameter.substring(0, parameter.length() - ".bias".length()));
        };
    return LowRank.is(parameter) || names.containsKey(parameter) || bias;
  }

  /**
   * This adapter with other tensors, e.g. what training made of them.
   *
   * @param trained every parameter that {@link #learns}, by our names
   */
  public Lora with(Map<String, Tensor> trained) {
    Lora lora = new Lora(config, family, decoder.adapter(), names);
    for (ParameterSpec p : decoder.parameters()) {
      Tensor tensor = trained.get(p.name());
      if (tensor == null && LowRank.is(p.name())) {
        throw new IllegalArgumentException("lora: %s is missing".formatted(p.name()));
      }
      if (tensor != null && learns(p.name())) {
        lora.tensors.put(p.name(), tensor);
      }
    }
    return lora;
  }

  private void requireTensors() {
    if (tensors.isEmpty()) {
      throw new IllegalStateException(
          "lora: a new adapter has no tensors yet; give it some by with(…)");
    }
  }

  /** The parameters of {@link #decoder}: those of the base, and the adapter's. */
  public Map<String, Tensor> unmerged(Map<String, Tensor> base) {
    requireTensors();
    Map<String, Tensor> all = new LinkedHashMap<>(base);
    all.putAll(tensors);
    return all;
  }

  /**
   * The parameters of the base with the adapter merged: W + scale·B·A, summed in f32 and rounded to
   * the base's type; quantized weights become f32.
   */
  public Map<String, Tensor> merged(Map<String, Tensor> base) {
    requireTensors();
    Map<String, Tensor> all = new LinkedHashMap<>(base);
    tensors.forEach(
        (name, t) -> {
          if (!LowRank.is(name)) {
            all.put(name, t);
          }
        });
    boolean outIn = family.spec().layout() == WeightLayout.OUT_IN;
    decoder
        .adapter()
        .forEach(
            (linear, low) ->
                all.computeIfPresent(
                    linear + ".weight",
                    (name, w) ->
                        Merge.of(
                            w,
                            tensors.get(LowRank.a(linear)),
                            tensors.get(LowRank.b(linear)),
                            low.scale(),
                            outIn)));
    return all;
  }

  /**
   * Saves the adapter as PEFT does.
   *
   * @param of its tensors by our names, e.g. {@link #tensors} or what training made of them
   */
  public void save(Path folder, Map<String, Tensor> of) {
    Map<String, Tensor> published = new LinkedHashMap<>();
    of.forEach((name, t) -> published.put(published(name), t));
    try {
      Files.createDirectories(folder);
      Safetensors.write(folder.resolve(TENSORS), published, Map.of("format", "pt"));
      Path temporary = folder.resolve(CONFIG + ".tmp");
      Files.writeString(temporary, config.json().toPrettyString() + "\n");
      try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.move(temporary, folder.resolve(CONFIG), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "adapter %s: cannot be saved: %s".formatted(folder, e.getMessage()), e);
    }
  }

  /** PEFT's name of a parameter that learns. */
  public String published(String name) {
    String known = names.get(name);
    if (known != null) {
      return known;
    }
    String module = name.substring(0, name.lastIndexOf('.'));
    String published = PREFIX + family.names().published(name);
    return decoder.adapter().containsKey(module)
        ? published.substring(0, published.lastIndexOf('.')) + ".base_layer.bias"
        : published;
  }
}
