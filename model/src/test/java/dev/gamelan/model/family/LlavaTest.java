package dev.gamelan.model.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.model.Decoder;
import dev.gamelan.model.ParameterSpec;
import dev.gamelan.model.vision.VisionSpec;
import dev.gamelan.tensor.Shape;
import dev.gamelan.tensor.spi.Activation;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/** LLaVA's keys, defaults and names, old and new. */
class LlavaTest {
  private static Llava read(String json) {
    return (Llava) Families.read(new Config("test", JsonMapper.builder().build().readTree(json)));
  }

  private static Llava llava(String more) {
    return read("{\"architectures\": [\"LlavaForConditionalGeneration\"]" + more + "}");
  }

  private static VisionSpec vision(Llava llava) {
    return llava.spec().vision().orElseThrow();
  }

  /** The configuration beside llava-hf/llava-1.5-7b-hf leaves most keys to defaults. */
  @Test
  void a_published_configuration_of_few_keys_has_the_defaults_of_the_reference() {
    Llava llava =
        llava(
            """
            , "ignore_index": -100, "image_token_index": 32000, "pad_token_id": 32001,
            "text_config": {"architectures": ["LlamaForCausalLM"], "max_position_embeddings": 4096,
              "model_type": "llama", "rms_norm_eps": 1e-05, "vocab_size": 32064},
            "vision_config": {"hidden_size": 1024, "image_size": 336, "intermediate_size": 4096,
              "model_type": "clip_vision_model", "num_attention_heads": 16,
              "num_hidden_layers": 24, "patch_size": 14, "vocab_size": 32000}
            """);

    assertThat(new Decoder(llava.spec()).parameterCount()).isEqualTo(7_063_427_072L);
    assertThat(vision(llava))
        .isEqualTo(
            new VisionSpec(
                3,
                336,
                14,
                1024,
                24,
                16,
                4096,
                Activation.QUICK_GELU,
                1e-5f,
                List.of(23),
                false,
                Activation.GELU,
                true,
                32000));
    assertThat(vision(llava).features()).isEqualTo(576);
    assertThat(llava.eos()).contains(2);
    assertThat(llava(", \"image_token_index\": 31999").vision_config())
        .isEqualTo(llava.vision_config());
  }

  @Test
  void a_mistral_or_a_qwen_may_stand_behind_the_tower() {
    Llava mistral =
        llava(
            ", \"text_config\": {\"model_type\": \"mistral\", \"vocab_size\": 32003,"
                + " \"sliding_window\": null}");

    assertThat(mistral.text()).isInstanceOf(Mistral.class);
    assertThat(mistral.spec().attention().kvHeads()).isEqualTo(8);
    assertThat(mistral.spec().attention().window()).isZero();
    assertThat(llava(", \"text_config\": {\"model_type\": \"qwen2\"}").text())
        .isInstanceOf(Qwen2.class);
  }

  @Test
  void layers_are_counted_from_either_end_and_the_class_row_stays_where_asked() {
    assertThat(vision(llava(small(""))).featureLayers()).containsExactly(23);
    assertThat(vision(llava(small(", \"vision_feature_layer\": [0, -25, -1, 7]"))).featureLayers())
        .containsExactly(0, 0, 24, 7);
    VisionSpec full = vision(llava(small(", \"vision_feature_select_strategy\": \"full\"")));
    assertThat(full.features()).isEqualTo(577);
  }

  private static String small(String more) {
    return ", \"text_config\": {\"vocab_size\": 32064}" + more;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        ", \"vision_feature_layer\": 25        | vision_feature_layer is 25; it must be between -25 and 24",
        ", \"vision_feature_layer\": []        | vision_feature_layer is []",
        ", \"vision_feature_select_strategy\": \"cls\" | vision_feature_select_strategy is \"cls\"; it must be \"default\" or \"full\"",
        ", \"vision_config\": {\"model_type\": \"siglip_vision_model\"} | model_type is \"siglip_vision_model\"; it must be clip_vision_model",
        ", \"projector_hidden_act\": \"glu\"   | projector_hidden_act is \"glu\"",
        ", \"text_config\": {\"model_type\": \"llavva\"} | the nearest is \"llava\""
      })
  void what_is_not_there_is_refused_by_its_key(String more, String message) {
    assertThatThrownBy(() -> llava(more))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void an_image_token_outside_the_vocabulary_is_refused() {
    assertThatThrownBy(() -> llava(""))
        .hasMessageContaining("image_token_index is 32000; it must be below vocab_size 32000");
  }

  @Test
  void the_names_of_all_releases_are_known() {
    Llava llava = llava(small(""));
    Map<String, String> aliases = llava.aliases();

    assertThat(llava.names().published("vision.class_embedding"))
        .isEqualTo("vision_tower.vision_model.embeddings.class_embedding");
    assertThat(llava.names().published("layers.3.mlp.up.weight"))
        .isEqualTo("language_model.model.layers.3.mlp.up_proj.weight");
    assertThat(aliases)
        .containsEntry("lm_head.weight", "head.weight")
        .containsEntry("model.language_model.embed_tokens.weight", "embedding.weight")
        .containsEntry("model.multi_modal_projector.linear_1.bias", "projector.in.bias")
        .containsEntry(
            "model.vision_tower.vision_model.encoder.layers.2.mlp.fc1.bias",
            "vision.layers.2.mlp.up.bias")
        .containsEntry(
            "model.vision_tower.encoder.layers.2.mlp.fc1.bias", "vision.layers.2.mlp.up.bias");
    for (ParameterSpec p : new Decoder(llava.spec()).parameters()) {
      assertThat(aliases).containsValue(p.name());
    }
    assertThat(llava.ignored()).contains(".embeddings.position_ids");
  }

  @Test
  void the_embedding_of_patches_is_kept_as_a_convolution() {
    Llava llava = llava(small(""));

    assertThat(llava.publishedShape("vision.patch.weight", new Shape(1024, 588)))
        .isEqualTo(new Shape(1024, 3, 14, 14));
    assertThat(llava.publishedShape("projector.in.weight", new Shape(4096, 1024)))
        .isEqualTo(new Shape(4096, 1024));
  }

  @Test
  void a_configuration_survives_writing_and_reading() {
    Llava llava = llava(small(", \"vision_feature_layer\": [-2, 3]"));

    assertThat(Families.read(new Config("written", llava.config()))).isEqualTo(llava);
  }
}
