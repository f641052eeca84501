package dev.gamelan.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class SelectionTest {
  private static List<HubFile> files(String... paths) {
    return Stream.of(paths).map(p -> new HubFile(p, 1, "0".repeat(40), Optional.empty())).toList();
  }

  private static List<String> chosen(String name, Selection selection, String... paths) {
    return selection.of(HubName.parse(name, HubName.Kind.MODEL), files(paths)).stream()
        .map(HubFile::path)
        .toList();
  }

  private static List<String> usual(String... paths) {
    return chosen("hf:a/b", Selection.USUAL, paths);
  }

  @Test
  void safetensors_come_before_pickles_and_other_frameworks_stay() {
    assertThat(
            usual(
                ".gitattributes",
                "README.md",
                "LICENSE",
                "config.json",
                "generation_config.json",
                "tokenizer.json",
                "tokenizer_config.json",
                "special_tokens_map.json",
                "vocab.json",
                "merges.txt",
                "chat_template.jinja",
                "model.safetensors",
                "pytorch_model.bin",
                "flax_model.msgpack",
                "tf_model.h5",
                "onnx/model.onnx",
                "training_args.bin"))
        .contains("README.md", "LICENSE", "merges.txt", "chat_template.jinja", "model.safetensors")
        .doesNotContain(
            ".gitattributes",
            "pytorch_model.bin",
            "flax_model.msgpack",
            "tf_model.h5",
            "onnx/model.onnx",
            "training_args.bin")
        .hasSize(11);
  }

  @Test
  void shards_come_with_their_index_and_without_the_consolidated_copy() {
    assertThat(
            usual(
                "config.json",
                "consolidated.safetensors",
                "model-00001-of-00002.safetensors",
                "model-00002-of-00002.safetensors",
                "model.safetensors.index.json",
                "pytorch_model-00001-of-00001.bin"))
        .containsExactly(
            "config.json",
            "model-00001-of-00002.safetensors",
            "model-00002-of-00002.safetensors",
            "model.safetensors.index.json");
  }

  @Test
  void pickles_are_taken_where_there_is_nothing_else() {
    assertThat(usual("config.json", "pytorch_model.bin", "optimizer.bin"))
        .containsExactly("config.json", "pytorch_model.bin");
    assertThat(usual("params.json", "consolidated.00.pth", "tokenizer.model"))
        .contains("consolidated.00.pth", "params.json", "tokenizer.model");
  }

  @Test
  void an_adapter_is_a_model_too() {
    assertThat(usual("adapter_config.json", "adapter_model.safetensors"))
        .containsExactly("adapter_config.json", "adapter_model.safetensors");
  }

  @Test
  void the_usual_quantization_is_taken_unless_another_is_named() {
    String[] paths = {
      "README.md", "M-7B.Q8_0.gguf", "M-7B.Q4_K_M.gguf", "M-7B.Q4_K_S.gguf", "mmproj-M-F16.gguf"
    };
    assertThat(usual(paths)).containsExactly("README.md", "M-7B.Q4_K_M.gguf");
    assertThat(chosen("hf:a/b:q8_0", Selection.USUAL, paths)).containsExactly("M-7B.Q8_0.gguf");
    assertThat(chosen("hf:a/b:M-7B.Q4_K_S.gguf", Selection.USUAL, paths))
        .containsExactly("M-7B.Q4_K_S.gguf");
    assertThatThrownBy(() -> chosen("hf:a/b:Q5_0", Selection.USUAL, paths))
        .hasMessageContainingAll("'Q5_0'", "Q8_0", "Q4_K_M", "Q4_K_S");
  }

  @Test
  void a_single_gguf_needs_no_name_and_several_do() {
    assertThat(usual("a-f16.gguf")).containsExactly("a-f16.gguf");
    assertThatThrownBy(() -> usual("a-f16.gguf", "a-q8_0.gguf"))
        .hasMessageContainingAll("say which", "hf:a/b:F16", "Q8_0");
  }

  @Test
  void all_shards_of_a_gguf_come_together() {
    String[] paths = {
      "Q8_0/M-Q8_0-00001-of-00002.gguf",
      "Q8_0/M-Q8_0-00002-of-00002.gguf",
      "Q6_K/M-Q6_K-00001-of-00001.gguf"
    };
    assertThat(chosen("hf:a/b:Q8_0", Selection.USUAL, paths))
        .containsExactly("Q8_0/M-Q8_0-00001-of-00002.gguf", "Q8_0/M-Q8_0-00002-of-00002.gguf");
  }

  @Test
  void two_files_of_one_quantization_must_be_told_apart() {
    assertThatThrownBy(() -> chosen("hf:a/b:Q8_0", Selection.USUAL, "x-q8_0.gguf", "y-q8_0.gguf"))
        .hasMessageContainingAll("x-q8_0.gguf", "y-q8_0.gguf", "name one");
  }

  @Test
  void patterns_choose_and_leave_out() {
    Selection json = new Selection(false, List.of("*.json"), List.of("sub/"));
    assertThat(chosen("hf:a/b", json, "a.json", "x/b.json", "sub/c.json", "d.bin"))
        .containsExactly("a.json", "x/b.json");
    Selection all = new Selection(true, List.of(), List.of("*.bin", "[!a]?.h5"));
    assertThat(chosen("hf:a/b", all, "a.json", "x.bin", "xy.h5", "ay.h5"))
        .containsExactly("a.json", "ay.h5");
    assertThatThrownBy(
            () -> chosen("hf:a/b", new Selection(false, List.of("*.x"), List.of()), "a.json"))
        .hasMessageContainingAll("*.x", "a.json");
    assertThatThrownBy(() -> new Selection(true, List.of("*"), List.of()))
        .hasMessageContaining("--all");
  }

  @Test
  void a_dataset_is_taken_whole() {
    assertThat(chosen("hf:datasets/a/b", Selection.USUAL, "x.parquet", "sub/y.jsonl")).hasSize(2);
  }

  @Test
  void a_repository_without_weights_says_what_it_has() {
    assertThatThrownBy(() -> usual("config.json", "model.onnx"))
        .hasMessageContainingAll("no weights", "model.onnx", "--all");
  }
}
