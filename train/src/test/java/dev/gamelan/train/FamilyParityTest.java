package dev.gamelan.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.model.Decoder;
import dev.gamelan.model.adapter.Lora;
import dev.gamelan.model.checkpoint.Checkpoint;
import dev.gamelan.model.checkpoint.Safetensors;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Backends;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every family runs as in the reference: logits, gradients, AdamW, greedy tokens, saving. */
class FamilyParityTest {
  /** Every folder beside this test, on both backends. */
  static Stream<Arguments> families() throws Exception {
    return folders().flatMap(f -> Stream.of(Arguments.of(f, "scalar"), Arguments.of(f, "vector")));
  }

  static Stream<String> folders() throws Exception {
    try (Stream<Path> folders = Files.list(own(""))) {
      return folders.map(f -> f.getFileName().toString()).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("families")
  void a_family_equals_its_reference_in_every_row(String family, String backend) throws Exception {
    List<Parity.Row> rows = check(own(family), backend);

    assertThat(rows).allMatch(Parity.Row::holds);
    assertThat(rows.stream().map(Parity.Row::what))
        .contains("tensors that saving changes")
        .containsAll(expectedRows(own(family).resolve("expected.safetensors")));
  }

  /** A row for everything that the reference holds. */
  private static Set<String> expectedRows(Path reference) {
    Set<String> rows = new TreeSet<>();
    for (String name : Safetensors.open(reference).names()) {
      switch (name) {
        case "input_ids", "attention_mask", "pixel_values" -> {}
        case "greedy" -> rows.add("greedy tokens that differ");
        case "adamw_losses" -> rows.add("adamw losses");
        case "adamw_grad_norms" -> rows.add("adamw gradient norms");
        default -> rows.add(name);
      }
    }
    assertThat(rows).containsAnyOf("logits", "scores");
    return rows;
  }

  /** The references that hold no more than the results of a forward pass. */
  private static final Set<String> FORWARD_ONLY =
      Set.of("llama1-bf16-sharded", "llama1-bin", "llama2-gqa-lora", "llama-reward");

  @ParameterizedTest
  @MethodSource("folders")
  void every_other_reference_holds_the_whole_contract(String family) throws Exception {
    Set<String> rows = expectedRows(own(family).resolve("expected.safetensors"));
    boolean scores = rows.contains("scores");
    if (!FORWARD_ONLY.contains(family)) {
      assertThat(rows).contains("loss").hasSizeGreaterThan(6);
      assertThat(rows.contains("greedy tokens that differ")).isEqualTo(!scores);
    }
  }

  /** Nothing of a checkpoint is counted twice or left out. */
  static Stream<String> models() throws Exception {
    List<String> models = new ArrayList<>();
    for (String folder : folders().toList()) {
      if (!Lora.is(own(folder))) {
        models.add(folder);
      }
    }
    return models.stream();
  }

  @ParameterizedTest
  @MethodSource("models")
  void the_number_of_parameters_is_that_of_the_checkpoint(String family) throws Exception {
    Path folder = own(family);
    Checkpoint checkpoint = Checkpoint.open(folder);
    long here = checkpoint.tensors().values().stream().mapToLong(Tensor::elements).sum();

    assertThat(new Decoder(checkpoint.family().spec()).parameterCount()).isEqualTo(here);
    Path single = folder.resolve("model.safetensors");
    if (Files.exists(single)) {
      Safetensors file = Safetensors.open(single);
      long inFile =
          file.names().stream()
              .filter(name -> checkpoint.family().ignored().stream().noneMatch(name::endsWith))
              .mapToLong(name -> file.tensor(name).elements())
              .sum();
      assertThat(inFile).isEqualTo(here);
    }
  }

  /** The fixture in the layout of the first release, whose weights are fused. */
  @Test
  void olmo_in_its_original_layout_computes_what_the_fixture_says(@TempDir Path folder)
      throws Exception {
    Safetensors hf = Safetensors.open(own("olmo").resolve("model.safetensors"));
    Map<String, Tensor> original = new LinkedHashMap<>();
    original.put("model.transformer.wte.weight", hf.tensor("model.embed_tokens.weight"));
    for (int i = 0; i < 2; i++) {
      String from = "model.layers." + i + ".";
      String to = "model.transformer.blocks." + i + ".";
      original.put(
          to + "att_proj.weight",
          below(
              hf.tensor(from + "self_attn.q_proj.weight"),
              hf.tensor(from + "self_attn.k_proj.weight"),
              hf.tensor(from + "self_attn.v_proj.weight")));
      original.put(to + "attn_out.weight", hf.tensor(from + "self_attn.o_proj.weight"));
      original.put(
          to + "ff_proj.weight",
          below(hf.tensor(from + "mlp.up_proj.weight"), hf.tensor(from + "mlp.gate_proj.weight")));
      original.put(to + "ff_out.weight", hf.tensor(from + "mlp.down_proj.weight"));
    }
    String config =
        """
        {"architectures": ["OLMoForCausalLM"], "model_type": "hf_olmo", "d_model": 32,
         "n_heads": 4, "n_layers": 2, "mlp_ratio": 8, "mlp_hidden_size": 176, "vocab_size": 150,
         "embedding_size": 160, "max_sequence_length": 64, "weight_tying": true, "rope": true,
         "activation_type": "swiglu", "block_type": "sequential", "layer_norm_type": "default",
         "layer_norm_with_affine": false, "include_bias": false, "clip_qkv": null}
        """;
    write(folder, config, original, own("olmo"));

    assertThat(check(folder, "scalar")).hasSize(6).allMatch(Parity.Row::holds);
    assertThat(check(folder, "vector")).hasSize(6).allMatch(Parity.Row::holds);
  }

  /** As OpenAI's GPT-2 and Meta's OPT were first published: without the outermost prefix. */
  @ParameterizedTest
  @CsvSource({"gpt2, transformer.", "galactica, model."})
  void names_of_the_first_releases_without_their_prefix_load(
      String family, String prefix, @TempDir Path folder) throws Exception {
    Safetensors model = Safetensors.open(own(family).resolve("model.safetensors"));
    Map<String, Tensor> bare = new LinkedHashMap<>();
    for (String name : model.names()) {
      assertThat(name).startsWith(prefix);
      bare.put(name.substring(prefix.length()), model.tensor(name));
    }
    write(folder, Files.readString(own(family).resolve("config.json")), bare, own(family));

    assertThat(check(folder, "vector")).hasSize(6).allMatch(Parity.Row::holds);
  }

  /** RedPajama-INCITE is what Falcon is when it has biases, all key heads, and no ALiBi. */
  @Test
  void falcon_one_part_after_the_other_computes_what_redpajama_does(@TempDir Path folder)
      throws Exception {
    Path redpajama = own("redpajama-incite");
    Safetensors neox = Safetensors.open(redpajama.resolve("model.safetensors"));
    Map<String, Tensor> falcon = new LinkedHashMap<>();
    for (String name : neox.names()) {
      if (!name.endsWith("inv_freq")
          && !name.endsWith("attention.bias")
          && !name.endsWith("masked_bias")) {
        falcon.put(
            name.replace("gpt_neox.embed_in", "transformer.word_embeddings")
                .replace("gpt_neox.final_layer_norm", "transformer.ln_f")
                .replace("gpt_neox.layers.", "transformer.h.")
                .replace(".attention.", ".self_attention.")
                .replace("embed_out", "lm_head"),
            neox.tensor(name));
      }
    }
    String config =
        """
        {"architectures": ["FalconForCausalLM"], "model_type": "falcon", "hidden_size": 32,
         "num_attention_heads": 4, "num_hidden_layers": 2, "vocab_size": 160,
         "max_position_embeddings": 64, "alibi": false, "bias": true, "multi_query": false,
         "parallel_attn": false, "new_decoder_architecture": false,
         "tie_word_embeddings": false}
        """;
    write(folder, config, falcon, redpajama);

    assertThat(check(folder, "vector")).hasSize(6).allMatch(Parity.Row::holds);
  }

  /** A checkpoint, and of its reference what doesn't depend on the names of parameters. */
  private static void write(Path folder, String config, Map<String, Tensor> model, Path reference)
      throws IOException {
    Files.writeString(folder.resolve("config.json"), config);
    Safetensors.write(folder.resolve("model.safetensors"), model, Map.of());
    Safetensors all = Safetensors.open(reference.resolve("expected.safetensors"));
    Map<String, Tensor> expected = new LinkedHashMap<>();
    all.names().stream()
        .filter(name -> !name.startsWith("grad."))
        .forEach(name -> expected.put(name, all.tensor(name)));
    Safetensors.write(folder.resolve("expected.safetensors"), expected, Map.of());
  }

  /** Matrices one below the other. */
  private static Tensor below(Tensor... parts) {
    long rows = Stream.of(parts).mapToLong(Tensor::rows).sum();
    Tensor all = Tensor.zeros(rows, parts[0].columns());
    long at = 0;
    for (Tensor part : parts) {
      for (long r = 0; r < part.rows(); r++, at++) {
        for (long c = 0; c < part.columns(); c++) {
          all.set(at, c, part.get(r, c));
        }
      }
    }
    return all;
  }

  @ParameterizedTest
  @CsvSource({
    "logits, logits",
    "loss, loss",
    "grad.model.layers.1.mlp.down_proj.weight, grad.model.layers.1.mlp.down_proj.weight",
    "adamw_losses, adamw losses",
    "adamw_grad_norms, adamw gradient norms",
    "greedy, greedy tokens that differ"
  })
  void one_wrong_value_in_the_reference_fails_its_row_and_no_other(
      String doctored, String row, @TempDir Path folder) throws Exception {
    Path own = own("llama1");
    Files.copy(own.resolve("config.json"), folder.resolve("config.json"));
    Files.copy(own.resolve("model.safetensors"), folder.resolve("model.safetensors"));
    Map<String, Tensor> expected = new LinkedHashMap<>();
    Safetensors reference = Safetensors.open(own.resolve("expected.safetensors"));
    for (String name : reference.names()) {
      expected.put(name, reference.tensor(name));
    }
    expected.computeIfPresent(doctored, (name, t) -> changed(t));
    Safetensors.write(folder.resolve("expected.safetensors"), expected, Map.of());

    assertThat(check(folder, "vector").stream().filter(r -> !r.holds()).map(Parity.Row::what))
        .containsExactly(row);
  }

  private static Tensor changed(Tensor t) {
    Tensor copy = Tensor.allocate(java.lang.foreign.Arena.ofAuto(), t.dtype(), t.shape().extents());
    copy.segment().copyFrom(t.segment());
    long column = t.columns() - 1;
    if (t.dtype() == dev.gamelan.tensor.DType.I32) {
      copy.setInt(t.rows() - 1, column, t.getInt(t.rows() - 1, column) ^ 1);
    } else {
      copy.set(t.rows() - 1, column, t.get(t.rows() - 1, column) * 1.01f + 0.01f);
    }
    return copy;
  }

  @Test
  void a_folder_without_a_reference_is_named(@TempDir Path folder) throws Exception {
    Path own = own("pythia");
    Files.copy(own.resolve("config.json"), folder.resolve("config.json"));
    Files.copy(own.resolve("model.safetensors"), folder.resolve("model.safetensors"));

    assertThatThrownBy(() -> check(folder, "scalar"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(folder.toString())
        .hasMessageContaining("expected.safetensors is missing");
  }

  @Test
  void a_reference_of_another_model_is_an_error_that_names_what_does_not_fit(@TempDir Path folder)
      throws IOException, URISyntaxException {
    Path own = own("pythia");
    Files.copy(own.resolve("config.json"), folder.resolve("config.json"));
    Files.copy(own.resolve("model.safetensors"), folder.resolve("model.safetensors"));
    Files.copy(
        own("llama1").resolve("expected.safetensors"), folder.resolve("expected.safetensors"));

    assertThatThrownBy(() -> check(folder, "scalar"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the reference has");
  }

  private static Path own(String family) throws URISyntaxException {
    return Path.of(FamilyParityTest.class.getResource("/families/" + family).toURI());
  }

  private static List<Parity.Row> check(Path folder, String backend) {
    try (Kernels kernels = Backends.open(Optional.of(backend), 2, ComputeMode.F32)) {
      return Parity.check(folder, kernels);
    }
  }
}
