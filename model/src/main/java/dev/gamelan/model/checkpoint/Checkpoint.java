package dev.gamelan.model.checkpoint;

import dev.gamelan.model.Decoder;
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
 * @param tensors every parameter of the family's decoder, and nothing else
 */
public record Checkpoint(Family family, Map<String, Tensor> tensors) {
  /**
   * Opens a folder with {@code config.json} and {@code model.safetensors} (or its shards), a
   * llama2.c {@code .bin} file, or a GGUF file.
   *
   * @throws IllegalArgumentException naming the file and what is wrong with it
   */
  public static Checkpoint open(Path path) {
    if (Files.isRegularFile(path) && path.getFileName().toString().endsWith(".bin")) {
      return Llama2c.open(path);
    }
    if (Gguf.is(path)) {
      return GgufModel.open(path);
    }
    if (!Files.isDirectory(path)) {
      throw new IllegalArgumentException(
          "model %s: %s; a folder with config.json and model.safetensors, a llama2.c .bin or a .gguf is expected"
              .formatted(path, Files.exists(path) ? "this is a file" : "there is no such path"));
    }
    Path config = path.resolve("config.json");
    if (!Files.exists(config)) {
      throw new IllegalArgumentException("model %s: config.json is missing".formatted(path));
    }
    JsonNode json;
    try {
      json = JsonMapper.builder().build().readTree(config.toFile());
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "model %s: config.json is no JSON: %s".formatted(path, e.getOriginalMessage()), e);
    }
    Family family = Families.read(new Config(config.toString(), json));
    return new Checkpoint(family, resolve(path, family, source(path)));
  }

  private static TensorSource source(Path folder) {
    Path single = folder.resolve("model.safetensors");
    Path index = folder.resolve("model.safetensors.index.json");
    if (Files.exists(single)) {
      return Safetensors.open(single);
    }
    if (Files.exists(index)) {
      return new ShardedSafetensors(index);
    }
    if (Files.exists(folder.resolve("pytorch_model.bin"))) {
      return new PytorchBin(folder.resolve("pytorch_model.bin"));
    }
    throw new IllegalArgumentException(
        "model %s: neither model.safetensors, model.safetensors.index.json nor pytorch_model.bin is there"
            .formatted(folder));
  }

  /** Finds every parameter, and says which are missing, surplus or of another shape. */
  private static Map<String, Tensor> resolve(Path path, Family family, TensorSource source) {
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
