package dev.gamelan.model.family;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.node.ObjectNode;

/** All families, found by what a configuration says of itself. */
public final class Families {
  private Families() {}

  private record Entry(String architecture, String modelType, Function<Config, Family> read) {}

  private static final List<Entry> ALL =
      List.of(
          new Entry(GptNeoX.ARCHITECTURE, GptNeoX.MODEL_TYPE, GptNeoX::read),
          new Entry(Llama.ARCHITECTURE, Llama.MODEL_TYPE, Llama::read));

  /** The model types that are known, with their architectures. */
  public static Map<String, String> known() {
    Map<String, String> known = new LinkedHashMap<>();
    ALL.forEach(e -> known.put(e.modelType(), e.architecture()));
    return known;
  }

  /**
   * The family of a configuration, by its {@code architectures}, else its {@code model_type}.
   *
   * @throws IllegalArgumentException if it is unknown (the nearest is named) or a key is wrong
   */
  public static Family read(Config config) {
    Optional<String> architecture = config.firstOf("architectures");
    Optional<String> type = config.text("model_type");
    String name =
        architecture
            .or(() -> type)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        config + ": neither architectures nor model_type says which family it is"));
    return ALL.stream()
        .filter(
            e ->
                architecture
                    .map(e.architecture()::equals)
                    .orElse(e.modelType().equals(type.orElse(""))))
        .findFirst()
        .orElseThrow(() -> unknown(config, name, architecture.isPresent()))
        .read()
        .apply(config);
  }

  private static IllegalArgumentException unknown(
      Config config, String name, boolean architecture) {
    String nearest =
        Nearest.to(name, architecture ? known().values() : known().keySet()).orElseThrow();
    return new IllegalArgumentException(
        "%s: the family \"%s\" is not known; the nearest is \"%s\"; known are %s"
            .formatted(config, name, nearest, known().values()));
  }

  /** Columns a head where a configuration doesn't say. */
  static int headDim(int width, int heads) {
    if (width % heads != 0) {
      throw new IllegalArgumentException(
          "config.json: hidden_size %d is not a multiple of num_attention_heads %d"
              .formatted(width, heads));
    }
    return width / heads;
  }

  /** The keys that every configuration begins with. */
  static ObjectNode config(String architecture, String modelType, Family family) {
    ObjectNode c = Config.object();
    c.putArray("architectures").add(architecture);
    c.put("model_type", modelType);
    c.put("torch_dtype", "float32");
    family.bos().ifPresentOrElse(id -> c.put("bos_token_id", id), () -> c.putNull("bos_token_id"));
    family.eos().ifPresentOrElse(id -> c.put("eos_token_id", id), () -> c.putNull("eos_token_id"));
    return c;
  }
}
