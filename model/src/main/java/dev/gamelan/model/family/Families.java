package dev.gamelan.model.family;

import dev.gamelan.model.Decoder;
import dev.gamelan.model.DecoderSpec;
import dev.gamelan.model.ParameterSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.node.ObjectNode;

/** All families, found by what a configuration says of itself. */
public final class Families {
  private Families() {}

  private record Entry(
      String architecture, String modelType, About about, Function<Config, Family> read) {}

  private static final List<Entry> ALL =
      List.of(
          new Entry(GptNeoX.ARCHITECTURE, GptNeoX.MODEL_TYPE, GptNeoX.ABOUT, GptNeoX::read),
          new Entry(Llama.ARCHITECTURE, Llama.MODEL_TYPE, Llama.ABOUT, Llama::read),
          new Entry(Mistral.ARCHITECTURE, Mistral.MODEL_TYPE, Mistral.ABOUT, Mistral::read),
          new Entry(Mixtral.ARCHITECTURE, Mixtral.MODEL_TYPE, Mixtral.ABOUT, Mixtral::read),
          new Entry(Qwen2.ARCHITECTURE, Qwen2.MODEL_TYPE, Qwen2.ABOUT, Qwen2::read),
          new Entry(Qwen2Moe.ARCHITECTURE, Qwen2Moe.MODEL_TYPE, Qwen2Moe.ABOUT, Qwen2Moe::read),
          new Entry(Qwen3.ARCHITECTURE, Qwen3.MODEL_TYPE, Qwen3.ABOUT, Qwen3::read),
          new Entry(Qwen3Moe.ARCHITECTURE, Qwen3Moe.MODEL_TYPE, Qwen3Moe.ABOUT, Qwen3Moe::read),
          new Entry(Olmo.ARCHITECTURE, Olmo.MODEL_TYPE, Olmo.ABOUT, Olmo::read),
          new Entry(
              OlmoOriginal.ARCHITECTURE,
              OlmoOriginal.MODEL_TYPE,
              OlmoOriginal.ABOUT,
              OlmoOriginal::read),
          new Entry(Olmo2.ARCHITECTURE, Olmo2.MODEL_TYPE, Olmo2.ABOUT, Olmo2::read),
          new Entry(
              StarCoder2.ARCHITECTURE, StarCoder2.MODEL_TYPE, StarCoder2.ABOUT, StarCoder2::read),
          new Entry(Gpt2.ARCHITECTURE, Gpt2.MODEL_TYPE, Gpt2.ABOUT, Gpt2::read),
          new Entry(Opt.ARCHITECTURE, Opt.MODEL_TYPE, Opt.ABOUT, Opt::read),
          new Entry(
              GptBigCode.ARCHITECTURE, GptBigCode.MODEL_TYPE, GptBigCode.ABOUT, GptBigCode::read),
          new Entry(Falcon.ARCHITECTURE, Falcon.MODEL_TYPE, Falcon.ABOUT, Falcon::read),
          new Entry("RWForCausalLM", "RefinedWeb", Falcon.ABOUT, Falcon::read),
          new Entry("RWForCausalLM", "RefinedWebModel", Falcon.ABOUT, Falcon::read),
          new Entry(Mpt.ARCHITECTURE, Mpt.MODEL_TYPE, Mpt.ABOUT, Mpt::read),
          new Entry("MPTForCausalLM", "mpt", Mpt.ABOUT, Mpt::read),
          new Entry(Qwen.ARCHITECTURE, Qwen.MODEL_TYPE, Qwen.ABOUT, Qwen::read),
          new Entry(Llava.ARCHITECTURE, Llava.MODEL_TYPE, Llava.ABOUT, Llava::read));

  /** The model types that are known, with their architectures. */
  public static Map<String, String> known() {
    Map<String, String> known = new LinkedHashMap<>();
    ALL.forEach(e -> known.put(e.modelType(), e.architecture()));
    return known;
  }

  /** What each family is, once, in the order of the table of families. */
  public static List<About> about() {
    return ALL.stream().map(Entry::about).distinct().toList();
  }

  /** What the family of a configuration is. */
  public static About about(Config config) {
    return entry(config).about();
  }

  /** The architectures by which checkpoints name a family. */
  public static List<String> architectures(About about) {
    return ALL.stream()
        .filter(e -> e.about().equals(about))
        .map(Entry::architecture)
        .distinct()
        .toList();
  }

  /**
   * The family of a configuration, by its {@code architectures}, else its {@code model_type}.
   *
   * @throws IllegalArgumentException if it is unknown (the nearest is named) or a key is wrong
   */
  public static Family read(Config config) {
    Family base = entry(config).read().apply(config);
    Family family =
        config
            .firstOf("architectures")
            .filter(name -> name.endsWith(Scoring.SUFFIX))
            .<Family>map(name -> Scoring.read(config, base, name))
            .orElse(base);
    try {
      family.spec();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(config + ": " + e.getMessage(), e);
    }
    return family;
  }

  private static Entry entry(Config config) {
    Optional<String> architecture =
        config.firstOf("architectures").filter(name -> !name.endsWith(Scoring.SUFFIX));
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
        .orElseThrow(() -> unknown(config, name, architecture.isPresent()));
  }

  private static IllegalArgumentException unknown(
      Config config, String name, boolean architecture) {
    String nearest =
        Nearest.to(name, architecture ? known().values() : known().keySet()).orElseThrow();
    return new IllegalArgumentException(
        "%s: the family \"%s\" is not known; the nearest is \"%s\"; known are %s"
            .formatted(config, name, nearest, known().values()));
  }

  /** The layers that {@code layer_types} gives a window. */
  static DecoderSpec.Layers sliding(List<String> types) {
    return new DecoderSpec.Layers(
        IntStream.range(0, types.size())
            .filter(i -> !types.get(i).equals("sliding_attention"))
            .boxed()
            .collect(Collectors.toSet()));
  }

  /** The layers with experts: every {@code step}-th, but for some. */
  static DecoderSpec.Layers mixing(List<Integer> plain, int step, int layers) {
    return new DecoderSpec.Layers(
        IntStream.range(0, layers)
            .filter(i -> (i + 1) % step != 0 || plain.contains(i))
            .boxed()
            .collect(Collectors.toSet()));
  }

  /** A width that is a multiple of another. */
  static int times(int factor, int width) {
    long product = (long) factor * width;
    if (product > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "config.json: %d times a width of %d is more than anybody has".formatted(factor, width));
    }
    return (int) product;
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

  /** The configuration of a family whose components are the format's keys. */
  static ObjectNode config(String architecture, String modelType, Record family) {
    ObjectNode c = Config.object();
    c.putArray("architectures").add(architecture);
    c.put("model_type", modelType);
    c.put("torch_dtype", "float32");
    Config.writeComponents(c, family);
    return c;
  }

  /** Every name of a family's parameters without a prefix that some published files leave out. */
  static Map<String, String> withoutPrefix(Family family, String prefix) {
    Map<String, String> aliases = new LinkedHashMap<>();
    for (ParameterSpec p : new Decoder(family.spec()).parameters()) {
      String name = family.names().published(p.name());
      if (name.startsWith(prefix)) {
        aliases.put(name.substring(prefix.length()), p.name());
      }
    }
    return aliases;
  }
}
