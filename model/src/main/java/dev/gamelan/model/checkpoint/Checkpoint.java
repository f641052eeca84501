package dev.gamelan.model.checkpoint;

import dev.gamelan.model.Decoder;
import dev.gamelan.model.DecoderSpec;
import dev.gamelan.model.ParameterSpec;
import dev.gamelan.model.family.Config;
import dev.gamelan.model.family.Families;
import dev.gamelan.model.family.Family;
import dev.gamelan.tensor.Shape;
import dev.gamelan.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A published checkpoint: the family that its configuration names, and its tensors under our names,
 * in place.
 *
 * <p>Formats keep the same weights in different orders. {@link #kept} and {@link #spec} take the
 * file as it lies: nothing is copied, and a decoder of that spec computes the same. {@link
 * #tensors} are in the order of the family's own checkpoints, for which some must be copied.
 */
public final class Checkpoint {
  private final Family family;
  private final DecoderSpec spec;
  private final Map<String, Tensor> kept;

  /**
   * @param spec the family's spec as the file keeps it
   * @param kept every parameter of a decoder of the spec, and nothing else
   */
  Checkpoint(Family family, DecoderSpec spec, Map<String, Tensor> kept) {
    this.family = family;
    this.spec = spec;
    this.kept = Collections.unmodifiableMap(kept);
  }

  /** A checkpoint that is kept as the family's own are. */
  public Checkpoint(Family family, Map<String, Tensor> tensors) {
    this(family, family.spec(), tensors);
  }

  public Family family() {
    return family;
  }

  /** What a decoder must be made of to use {@link #kept}. */
  public DecoderSpec spec() {
    return spec;
  }

  /** Every parameter where it lies in the file. */
  public Map<String, Tensor> kept() {
    return kept;
  }

  /** Every parameter as the family's spec has it: in place, or a copy in another order. */
  public Map<String, Tensor> tensors() {
    if (spec.equals(family.spec())) {
      return kept;
    }
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (ParameterSpec p : new Decoder(spec).parameters()) {
      Arrangement how = Arrangement.between(spec, family.spec(), p);
      tensors.put(p.name(), how.of(kept.get(p.name())));
    }
    return tensors;
  }

  /**
   * Opens a folder with {@code config.json} and weights ({@code model.safetensors} or {@code
   * pytorch_model.bin}, whole or in shards), a file of weights beside its {@code config.json}, a
   * llama2.c {@code .bin} file, or a GGUF file.
   *
   * @throws IllegalArgumentException naming the file and what is wrong with it
   */
  public static Checkpoint open(Path path) {
    return switch (Format.of(path)) {
      case GGUF -> GgufModel.open(path);
      case LLAMA2C -> Llama2c.open(path);
      case FOLDER, SAFETENSORS, PYTORCH -> folder(path);
    };
  }

  private static Checkpoint folder(Path path) {
    Path folder = Files.isDirectory(path) ? path : path.toAbsolutePath().getParent();
    Path config = folder.resolve("config.json");
    if (!Files.exists(config)) {
      throw new IllegalArgumentException(
          "model %s: config.json is missing%s; it says which family the tensors are of"
              .formatted(path, Files.isDirectory(path) ? "" : " beside it"));
    }
    JsonNode json;
    try {
      json = JsonMapper.shared().readTree(config.toFile());
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "model %s: config.json is no JSON: %s".formatted(path, e.getOriginalMessage()), e);
    }
    Family family = Families.read(new Config(config.toString(), json));
    return new Checkpoint(family, resolve(path, family, TensorSource.open(path)));
  }

  /**
   * Refuses a configuration that claims more layers or experts than the tensors can hold, before a
   * list of their parameters is made.
   */
  static void plausible(String where, DecoderSpec spec, TensorSource source) {
    int tensors = source.names().size();
    if (spec.layers() > tensors) {
      throw new IllegalArgumentException(
          "%s: the configuration says %d layers, there are %d tensors in all"
              .formatted(where, spec.layers(), tensors));
    }
    long elements = 0;
    for (TensorSource.Listed t : source.listing()) {
      elements += Math.min(t.shape().elements(), Integer.MAX_VALUE);
    }
    long experts = spec.mlp().experts().map(e -> (long) e.count()).orElse(0L);
    if (experts * spec.layers() > elements) {
      throw new IllegalArgumentException(
          "%s: the configuration says %d experts in %d layers, the tensors have %d elements in all"
              .formatted(where, experts, spec.layers(), elements));
    }
  }

  /** Finds every parameter, and says which are missing, surplus or of another shape. */
  private static Map<String, Tensor> resolve(Path path, Family family, TensorSource source) {
    plausible("model " + path, family.spec(), source);
    Decoder decoder = new Decoder(family.spec());
    Set<String> surplus = new LinkedHashSet<>(source.names());
    List<String> missing = new ArrayList<>();
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (ParameterSpec p : decoder.parameters()) {
      String published = family.names().published(p.name());
      for (Map.Entry<String, String> alias : family.aliases().entrySet()) {
        if (alias.getValue().equals(p.name()) && source.names().contains(alias.getKey())) {
          published = alias.getKey();
        }
      }
      if (!surplus.remove(published)) {
        missing.add(published);
        continue;
      }
      Tensor tensor = source.tensor(published);
      Shape kept = family.publishedShape(p.name(), p.shape());
      if (!tensor.shape().equals(kept)) {
        throw new IllegalArgumentException(
            "model %s: tensor '%s' is %s, the configuration makes it %s"
                .formatted(path, published, tensor.shape(), kept));
      }
      tensors.put(p.name(), kept.equals(p.shape()) ? tensor : tensor.reshape(p.shape().extents()));
    }
    surplus.removeIf(name -> family.ignored().stream().anyMatch(name::endsWith));
    if (family.spec().tied()) {
      surplus.remove("lm_head.weight");
      surplus.remove(family.names().published("head.weight"));
    }
    if (!missing.isEmpty() || !surplus.isEmpty()) {
      throw new IllegalArgumentException(
          "model %s: %d tensors are missing %s, %d are surplus %s; is config.json of this checkpoint?"
              .formatted(path, missing.size(), missing, surplus.size(), surplus));
    }
    return tensors;
  }

  /**
   * Saves tensors under their published names with their configuration: {@code model.safetensors},
   * then {@code config.json}. The folder is made if it isn't there.
   */
  public static void save(Path folder, Family family, Map<String, Tensor> tensors) {
    try {
      Files.createDirectories(folder);
      Map<String, Tensor> published = new LinkedHashMap<>();
      tensors.forEach(
          (name, t) -> {
            Shape kept = family.publishedShape(name, t.shape());
            published.put(
                family.names().published(name),
                kept.equals(t.shape()) ? t : t.reshape(kept.extents()));
          });
      Safetensors.write(folder.resolve("model.safetensors"), published, Map.of("format", "pt"));
      Path config = folder.resolve("config.json");
      Path temporary = folder.resolve("config.json.tmp");
      Files.writeString(temporary, family.config().toPrettyString() + "\n");
      try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.move(temporary, config, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "model %s: cannot be saved: %s".formatted(folder, e.getMessage()), e);
    }
  }
}
