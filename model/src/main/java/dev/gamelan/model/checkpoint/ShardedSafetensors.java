package dev.gamelan.model.checkpoint;

import dev.gamelan.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A checkpoint in several files with a {@code model.safetensors.index.json}. */
final class ShardedSafetensors implements TensorSource {
  private final Path index;
  private final Map<String, Safetensors> homes = new LinkedHashMap<>();

  ShardedSafetensors(Path index) {
    this.index = index;
    JsonNode map;
    try {
      map = JsonMapper.builder().build().readTree(index.toFile()).path("weight_map");
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "checkpoint %s: no JSON: %s".formatted(index, e.getOriginalMessage()), e);
    }
    if (!map.isObject() || map.isEmpty()) {
      throw new IllegalArgumentException(
          "checkpoint %s: an object weight_map of tensor names to files is expected"
              .formatted(index));
    }
    Map<String, Safetensors> files = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> e : map.properties()) {
      String name = e.getValue().asString("");
      Path file = index.resolveSibling(name).normalize();
      if (name.isEmpty() || !file.getParent().equals(index.normalize().getParent())) {
        throw new IllegalArgumentException(
            "checkpoint %s: shard '%s' of tensor '%s' must be a file beside the index"
                .formatted(index, name, e.getKey()));
      }
      if (!Files.exists(file)) {
        throw new IllegalArgumentException(
            "checkpoint %s: shard %s is missing".formatted(index, name));
      }
      Safetensors shard = files.computeIfAbsent(name, n -> Safetensors.open(file));
      shard.tensor(e.getKey());
      homes.put(e.getKey(), shard);
    }
  }

  @Override
  public Set<String> names() {
    return homes.keySet();
  }

  @Override
  public Tensor tensor(String name) {
    Safetensors shard = homes.get(name);
    if (shard == null) {
      throw new IllegalArgumentException(
          "checkpoint %s: there is no tensor '%s'".formatted(index, name));
    }
    return shard.tensor(name);
  }
}
