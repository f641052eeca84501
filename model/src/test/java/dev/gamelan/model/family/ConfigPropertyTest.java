package dev.gamelan.model.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.gamelan.model.Decoder;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Whatever a configuration says, it is either a family or an error that says what is wrong. */
class ConfigPropertyTest {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  /** Keys of every family, small enough to be counted at once. */
  private static final String ALL =
      """
      {"vocab_size": 61, "hidden_size": 32, "d_model": 32, "n_embd": 32, "intermediate_size": 48,
       "ffn_dim": 48, "num_attention_heads": 4, "n_heads": 4, "n_head": 4, "num_hidden_layers": 2,
       "n_layers": 2, "n_layer": 2, "max_position_embeddings": 64, "max_seq_len": 64,
       "max_sequence_length": 64, "n_positions": 64, "seq_length": 32, "num_key_value_heads": 2,
       "head_dim": 8, "rms_norm_eps": 1e-6, "layer_norm_eps": 1e-5, "layer_norm_epsilon": 1e-5,
       "norm_epsilon": 1e-5, "rope_theta": 10000.0, "rotary_pct": 0.5, "rotary_emb_base": 10000,
       "kv_channels": 8, "sliding_window": 8, "use_sliding_window": true, "max_window_layers": 1,
       "layer_types": ["sliding_attention", "full_attention"], "clip_qkv": 8.0, "num_experts": 4,
       "num_local_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 12,
       "shared_expert_intermediate_size": 12, "decoder_sparse_step": 1, "mlp_only_layers": [0],
       "router_aux_loss_coef": 0.01, "output_router_logits": true, "expansion_ratio": 2,
       "word_embed_proj_dim": 16, "n_inner": 40, "ffn_hidden_size": 40, "num_kv_heads": 2,
       "mlp_ratio": 4, "hidden_act": "silu", "tie_word_embeddings": true, "bos_token_id": 1,
       "eos_token_id": [2, 3], "pad_token_id": 0, "id2label": {"0": "good"},
       "image_token_index": 60,
       "rope_scaling": {"rope_type": "yarn", "factor": 4.0, "beta_fast": 32, "beta_slow": 1,
         "original_max_position_embeddings": 16, "attention_factor": 1.1},
       "attn_config": {"alibi": true, "alibi_bias_max": 8, "qk_ln": true, "clip_qkv": 6.0,
         "softmax_scale": 0.2}}""";

  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "0",
          "-1",
          "-2147483648",
          "1",
          "3",
          "7",
          "2147483647",
          "2147483648",
          "9223372036854775807",
          "1e308",
          "-1e308",
          "1e400",
          "1e-300",
          "0.5",
          "-0.5",
          "\"NaN\"",
          "\"Infinity\"",
          "\"\"",
          "\"default\"",
          "\"dynamic\"",
          "\"llama3\"",
          "\"linear\"",
          "[]",
          "[-1]",
          "[4294967296]",
          "[\"full_attention\"]",
          "[null]",
          "{}",
          "{\"rope_type\": \"dynamic\", \"factor\": 1e300}",
          "{\"rope_type\": \"linear\"}",
          "{\"rope_type\": 3}");

  record Change(String key, String value) {}

  @Provide
  Arbitrary<List<Change>> changes() {
    List<String> keys = new ArrayList<>();
    JsonNode all = MAPPER.readTree(ALL);
    all.properties()
        .forEach(
            e -> {
              keys.add(e.getKey());
              e.getValue()
                  .properties()
                  .forEach(inner -> keys.add(e.getKey() + "/" + inner.getKey()));
            });
    return Combinators.combine(Arbitraries.of(keys), Arbitraries.of(VALUES))
        .as(Change::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(3);
  }

  @Provide
  Arbitrary<String> architectures() {
    List<String> all = new ArrayList<>(Families.known().values());
    all.add("LlamaForSequenceClassification");
    return Arbitraries.of(all);
  }

  /** So that the property below is about its changes. */
  @Property
  void the_configuration_without_changes_is_read(@ForAll("architectures") String architecture) {
    ObjectNode json = (ObjectNode) MAPPER.readTree(ALL);
    json.putArray("architectures").add(architecture);
    json.put("model_type", "llama");

    assertThat(Families.read(new Config("here/config.json", json))).isNotNull();
  }

  @Property(tries = 1000)
  void a_configuration_is_read_or_refused_with_a_reason(
      @ForAll("architectures") String architecture, @ForAll("changes") List<Change> changes) {
    ObjectNode json = (ObjectNode) MAPPER.readTree(ALL);
    json.putArray("architectures").add(architecture);
    json.put(
        "model_type",
        Families.known().entrySet().stream()
            .filter(e -> e.getValue().equals(architecture))
            .findFirst()
            .map(java.util.Map.Entry::getKey)
            .orElse("llama"));
    for (Change change : changes) {
      String[] path = change.key().split("/");
      JsonNode at = path.length == 1 ? json : json.path(path[0]);
      if (at instanceof ObjectNode object) {
        object.set(path[path.length - 1], MAPPER.readTree(change.value()));
      }
    }
    try {
      Family family = Families.read(new Config("here/config.json", json));
      Decoder decoder = new Decoder(family.spec());
      assertThat(decoder.parameterCount()).isPositive();
      assertThat(Families.read(new Config("again", family.config()))).isEqualTo(family);
    } catch (IllegalArgumentException e) {
      assertThat(e.getMessage()).hasSizeGreaterThan(20).contains("config.json");
    } catch (RuntimeException e) {
      fail("%s of %s with %s".formatted(e, architecture, changes), e);
    }
  }
}
