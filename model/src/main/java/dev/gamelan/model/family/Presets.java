package dev.gamelan.model.family;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The published configurations by name, e.g. {@code llama2-70b}: what the configurations beside the
 * checkpoints say of the shape. They stand in {@code presets.json} beside this class.
 */
public final class Presets {
  private final Map<String, Config> configs = new LinkedHashMap<>();

  private Presets(JsonNode all) {
    all.properties()
        .forEach(e -> configs.put(e.getKey(), new Config("preset " + e.getKey(), e.getValue())));
  }

  public static Presets load() {
    try (InputStream in = Presets.class.getResourceAsStream("presets.json")) {
      if (in == null) {
        throw new IllegalStateException("presets: presets.json is not in the jar");
      }
      return new Presets(JsonMapper.shared().readTree(in));
    } catch (IOException e) {
      throw new UncheckedIOException("presets: presets.json cannot be read", e);
    }
  }

  /** All names, family by family. */
  public Set<String> names() {
    return configs.keySet();
  }

  /** The names of a family's presets. */
  public List<String> of(About family) {
    return configs.keySet().stream()
        .filter(name -> Families.about(configs.get(name)).equals(family))
        .toList();
  }

  /**
   * The family in the configuration of a preset.
   *
   * @throws IllegalArgumentException if there is no such preset; the nearest is named
   */
  public Family read(String name) {
    Config config = configs.get(name);
    if (config == null) {
      throw new IllegalArgumentException(
          "preset \"%s\" is not known; the nearest is \"%s\"; gamelan families lists all"
              .formatted(name, Nearest.to(name, names()).orElseThrow()));
    }
    return Families.read(config);
  }
}
