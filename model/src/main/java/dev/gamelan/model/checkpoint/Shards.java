package dev.gamelan.model.checkpoint;

import dev.gamelan.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A checkpoint in several files, safetensors or PyTorch's, with an index of which tensor lies where
 * ({@code model.safetensors.index.json}, {@code pytorch_model.bin.index.json}).
 */
final class Shards implements TensorSource {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final Path index;
  private final Map<String, TensorSource> homes = new LinkedHashMap<>();
  private final Map<String, TensorSource> files = new LinkedHashMap<>();

  /**
   * Opens all shards.
   *
   * @throws IllegalArgumentException if the index or a shard is damaged or missing, or a tensor
   *     isn't where the index says, or is in two shards
   */
  Shards(Path index) {
    this.index = index;
    JsonNode map;
    try {
      map = MAPPER.readTree(index.toFile()).path("weight_map");
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "checkpoint %s: no JSON, or it names a tensor twice: %s"
              .formatted(index, e.getOriginalMessage()),
          e);
    }
    if (!map.isObject() || map.isEmpty()) {
      throw bad("an object weight_map of tensor names to files is expected");
    }
    for (Map.Entry<String, JsonNode> e : map.properties()) {
      TensorSource shard = shard(e.getKey(), e.getValue().asString(""));
      if (!shard.names().contains(e.getKey())) {
        throw bad(
            "there is no tensor '%s' in the shard '%s'", e.getKey(), e.getValue().asString(""));
      }
      homes.put(e.getKey(), shard);
    }
    files.forEach(
        (name, shard) -> {
          for (String tensor : shard.names()) {
            if (homes.getOrDefault(tensor, shard) != shard) {
              throw bad("the tensor '%s' of the shard '%s' is in another, too", tensor, name);
            }
          }
        });
  }

  private TensorSource shard(String tensor, String name) {
    TensorSource open = files.get(name);
    if (open != null) {
      return open;
    }
    boolean plain = !name.isEmpty() && !name.contains("/") && !name.contains("\\");
    if (!plain || name.equals("..") || name.equals(".") || name.indexOf('\0') >= 0) {
      throw bad("shard '%s' of tensor '%s' must be a file beside the index", name, tensor);
    }
    Path file = index.resolveSibling(name);
    if (!Files.isRegularFile(file)) {
      throw bad("shard %s is missing", name);
    }
    TensorSource shard =
        name.endsWith(".safetensors") ? Safetensors.open(file) : PytorchBin.open(file);
    files.put(name, shard);
    return shard;
  }

  private IllegalArgumentException bad(String text, Object... values) {
    return new IllegalArgumentException("checkpoint " + index + ": " + text.formatted(values));
  }

  @Override
  public Set<String> names() {
    return homes.keySet();
  }

  @Override
  public Tensor tensor(String name) {
    TensorSource shard = homes.get(name);
    if (shard == null) {
      throw bad("there is no tensor '%s'", name);
    }
    return shard.tensor(name);
  }

  @Override
  public List<Listed> listing() {
    List<Listed> all = new ArrayList<>();
    files.values().forEach(shard -> all.addAll(shard.listing()));
    return all;
  }
}
