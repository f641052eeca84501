package dev.gamelan.app.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code families} and {@code plan}. */
final class ModelFamiliesTest {
  private static JsonNode plan(String... more) {
    String[] words = new String[more.length + 3];
    words[0] = "plan";
    words[1] = "--json";
    words[2] = "--preset";
    System.arraycopy(more, 0, words, 3, more.length);
    Captured run = Captured.run("", words);
    assertThat(run.status()).as(run.err()).isZero();
    return JsonMapper.builder().build().readTree(run.out());
  }

  @Test
  void the_table_in_the_docs_is_what_the_command_prints() throws Exception {
    String docs = Files.readString(Path.of("../docs/families.md"));
    String begin = "<!-- families: begin -->\n";
    String shown =
        docs.substring(
            docs.indexOf(begin) + begin.length(), docs.indexOf("<!-- families: end -->"));

    assertThat(shown)
        .as("docs/families.md: put in what ./gamelan families --markdown prints")
        .isEqualTo(Captured.run("", "families", "--markdown").out());
  }

  @Test
  void every_family_is_listed_with_its_architecture_and_presets() {
    assertThat(Captured.run("", "families").out())
        .contains("Mixtral", "MixtralForCausalLM", "mixtral-8x7b", "llama2-70b", "RWForCausalLM");
  }

  @Test
  void llama_2_70b_has_its_published_size_and_cache() {
    JsonNode plan = plan("llama2-70b", "--context", "4096");

    assertThat(plan.get("parameters").longValue()).isEqualTo(68_976_648_192L);
    assertThat(plan.get("weight_bytes").get("bf16").longValue()).isEqualTo(137_953_296_384L);
    // layers · (keys and values) · key heads · head dim · positions · f32
    assertThat(plan.get("kv_cache_bytes").longValue()).isEqualTo(80L * 2 * 8 * 128 * 4096 * 4);
    double products = 2.0 * (68_976_648_192L - 32000L * 8192);
    double attention = 80 * 4.0 * 2048 * 8192;
    assertThat(plan.get("forward_flops_a_token").doubleValue())
        .isCloseTo(products + attention, within(0.002 * products));
    assertThat(plan.get("training_flops_a_token").doubleValue())
        .isCloseTo(3 * products + 3.5 * attention, within(0.002 * products));
    assertThat(plan.get("training_bytes").longValue())
        .isEqualTo(16 * 68_976_648_192L + plan.get("training_activation_bytes").longValue());
  }

  @Test
  void a_batch_multiplies_the_cache_and_leaves_the_work_of_a_token() {
    JsonNode one = plan("pythia-160m", "--context", "512");
    JsonNode four = plan("pythia-160m", "--context", "512", "--batch", "4");

    assertThat(four.get("kv_cache_bytes").longValue())
        .isEqualTo(4 * one.get("kv_cache_bytes").longValue());
    assertThat(four.get("forward_flops_a_token").doubleValue())
        .isCloseTo(
            one.get("forward_flops_a_token").doubleValue(),
            within(1e-9 * one.get("forward_flops_a_token").doubleValue()));
  }

  @Test
  void the_work_of_experts_is_that_of_the_chosen_ones() {
    JsonNode plan = plan("mixtral-8x7b", "--context", "1024");

    // 12.9e9 parameters work on a token (Jiang et al., 2024), the embedding's 0.13e9 aside.
    assertThat(plan.get("forward_flops_a_token").doubleValue())
        .isCloseTo(2 * 12.75e9 + 32 * 4.0 * 512 * 4096, within(0.5e9));
  }

  @Test
  void a_window_bounds_the_cache() {
    assertThat(plan("mistral-7b", "--context", "32768").get("kv_cache_bytes").longValue())
        .isEqualTo(32L * 2 * 8 * 128 * (4096 + 128 + 2 * 32) * 4); // and a page begun at each end
  }

  @Test
  void the_table_for_people_names_everything() {
    Captured run = Captured.run("", "plan", "--preset", "olmo-1b");

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("1,176,764,416", "keys and values", "weights bf16", "training", "work a token");
  }

  @Test
  void wrong_presets_contexts_and_batches_are_refused_with_the_remedy() {
    Captured unknown = Captured.run("", "plan", "--preset", "lama2-70b");
    assertThat(unknown.status()).isEqualTo(2);
    assertThat(unknown.err()).contains("llama2-70b", "gamelan families");
    Captured context = Captured.run("", "plan", "--preset", "gpt2-124m", "--context", "1025");
    assertThat(context.status()).isEqualTo(2);
    assertThat(context.err()).contains("1025", "1024");
    assertThat(Captured.run("", "plan", "--preset", "gpt2-124m", "--batch", "0").status())
        .isEqualTo(2);
  }

  @Test
  void a_model_is_planned_from_its_configuration_alone(@TempDir Path folder) throws Exception {
    Files.writeString(
        folder.resolve("config.json"),
        """
        {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 64,
         "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 4,
         "num_key_value_heads": 2, "vocab_size": 100, "max_position_embeddings": 128,
         "rms_norm_eps": 1e-5, "tie_word_embeddings": false}
        """);
    Captured run = Captured.run("", "plan", "--model", folder.toString(), "--json");

    assertThat(run.status()).as(run.err()).isZero();
    JsonNode plan = JsonMapper.builder().build().readTree(run.out());
    assertThat(plan.get("parts").get("embedding").longValue()).isEqualTo(100 * 64);
    assertThat(plan.get("parts").get("head").longValue()).isEqualTo(100 * 64);
    assertThat(plan.get("parts").get("attention").longValue())
        .isEqualTo(2 * (2 * 64 * 64 + 2 * 64 * 32));
    assertThat(plan.get("parts").get("mlp").longValue()).isEqualTo(2 * 3 * 64 * 96);
    assertThat(plan.get("parts").get("norms").longValue()).isEqualTo(5 * 64);
    assertThat(plan.get("parameters").longValue())
        .isEqualTo(plan.get("parts").valueStream().mapToLong(JsonNode::longValue).sum());
    assertThat(plan.get("context").intValue()).isEqualTo(128);
  }

  @Test
  void experts_are_a_part_of_their_own() {
    JsonNode parts = plan("mixtral-8x7b", "--context", "16").get("parts");

    // 32 layers of 8 experts of three matrices, and the router.
    assertThat(parts.get("experts").longValue())
        .isEqualTo(32L * (8 * 3 * 4096 * 14336L + 8 * 4096));
    assertThat(parts.has("mlp")).isFalse();
  }

  @Test
  void one_of_preset_and_model_is_needed_and_the_batch_has_a_bound() {
    assertThat(Captured.run("", "plan").err()).contains("--preset", "--model");
    assertThat(Captured.run("", "plan", "--preset", "gpt2-124m", "--model", "x").status())
        .isEqualTo(2);
    Captured batch = Captured.run("", "plan", "--preset", "gpt2-124m", "--batch", "2000000000");
    assertThat(batch.status()).isEqualTo(2);
    assertThat(batch.err()).contains("2000000000", "at most");
    assertThat(Captured.run("", "plan", "--model", "nowhere").status()).isEqualTo(2);
  }
}
