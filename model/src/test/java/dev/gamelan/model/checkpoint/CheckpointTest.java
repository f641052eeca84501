package dev.gamelan.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.model.Decoder;
import dev.gamelan.model.ParameterSpec;
import dev.gamelan.model.family.Config;
import dev.gamelan.model.family.Families;
import dev.gamelan.model.family.Family;
import dev.gamelan.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class CheckpointTest {
  private static final String LLAMA =
      """
      {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 16,
       "hidden_size": 8, "intermediate_size": 12, "num_hidden_layers": 2,
       "num_attention_heads": 2, "max_position_embeddings": 32}
      """;

  @TempDir Path folder;
  private Family family;
  private Map<String, Tensor> tensors;

  @BeforeEach
  void save_a_checkpoint() {
    family = read(LLAMA);
    tensors = tensors(family);
    Checkpoint.save(folder, family, tensors);
  }

  private static Family read(String json) {
    return Families.read(new Config("test", JsonMapper.builder().build().readTree(json)));
  }

  private static Map<String, Tensor> tensors(Family family) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    int n = 0;
    for (ParameterSpec p : new Decoder(family.spec()).parameters()) {
      Tensor t = Tensor.zeros(p.shape().extents());
      for (long i = 0; i < t.elements(); i++) {
        t.set(i / t.columns(), i % t.columns(), n++ * 0.001f);
      }
      tensors.put(p.name(), t);
    }
    return tensors;
  }

  private AbstractThrowableAssert<?, ? extends Throwable> assertRefused() {
    return assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(folder.toString());
  }

  private Map<String, Tensor> published() {
    Map<String, Tensor> published = new LinkedHashMap<>();
    tensors.forEach((name, t) -> published.put(family.names().published(name), t));
    return published;
  }

  private void write(Map<String, Tensor> published) {
    Safetensors.write(folder.resolve("model.safetensors"), published, Map.of());
  }

  private void config(String key, String value) throws Exception {
    JsonMapper mapper = JsonMapper.builder().build();
    Path file = folder.resolve("config.json");
    ObjectNode config = (ObjectNode) mapper.readTree(file.toFile());
    config.set(key, mapper.readTree(value));
    Files.writeString(file, config.toString());
  }

  @Test
  void what_is_saved_is_opened_again() {
    Checkpoint opened = Checkpoint.open(folder);

    assertThat(opened.family()).isEqualTo(family);
    assertThat(opened.tensors().keySet()).containsExactlyElementsOf(tensors.keySet());
    tensors.forEach(
        (name, t) -> assertThat(opened.tensors().get(name).toFloats()).isEqualTo(t.toFloats()));
  }

  @Test
  void a_path_that_is_no_model_says_what_is_expected() throws Exception {
    Path file = Files.writeString(folder.resolve("notes.txt"), "hello");

    assertThatThrownBy(() -> Checkpoint.open(folder.resolve("absent")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("there is no such path")
        .hasMessageContaining("config.json");
    assertThatThrownBy(() -> Checkpoint.open(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("begins as no model does");
  }

  @Test
  void a_missing_configuration_and_missing_weights_are_named() throws Exception {
    Files.delete(folder.resolve("model.safetensors"));
    assertRefused().hasMessageContaining("model.safetensors.index.json");

    Files.delete(folder.resolve("config.json"));
    assertRefused().hasMessageContaining("config.json is missing");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "no json", "[]", "3", "{\"hidden_size\": 8} x"})
  void a_configuration_that_is_no_object_is_refused(String text) throws Exception {
    Files.writeString(folder.resolve("config.json"), text);

    assertRefused().hasMessageContaining("config.json");
  }

  @Test
  void an_unknown_family_names_the_nearest() throws Exception {
    config("architectures", "[\"LamaForCausalLM\"]");
    assertRefused()
        .hasMessageContaining("\"LamaForCausalLM\" is not known")
        .hasMessageContaining("the nearest is \"LlamaForCausalLM\"");

    config("architectures", "null");
    config("model_type", "\"gpt_neo\"");
    assertRefused().hasMessageContaining("the nearest is \"gpt_neox\"");

    config("model_type", "null");
    assertRefused().hasMessageContaining("neither architectures nor model_type");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "hidden_size | \"8\"",
        "hidden_size | 8.5",
        "hidden_size | 0",
        "hidden_size | -8",
        "hidden_size | 99999999999",
        "hidden_size | null",
        "num_attention_heads | []",
        "rms_norm_eps | \"small\"",
        "tie_word_embeddings | 1",
        "hidden_act | \"snake\"",
        "hidden_act | 5",
        "rope_scaling | 5",
        "rope_scaling | {\"rope_type\": \"magic\"}",
        "rope_scaling | {\"rope_type\": \"linear\"}",
        "rope_scaling | {\"rope_type\": \"linear\", \"factor\": 0.5}",
        "rope_scaling | {\"rope_type\": \"linear\", \"factor\": \"4\"}",
        "eos_token_id | \"x\"",
        "head_dim | 3",
        "num_key_value_heads | 3"
      })
  void a_key_of_a_wrong_type_or_an_impossible_value_is_refused(String key, String value)
      throws Exception {
    config(key, value);

    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .matches("(?s).*(config|decoder).*");
  }

  @Test
  void missing_and_surplus_tensors_are_listed() {
    Map<String, Tensor> published = published();
    published.remove("model.layers.1.mlp.up_proj.weight");
    published.put("model.layers.2.mlp.up_proj.weight", Tensor.zeros(2, 2));
    write(published);

    assertRefused()
        .hasMessageContaining("1 tensors are missing [model.layers.1.mlp.up_proj.weight]")
        .hasMessageContaining("1 are surplus [model.layers.2.mlp.up_proj.weight]");
  }

  @Test
  void a_tensor_of_another_shape_is_named_with_both_shapes() {
    Map<String, Tensor> published = published();
    published.put("model.norm.weight", Tensor.zeros(9));
    write(published);

    assertRefused()
        .hasMessageContaining("model.norm.weight")
        .hasMessageContaining("[9]")
        .hasMessageContaining("[8]");
  }

  @Test
  void tensors_without_weights_are_passed_over() {
    Map<String, Tensor> published = published();
    published.put("model.layers.0.self_attn.rotary_emb.inv_freq", Tensor.zeros(2));
    write(published);

    assertThat(Checkpoint.open(folder).tensors()).hasSameSizeAs(tensors);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        LLAMA,
        """
        {"model_type": "gpt_neox", "vocab_size": 16, "hidden_size": 16, "intermediate_size": 12,
         "num_hidden_layers": 1, "num_attention_heads": 2, "max_position_embeddings": 32}
        """
      })
  void a_head_that_is_saved_although_it_is_the_embedding_is_passed_over(String json)
      throws Exception {
    ObjectNode config = (ObjectNode) JsonMapper.builder().build().readTree(json);
    family = read(config.put("tie_word_embeddings", true).toString());
    tensors = tensors(family);
    Checkpoint.save(folder, family, tensors);
    Map<String, Tensor> published = published();
    published.put(family.names().published("head.weight"), tensors.get("embedding.weight"));
    write(published);

    assertThat(Checkpoint.open(folder).tensors()).doesNotContainKey("head.weight");
  }

  @Test
  void shards_are_found_through_their_index() throws Exception {
    shard("b.safetensors");

    Checkpoint opened = Checkpoint.open(folder);

    tensors.forEach(
        (name, t) -> assertThat(opened.tensors().get(name).toFloats()).isEqualTo(t.toFloats()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"../b.safetensors", "/etc/passwd", "", "sub/b.safetensors", ".", ".."})
  void shards_outside_the_folder_are_refused(String name) throws Exception {
    shard(name);

    assertRefused().hasMessageContaining("must be a file beside the index");
  }

  @Test
  void a_missing_shard_and_an_index_without_a_map_are_named() throws Exception {
    shard("c.safetensors");
    assertRefused().hasMessageContaining("c.safetensors is missing");

    Files.writeString(folder.resolve("model.safetensors.index.json"), "{\"weight_map\": []}");
    assertRefused().hasMessageContaining("weight_map");

    Files.writeString(folder.resolve("model.safetensors.index.json"), "{");
    assertRefused().hasMessageContaining("no JSON");
  }

  @Test
  void a_tensor_that_its_shard_lacks_is_named() throws Exception {
    shard("a.safetensors");

    assertRefused().hasMessageContaining("there is no tensor");
  }

  /** Puts the tensors into two shards, and calls the second one {@code second} in the index. */
  private void shard(String second) throws Exception {
    Map<String, Tensor> first = new LinkedHashMap<>();
    Map<String, Tensor> rest = new LinkedHashMap<>();
    ObjectNode index = JsonMapper.builder().build().createObjectNode();
    ObjectNode map = index.putObject("weight_map");
    published()
        .forEach(
            (name, t) -> {
              boolean one = name.contains("layers.0");
              (one ? first : rest).put(name, t);
              map.put(name, one ? "a.safetensors" : second);
            });
    Safetensors.write(folder.resolve("a.safetensors"), first, Map.of());
    Safetensors.write(folder.resolve("b.safetensors"), rest, Map.of());
    Files.writeString(folder.resolve("model.safetensors.index.json"), index.toString());
    Files.delete(folder.resolve("model.safetensors"));
  }
}
