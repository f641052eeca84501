package dev.gamelan.model.family;

import dev.gamelan.model.Decoder;
import dev.gamelan.model.DecoderSpec;
import dev.gamelan.model.ParameterSpec;
import dev.gamelan.model.vision.VisionSpec;
import dev.gamelan.tensor.Shape;
import dev.gamelan.tensor.spi.Activation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * LLaVA 1.5 (Liu et al., 2023, "Improved baselines with visual instruction tuning"): a CLIP tower
 * (Radford et al., 2021) whose rows, projected by two layers, take the places of image tokens in a
 * decoder of any other family. Published reference: transformers' {@code modeling_llava} and {@code
 * modeling_clip}. Departures: none.
 *
 * <p>The decoder's configuration stands in {@code text_config}, the tower's in {@code
 * vision_config}; both leave out what equals the reference's defaults. Older checkpoints keep the
 * head inside {@code language_model}, newer ones put all but the head under {@code model}.
 *
 * @param text the decoder
 * @param vision_feature_layer the layers that give features, as the configuration counts them:
 *     negative ones from the end, −1 being the last
 * @param vision_feature_select_strategy {@code default} leaves the class row out, {@code full}
 *     keeps it
 */
public record Llava(
    Family text,
    Tower vision_config,
    int image_token_index,
    Activation projector_hidden_act,
    boolean multimodal_projector_bias,
    List<Integer> vision_feature_layer,
    String vision_feature_select_strategy)
    implements Family {
  static final String ARCHITECTURE = "LlavaForConditionalGeneration";
  static final String MODEL_TYPE = "llava";
  static final About ABOUT =
      new About(
          "LLaVA 1.5",
          "Liu et al. 2023",
          "reads images: rows of a CLIP tower, projected by two layers, in place of image tokens of"
              + " a Llama, Mistral or Qwen 2");

  private static final TensorNames TOWER =
      TensorNames.of(
          "vision", "embeddings",
          "vision.patch", "embeddings.patch_embedding",
          "vision.position", "embeddings.position_embedding",
          "vision.pre_norm", "pre_layrnorm",
          "vision.layers.{}.attention.norm", "encoder.layers.{}.layer_norm1",
          "vision.layers.{}.attention.q", "encoder.layers.{}.self_attn.q_proj",
          "vision.layers.{}.attention.k", "encoder.layers.{}.self_attn.k_proj",
          "vision.layers.{}.attention.v", "encoder.layers.{}.self_attn.v_proj",
          "vision.layers.{}.attention.out", "encoder.layers.{}.self_attn.out_proj",
          "vision.layers.{}.mlp.norm", "encoder.layers.{}.layer_norm2",
          "vision.layers.{}.mlp.up", "encoder.layers.{}.mlp.fc1",
          "vision.layers.{}.mlp.down", "encoder.layers.{}.mlp.fc2",
          "vision.post_norm", "post_layernorm");
  private static final TensorNames PROJECTOR =
      TensorNames.of(
          "projector.in", "multi_modal_projector.linear_1",
          "projector.out", "multi_modal_projector.linear_2");

  /** What the reference takes for a decoder whose configuration leaves it out. */
  private static final Map<String, String> TEXT_DEFAULTS =
      Map.of(
          Llama.MODEL_TYPE,
          """
          {"vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 11008,
           "num_hidden_layers": 32, "num_attention_heads": 32, "max_position_embeddings": 2048,
           "bos_token_id": 1, "eos_token_id": 2}
          """,
          Mistral.MODEL_TYPE,
          """
          {"vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 14336,
           "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
           "max_position_embeddings": 131072, "sliding_window": 4096,
           "bos_token_id": 1, "eos_token_id": 2}
          """,
          Qwen2.MODEL_TYPE,
          """
          {"vocab_size": 151936, "hidden_size": 4096, "intermediate_size": 22016,
           "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 32,
           "max_position_embeddings": 32768}
          """);

  /** What the reference takes where there is no {@code vision_config}. */
  private static final String NO_TOWER =
      """
      {"model_type": "clip_vision_model", "hidden_size": 1024, "intermediate_size": 4096,
       "num_hidden_layers": 24, "num_attention_heads": 16, "image_size": 336, "patch_size": 14}
      """;

  /** What the reference takes for a tower whose configuration leaves it out. */
  private static final String TOWER_DEFAULTS =
      """
      {"hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12,
       "num_attention_heads": 12, "num_channels": 3, "image_size": 224, "patch_size": 32}
      """;

  /** The configuration of a CLIP tower. */
  public record Tower(
      int hidden_size,
      int intermediate_size,
      int num_hidden_layers,
      int num_attention_heads,
      int num_channels,
      int image_size,
      int patch_size,
      Activation hidden_act,
      double layer_norm_eps) {
    private static Tower read(Config given) {
      String type = given.text("model_type").orElse("clip_vision_model");
      given.require(
          type.equals("clip_vision_model"),
          "model_type",
          "clip_vision_model, the only tower that is known");
      Config c = given.over(TOWER_DEFAULTS);
      return new Tower(
          c.count("hidden_size"),
          c.count("intermediate_size"),
          c.count("num_hidden_layers"),
          c.count("num_attention_heads"),
          c.count("num_channels"),
          c.count("image_size"),
          c.count("patch_size"),
          c.activation("quick_gelu", "hidden_act"),
          c.number(1e-5, "layer_norm_eps"));
    }
  }

  static Llava read(Config c) {
    Tower tower =
        Tower.read(
            c.child("vision_config").orElseGet(() -> Config.of(c + ": vision_config", NO_TOWER)));
    List<Integer> layers = c.integers("vision_feature_layer").orElse(List.of(-2));
    for (int layer : layers) {
      c.require(
          layer >= -tower.num_hidden_layers() - 1 && layer <= tower.num_hidden_layers(),
          "vision_feature_layer",
          "between %d and %d, the tower's layers"
              .formatted(-tower.num_hidden_layers() - 1, tower.num_hidden_layers()));
    }
    String strategy = c.text("vision_feature_select_strategy").orElse("default");
    c.require(
        strategy.equals("default") || strategy.equals("full"),
        "vision_feature_select_strategy",
        "\"default\" or \"full\"");
    return new Llava(
        text(c),
        tower,
        c.optionalCount("image_token_index", "image_token_id").orElse(32000),
        c.activation("gelu", "projector_hidden_act"),
        c.flag(true, "multimodal_projector_bias"),
        layers,
        strategy);
  }

  private static Family text(Config c) {
    Config text = c.child("text_config").orElseGet(() -> Config.of(c + ": text_config", "{}"));
    String type = text.text("model_type").orElse(Llama.MODEL_TYPE);
    String defaults = TEXT_DEFAULTS.getOrDefault(type, "{}");
    if (c.has("tie_word_embeddings")) {
      // What stands beside text_config holds only where text_config says nothing.
      text =
          text.over(
              "{\"tie_word_embeddings\": %s}".formatted(c.flag(false, "tie_word_embeddings")));
    }
    Family family =
        Families.read(
            text.over(defaults).over("{\"model_type\": \"%s\"}".formatted(Llama.MODEL_TYPE)));
    text.require(!(family instanceof Llava), "model_type", "a decoder of text");
    return family;
  }

  @Override
  public DecoderSpec spec() {
    Tower t = vision_config;
    List<Integer> layers = new ArrayList<>();
    for (int layer : vision_feature_layer) {
      layers.add(layer < 0 ? t.num_hidden_layers() + 1 + layer : layer);
    }
    DecoderSpec decoder = text.spec();
    if (image_token_index >= decoder.vocabulary()) {
      throw new IllegalArgumentException(
          "config.json: image_token_index is %d; it must be below vocab_size %d"
              .formatted(image_token_index, decoder.vocabulary()));
    }
    return decoder.reading(
        new VisionSpec(
            t.num_channels(),
            t.image_size(),
            t.patch_size(),
            t.hidden_size(),
            t.num_hidden_layers(),
            t.num_attention_heads(),
            t.intermediate_size(),
            t.hidden_act(),
            (float) t.layer_norm_eps(),
            layers,
            vision_feature_select_strategy.equals("full"),
            projector_hidden_act,
            multimodal_projector_bias,
            image_token_index));
  }

  @Override
  public TensorNames names() {
    return text.names()
        .prefixed("language_model.")
        .and(TOWER.prefixed("vision_tower.vision_model."))
        .and(PROJECTOR);
  }

  /** The names since transformers 4.52, and those in memory since 5. */
  @Override
  public Map<String, String> aliases() {
    Map<String, String> aliases = new LinkedHashMap<>();
    TensorNames names = names();
    for (ParameterSpec p : new Decoder(spec()).parameters()) {
      String old = names.published(p.name());
      if (old.startsWith("language_model.model.")) {
        aliases.put("model." + old.replaceFirst("\\.model\\.", "."), p.name());
      } else if (old.startsWith("language_model.")) {
        aliases.put(old.substring("language_model.".length()), p.name());
      } else {
        aliases.put("model." + old, p.name());
        if (old.startsWith("vision_tower.")) {
          aliases.put("model." + old.replaceFirst("\\.vision_model\\.", "."), p.name());
        }
      }
    }
    text.aliases().forEach((alias, ours) -> aliases.put("language_model." + alias, ours));
    return aliases;
  }

  @Override
  public List<String> ignored() {
    List<String> ignored = new ArrayList<>(text.ignored());
    ignored.add(".embeddings.position_ids");
    return ignored;
  }

  /** The embedding of patches is kept as the convolution that it is. */
  @Override
  public Shape publishedShape(String name, Shape shape) {
    Tower t = vision_config;
    return name.equals("vision.patch.weight")
        ? new Shape(t.hidden_size(), t.num_channels(), t.patch_size(), t.patch_size())
        : text.publishedShape(name, shape);
  }

  @Override
  public Optional<Integer> eos() {
    return text.eos();
  }

  @Override
  public Optional<Integer> bos() {
    return text.bos();
  }

  @Override
  public ObjectNode config() {
    ObjectNode c = Config.object();
    c.putArray("architectures").add(ARCHITECTURE);
    c.put("model_type", MODEL_TYPE);
    c.put("torch_dtype", "float32");
    c.put("image_token_index", image_token_index);
    c.put("image_seq_length", spec().vision().orElseThrow().features());
    c.put("projector_hidden_act", Config.activationName(projector_hidden_act));
    c.put("multimodal_projector_bias", multimodal_projector_bias);
    if (vision_feature_layer.size() == 1) {
      c.put("vision_feature_layer", vision_feature_layer.getFirst());
    } else {
      ArrayNode layers = c.putArray("vision_feature_layer");
      vision_feature_layer.forEach(layers::add);
    }
    c.put("vision_feature_select_strategy", vision_feature_select_strategy);
    c.put("tie_word_embeddings", text.spec().tied());
    c.set("text_config", text.config());
    ObjectNode tower = c.putObject("vision_config");
    tower.put("model_type", "clip_vision_model");
    Config.writeComponents(tower, vision_config);
    return c;
  }
}
